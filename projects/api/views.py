from typing import cast
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from accounts.api.serializers import MemberSerializer
from accounts.choices import WRITING_ROLES, Role
from accounts.models import Membership, Team, User
from accounts.permissions import RoleAllows
from accounts.services import personal_team
from config.http.conditional import etag
from config.http.filters import SEARCH
from config.http.serializers import sent
from config.http.viewsets import ModelViewSet, ReadOnlyModelViewSet
from projects import services
from projects.api.filters import ProjectFilterSet
from projects.api.serializers import ProjectDuplicateSerializer, ProjectSerializer
from projects.caching import project_tag
from projects.models import Project, TeamProjects
from projects.querysets import ProjectQuerySet


class ProjectViewSet(ModelViewSet):
    """Projects of the user's teams."""

    queryset = Project.objects.none()
    cache_name = "projects"
    serializer_class = ProjectSerializer
    permission_classes = [IsAuthenticated, RoleAllows]
    filterset_class = ProjectFilterSet
    search_fields = ["name"]
    ordering_fields = ["name", "created_at", "updated_at"]
    ordering = ["-updated_at"]

    def cache_tags(self) -> tuple[str, ...]:
        return (project_tag(self.kwargs["pk"]),) if "pk" in self.kwargs else ()

    def list_queryset(self, user: User, **kwargs: UUID) -> QuerySet[Project]:
        return Project.objects.visible_to(user).for_list()

    def narrowed(self, queryset: QuerySet[Project], *, cursor: str | None) -> QuerySet[Project]:
        # Of other filters a team's first few may be far down its index; of one team there is nothing to merge.
        if self._asked() - {"stage"}:
            return queryset
        wanted = self.filter_queryset(Project.objects.all())
        if cursor is not None:
            wanted = self.paginator.rows_after(wanted, cursor)
        return cast(ProjectQuerySet, queryset).first_of_teams(wanted, self.request.user)

    def total(self, queryset: QuerySet[Project]) -> RawSQL:
        if self._asked() - {"stage", "team"}:
            return super().total(queryset)
        asked = self.request.query_params
        # Blanks ask for nothing, as to the filter.
        team = asked.get("team", "").strip()
        return TeamProjects.objects.visible_total(
            self.request.user, team=UUID(team) if team else None, stage=asked.get("stage") or None
        )

    def _asked(self) -> set[str]:
        """The filters that the list is asked for by."""
        return {*self.filterset_class.base_filters, SEARCH} & {*self.request.query_params}

    def get_queryset(self) -> QuerySet[Project]:
        return Project.objects.visible_to(self.request.user).for_detail()

    def etag_of(self, instance: Project) -> str:
        maker = instance.created_by.display_name if instance.created_by else ""
        return etag(instance.pk, instance.version, instance.my_role, instance.team.name, maker)

    def perform_create(self, serializer: BaseSerializer) -> None:
        user = cast(User, self.request.user)
        fields = dict(serializer.validated_data)
        team = self._writable(fields.pop("team", None)) or personal_team(user)
        serializer.instance = services.project_create(user=user, team=team, **fields)

    def perform_update(self, serializer: BaseSerializer) -> None:
        project = cast(Project, serializer.instance)
        changes = dict(serializer.validated_data)
        if "team" in changes and changes["team"].pk != project.team_id:
            if project.my_role != Role.OWNER:
                raise PermissionDenied("Only an owner of the team may move a project out of it.")
            self._writable(changes["team"])
        serializer.instance = services.project_update(project=project, **changes)

    def perform_destroy(self, instance: Project) -> None:
        services.project_delete(project=instance)

    @extend_schema(request=ProjectDuplicateSerializer, responses={201: ProjectSerializer})
    @action(detail=True, methods=["post"])
    def duplicate(self, request: Request, pk: str) -> Response:
        """A copy with everything under it."""
        project = self.get_object()
        given = sent(request, ProjectDuplicateSerializer, context=self.get_serializer_context())
        copy = services.project_duplicate(
            project=project,
            user=cast(User, request.user),
            team=self._writable(given.get("team")) or project.team,
            name=given.get("name"),
        )
        instance = self.fresh(copy)
        return self.detail_response(instance, status=201, headers=self.location_of(instance))

    @staticmethod
    def _writable(team: Team | None) -> Team | None:
        if team is not None and team.my_role not in WRITING_ROLES:
            raise PermissionDenied("Your role in that team only lets you read.")
        return team


class ProjectMemberViewSet(ReadOnlyModelViewSet):
    """Who may see a project: the members of its team, each with their role."""

    queryset = Membership.objects.none()
    serializer_class = MemberSerializer
    ordering = ["user__name", "user__email"]

    def list_queryset(self, user: User, **kwargs: UUID) -> QuerySet[Membership]:
        projects = Project.objects.visible_to(user).filter(pk=kwargs["project_id"])
        return Membership.objects.filter(team__in=projects.values("team")).for_list()

    def check_parent(self) -> None:
        get_object_or_404(Project.objects.visible_to(self.request.user).only("id"), pk=self.kwargs["project_id"])
