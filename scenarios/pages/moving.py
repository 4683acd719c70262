"""A project goes to another team: what that means is said first, and there is a way back."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.choices import WRITING_ROLES, Role
from projects.models import Project, ShareLink
from projects.services import project_update
from scenarios.models import Scenario
from scenarios.pages.access import user_of, writable_project

NO_SUCH_TEAM = "You cannot put projects into that team."


@login_required
@require_http_methods(["GET", "POST"])
def project_move_page(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Says who will see the project and who no longer, and moves it; for owners, into teams that they may write in."""
    if request.method == "GET":
        return _page(request, _movable(request, project_id))
    with transaction.atomic():
        project = _movable(request, project_id, is_locked=True)
        if request.POST.get("was") != str(project.team_id):
            return _page(request, project, fault=f"It is in {project.team.name} meanwhile.", status=412)
        team = next((one for one in _others(request, project) if str(one.pk) == request.POST.get("team")), None)
        if team is None:
            return _page(request, project, fault=NO_SUCH_TEAM, status=422)
        left = project.team_id
        project_update(project=project, team=team)
    return redirect(f"{reverse('project', args=[project.pk])}?left={left}")


def _movable(request: HttpRequest, project_id: UUID, *, is_locked: bool = False) -> Project:
    project = writable_project(request, project_id, is_locked=is_locked)
    if project.my_role != Role.OWNER:
        raise PermissionDenied("Only an owner of the team may move a project out of it.")
    return project


def _others(request: HttpRequest, project: Project) -> list[Any]:
    """The other teams that the user may write in, each with ``my_role``."""
    teams = user_of(request).my_teams()
    return [team for team in teams if team.pk != project.team_id and team.my_role in WRITING_ROLES]


def _page(request: HttpRequest, project: Project, *, fault: str = "", status: int = 200) -> HttpResponse:
    teams = _others(request, project)
    context = {
        "project": project,
        "teams": teams,
        "not_owned": [team.name for team in teams if team.my_role != Role.OWNER],
        "chosen": request.POST.get("team", ""),
        "scenario_count": Scenario.objects.filter(project=project).count(),
        "link_count": ShareLink.objects.filter(project=project).live().count(),
        "fault": fault,
        "section": "projects",
    }
    return render(request, "scenarios/projects/move.html", context, status=status)


def way_back(request: HttpRequest, project: Project) -> dict[str, Any]:
    """For the page of a project that has just left the team ``?left=``: that team, if it may go back there."""
    asked = request.GET.get("left")
    if asked is None or project.my_role != Role.OWNER:
        return {}
    return {"left": next((team for team in _others(request, project) if str(team.pk) == asked), None)}
