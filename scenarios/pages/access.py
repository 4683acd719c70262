"""What a page may show to whom: strangers get 404, and who may only read is refused a write with 403."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from accounts.choices import WRITING_ROLES
from accounts.models import User
from projects.models import Project
from scenarios.models import Scenario
from scenarios.querysets import ScenarioQuerySet

type Visible = Project | Scenario


def user_of(request: HttpRequest) -> User:
    """Who is signed in; pages are behind ``login_required``."""
    assert isinstance(request.user, User)
    return request.user


def may_write(found: Visible) -> bool:
    """Whether the user that ``visible_to`` was asked for may change it."""
    return found.my_role in WRITING_ROLES


def check_writable(found: Visible) -> None:
    """Raise PermissionDenied for who may only read."""
    if not may_write(found):
        raise PermissionDenied("Your role in the team only lets you read.")


def project_of(request: HttpRequest, project_id: UUID) -> Project:
    """The project, if it is of the user's teams."""
    return get_object_or_404(Project.objects.visible_to(request.user).for_detail(), pk=project_id)


def writable_project(request: HttpRequest, project_id: UUID, *, is_locked: bool = False) -> Project:
    """The project, if the user may change it; ``is_locked``: until the transaction ends."""
    visible = Project.objects.visible_to(request.user).for_detail()
    project: Project = get_object_or_404(
        visible.select_for_update(of=("self",)) if is_locked else visible, pk=project_id
    )
    check_writable(project)
    return project


def writable_scenario(request: HttpRequest, scenario_id: UUID) -> Scenario:
    """The scenario as it is listed, if the user may change it."""
    visible: ScenarioQuerySet = Scenario.objects.visible_to(request.user).for_list()
    scenario: Scenario = get_object_or_404(visible, pk=scenario_id)
    check_writable(scenario)
    return scenario
