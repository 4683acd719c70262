"""Share links over HTTP, for those who write the project."""

from datetime import datetime
from typing import Any, ClassVar, cast

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.serializers import UserBriefSerializer
from accounts.models import User
from config.http.problems import Problem
from config.http.serializers import WireModelSerializer, sent
from config.http.viewsets import ReadOnlyModelViewSet
from projects import sharing
from projects.access import writable_project
from projects.models import Project, ShareLink


class ShareLinkSerializer(WireModelSerializer):
    """A link that shows the project to whoever has it. What it is found by is told once, when it is made."""

    created_by = UserBriefSerializer(read_only=True, allow_null=True)

    class Meta:
        model = ShareLink
        fields: ClassVar[list[str]] = [
            "id", "name", "created_by", "created_at", "expires_at", "revoked_at", "last_used_at",
        ]  # fmt: skip
        read_only_fields: ClassVar[list[str]] = ["revoked_at", "last_used_at"]

    def validate_expires_at(self, value: datetime) -> datetime:
        if not timezone.now() < value <= timezone.now() + sharing.LONGEST:
            raise serializers.ValidationError(f"Must be within {sharing.LONGEST.days} days from now.", "out_of_range")
        return value


class NewShareLinkSerializer(ShareLinkSerializer):
    """A link that has just been made, with its addresses."""

    token = serializers.CharField(read_only=True)
    url = serializers.CharField(read_only=True, help_text="The page that shows the project, as a path of this host.")
    api = serializers.CharField(read_only=True, help_text="The same for programs.")

    class Meta(ShareLinkSerializer.Meta):
        fields: ClassVar[list[str]] = [*ShareLinkSerializer.Meta.fields, "token", "url", "api"]


class ShareLinkViewSet(ReadOnlyModelViewSet):
    """Links that show a project read-only, also to who has no account."""

    queryset = ShareLink.objects.none()
    serializer_class = ShareLinkSerializer
    ordering_fields: ClassVar[list[str]] = ["created_at", "expires_at", "last_used_at"]
    ordering: ClassVar[list[str]] = ["-created_at"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.project = writable_project(request.user, self.kwargs["project_id"])

    def get_queryset(self) -> QuerySet[ShareLink]:
        return ShareLink.objects.filter(project_id=self.kwargs["project_id"]).for_list()

    @extend_schema(request=ShareLinkSerializer, responses={201: NewShareLinkSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a link. Its token and addresses are in this answer and nowhere else."""
        user, given = cast(User, request.user), sent(request, ShareLinkSerializer)
        try:
            link, token = sharing.share_link_create(project=self.project, user=user, **given)
        except sharing.TooManyLinks:
            raise Problem(409, "Too many links", sharing.TOO_MANY, "too-many-links") from None
        except Project.DoesNotExist:
            raise Http404 from None
        made: Any = link
        made.token, made.url, made.api = token, reverse("shared-page", args=[token]), reverse("shared", args=[token])
        return Response(NewShareLinkSerializer(made).data, status=201, headers={"Cache-Control": "no-store"})

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Revoke a link: the next request with it finds nothing."""
        sharing.share_link_revoke(link=self.get_object())
        return Response(status=204)
