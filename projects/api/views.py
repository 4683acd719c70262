from typing import cast

from django.db.models import QuerySet
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
from config.http.viewsets import ModelViewSet, ReadOnlyModelViewSet
from projects import services
from projects.api.filters import ProjectFilterSet
from projects.api.serializers import ProjectDuplicateSerializer, ProjectSerializer
from projects.caching import project_tag
from projects.models import Project


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

    def get_queryset(self) -> QuerySet[Project]:
        visible = Project.objects.visible_to(self.request.user)
        return visible.for_list() if self.action == "list" else visible.for_detail()

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
        serializer = ProjectDuplicateSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        copy = services.project_duplicate(
            project=project,
            user=cast(User, request.user),
            team=self._writable(serializer.validated_data.get("team")) or project.team,
            name=serializer.validated_data.get("name"),
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

    def get_queryset(self) -> QuerySet[Membership]:
        visible = Project.objects.visible_to(self.request.user)
        project = get_object_or_404(visible.only("team"), pk=self.kwargs["project_id"])
        return Membership.objects.filter(team_id=project.team_id).for_list()
