"""A project goes to another team from its page: who may, what is said before, and the way back."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.choices import Role
from accounts.models import User
from projects.models import Project
from projects.sharing import share_link_create
from scenarios.models import Scenario
from tests.factories import team_make, user_make
from tests.fixtures import signed_in
from tests.scenarios.pages import text_of

pytestmark = pytest.mark.django_db


def move(browser: Client, project: Project, team: Any, **sent: Any) -> Any:
    return browser.post(f"/projects/{project.pk}/move", {"team": team.pk, "was": project.team_id, **sent})


def test_what_moving_means_is_said_before(browser: Client, project: Project, scenario: Scenario, user: User) -> None:
    team_make((user, Role.EDITOR), name="Kerteh")
    team_make((user, Role.VIEWER), name="Only read")
    share_link_create(project=project, user=user, name="Bank", expires_at=timezone.now() + timedelta(days=1))

    said = browser.get(f"/projects/{project.pk}/move").text

    assert "1 scenario" in text_of(said)
    assert "Its 1 share link stops working" in text_of(said)
    assert "You are not an owner of Kerteh" in text_of(said)
    assert "Only read" not in said


def test_a_project_moves_and_moves_back(browser: Client, project: Project, user: User) -> None:
    there = team_make((user, Role.OWNER), name="Kerteh")

    moved = browser.get(move(browser, project, there).url)

    assert Project.objects.get(pk=project.pk).team_id == there.pk
    assert f"Moved from {project.team.name} to Kerteh." in text_of(moved.text)
    back = move(browser, project, project.team, was=there.pk)
    assert Project.objects.get(pk=project.pk).team_id == project.team_id
    assert back.url == f"/projects/{project.pk}?left={there.pk}"


def test_no_way_back_is_offered_where_there_is_none(browser: Client, project: Project, user: User) -> None:
    there = team_make((user, Role.EDITOR), (user_make(), Role.OWNER), name="Kerteh")

    moved = browser.get(move(browser, project, there).url)

    assert "Undo" not in text_of(moved.text)


@pytest.mark.parametrize("role", [Role.VIEWER, None])
def test_a_team_one_may_not_write_in_takes_no_project(
    browser: Client, project: Project, user: User, role: Role | None
) -> None:
    there = team_make((user_make(), Role.OWNER), *([(user, role)] if role else []), name="Kerteh")

    answer = move(browser, project, there)

    assert answer.status_code == 422
    assert "You cannot put projects into that team." in text_of(answer.text)
    assert Project.objects.get(pk=project.pk).team_id == project.team_id


def test_a_project_that_has_moved_meanwhile_stays_where_it_is(browser: Client, project: Project, user: User) -> None:
    there, elsewhere = (team_make((user, Role.OWNER), name=name) for name in ("Kerteh", "Rotterdam"))
    move(browser, project, elsewhere)

    answer = move(browser, project, there)

    assert answer.status_code == 412
    assert "It is in Rotterdam meanwhile." in text_of(answer.text)
    assert Project.objects.get(pk=project.pk).team_id == elsewhere.pk


@pytest.mark.parametrize("method", ["get", "post"])
def test_editors_may_not_move_and_are_not_offered_it(project: Project, editor: User, method: str) -> None:
    browser = signed_in(editor)
    there = team_make((editor, Role.OWNER), name="Kerteh")

    sent = {"team": there.pk, "was": project.team_id}

    assert getattr(browser, method)(f"/projects/{project.pk}/move", sent).status_code == 403
    assert "Move to another team" not in browser.get(f"/projects/{project.pk}").text
    assert Project.objects.get(pk=project.pk).team_id == project.team_id


def test_strangers_find_nothing_to_move(project: Project, other_user: User) -> None:
    assert signed_in(other_user).get(f"/projects/{project.pk}/move").status_code == 404
