"""What becomes of the projects of a team that ends with its only owner; accounts asks."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count, QuerySet

from accounts.models import Team
from projects.models import Project
from projects.services import project_delete, project_update


class TeamProjects:
    """The projects of teams, as ``accounts.services.register_holdings`` takes them."""

    def count(self, *, teams: Sequence[UUID]) -> dict[UUID, int]:
        counted = Project.objects.filter(team__in=teams).order_by().values_list("team").annotate(number=Count("pk"))
        return dict(counted)

    def move(self, *, source: Team, target: Team) -> None:
        for project in self._locked(source):
            project_update(project=project, team=target)

    def delete(self, *, team: Team) -> None:
        for project in self._locked(team):
            project_delete(project=project)

    @staticmethod
    def _locked(team: Team) -> QuerySet[Project]:
        return Project.objects.filter(team=team).select_for_update().order_by("pk")
