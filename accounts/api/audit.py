"""The audit of a team as its owners read it."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django_filters.fields import IsoDateTimeField
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import get_object_or_404
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.choices import Action, Kind, Role, Via
from accounts.models import AuditEntry, Team
from accounts.sentences import sentence
from accounts.services import entries_merged
from config.http.filters import WireFilterSet
from config.http.pagination import PageNumberPagination
from config.http.rendering import NdjsonRenderer
from config.http.serializers import WireModelSerializer, WireSerializer
from config.http.viewsets import ReadOnlyModelViewSet


class ChangeSerializer(WireSerializer):
    """What was at a path before and after; null where there was nothing."""

    path = serializers.CharField()
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class ActorSerializer(WireSerializer):
    id = serializers.UUIDField(source="actor")
    name = serializers.CharField(source="actor_name", help_text="As it was then.")


class TargetSerializer(WireSerializer):
    id = serializers.UUIDField(source="target")
    label = serializers.CharField(help_text="What it was called then.")  # type: ignore[assignment]


class AuditEntrySerializer(WireModelSerializer):
    """A change, or what one person typed into one scenario within five minutes, from first to last."""

    kind = serializers.ChoiceField(Kind.choices)
    action = serializers.ChoiceField(Action.choices)
    via = serializers.ChoiceField(Via.choices)
    since = serializers.DateTimeField(help_text="When the first of the saves was made, ``at`` being the last.")
    saves = serializers.IntegerField(help_text="How many saves the entry stands for.")
    actor = serializers.SerializerMethodField(help_text="Null where a command did it.")
    target = TargetSerializer(source="*")
    project_id = serializers.UUIDField(source="project", allow_null=True)
    changes = ChangeSerializer(many=True)
    summary = serializers.SerializerMethodField(help_text="The change as a sentence.")

    class Meta:
        model = AuditEntry
        fields: ClassVar[list[str]] = [
            "id", "at", "since", "saves", "actor", "via", "request_id", "kind", "action", "target", "project_id",
            "changes", "summary",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(ActorSerializer(allow_null=True))
    def get_actor(self, entry: AuditEntry) -> Any:
        return None if entry.actor is None else ActorSerializer(entry).data

    def get_summary(self, entry: AuditEntry) -> str:
        return sentence(entry)


class AuditFilterSet(WireFilterSet):
    kind = django_filters.MultipleChoiceFilter(choices=Kind.choices)
    person = django_filters.UUIDFilter(field_name="actor", help_text="Id of the user who did it.")
    after = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte", help_text="From this time on.")
    before = django_filters.IsoDateTimeFilter(field_name="at", lookup_expr="lt", help_text="Until this time.")

    class Meta:
        model = AuditEntry
        fields: ClassVar[list[str]] = []


class AuditPagination(PageNumberPagination):
    """Counts and pages what is read as one as one."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        return entries_merged(super().paginate_queryset(queryset, request, view))


class AuditViewSet(ReadOnlyModelViewSet):
    """Who changed what, when, from what to what, the newest first; for owners of the team."""

    queryset = AuditEntry.objects.none()
    serializer_class = AuditEntrySerializer
    filterset_class = AuditFilterSet
    ordering: ClassVar[list[str]] = ["-id"]

    pagination_class = AuditPagination
    is_selectable = False

    def get_renderers(self) -> list[BaseRenderer]:
        # A stream would tell each save of what is read as one.
        return [made for made in super().get_renderers() if not isinstance(made, NdjsonRenderer)]

    def filter_queryset(self, queryset: Any) -> QuerySet[Any]:
        found: Any = super().filter_queryset(queryset)
        before = self.request.query_params.get("before")
        heads: QuerySet[Any] = found.for_list(before=IsoDateTimeField().clean(before) if before else None)
        return heads

    def page_response(self) -> Response:
        return self.page_by_serializer()


class TeamAuditViewSet(AuditViewSet):
    def get_queryset(self) -> QuerySet[AuditEntry]:
        team = get_object_or_404(Team.objects.visible_to(self.request.user), pk=self.kwargs["team_id"])
        owners_only(team)
        return AuditEntry.objects.filter(team=team.pk)


def owners_only(seen: Any) -> None:
    """Raise PermissionDenied unless the user owns the team that ``seen`` (with ``my_role``) is or stands in."""
    if seen.my_role != Role.OWNER:
        raise PermissionDenied("Only owners of the team may see who changed what.")
