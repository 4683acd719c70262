"""Deleting an account: nothing is lost that nobody said was to be."""

from typing import Any

import pytest
from django.db.models import ProtectedError
from django.test import Client
from rest_framework.test import APIClient

from accounts.choices import Role
from accounts.models import Membership, SignIn, Team, User
from accounts.services import personal_team
from projects.models import Project
from tests.accounts.mails import delivered
from tests.factories import PASSWORD, project_make, team_make, user_make
from tests.fixtures import api_client

pytestmark = pytest.mark.django_db

URL = "/api/v1/auth/me/deletion"


@pytest.fixture
def ada() -> User:
    return user_make(email="ada@example.com", password=PASSWORD, name="Ada")


def ended(user: User, *teams: dict[str, Any], password: str = PASSWORD) -> Any:
    return api_client(user).post(URL, {"password": password, "teams": list(teams)})


def choice(team: Team, end: str, to: Any = None) -> dict[str, Any]:
    return {"team": str(team.pk), "end": end} | ({} if to is None else {"to": str(to.pk)})


def test_who_has_nothing_is_asked_nothing(ada: User) -> None:
    client = api_client(ada)
    plan = client.get(URL).json()

    answer = client.post(URL, {"password": PASSWORD})

    assert [(one["isAsked"], one["projects"]) for one in plan["teams"]] == [(False, 0)]
    assert answer.status_code == 204
    assert (User.objects.count(), Team.objects.count(), SignIn.objects.count()) == (0, 0, 0)
    assert client.get("/api/v1/auth/me").status_code == 401
    assert [(message.to, message.subject) for message in delivered()] == [
        (["ada@example.com"], "Your SAFAPAC account is deleted")
    ]


def test_the_password_is_asked(ada: User) -> None:
    answer = ended(ada, password="wrong")

    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("password", "wrong")]
    assert User.objects.filter(pk=ada.pk).exists()


def test_what_is_asked_is_said(ada: User) -> None:
    bob = user_make(name="Bob")
    project_make(user=ada)
    shared = team_make((ada, Role.OWNER), (bob, Role.VIEWER), name="Shared")
    project_make(user=ada, team=shared)
    team_make((ada, Role.OWNER), (bob, Role.OWNER), name="Of two owners")
    editing = team_make((ada, Role.EDITOR), (bob, Role.OWNER), name="Of another")
    team_make((ada, Role.VIEWER), (bob, Role.OWNER), name="Watched")

    plan = api_client(ada).get(URL).json()

    assert [
        (one["team"]["name"], one["isPersonal"], one["isAsked"], one["projects"], [m["name"] for m in one["members"]])
        for one in plan["teams"]
    ] == [("Ada", True, True, 1, []), ("Shared", False, True, 1, ["Bob"])]
    assert {one["name"] for one in plan["targets"]} == {"Shared", "Of two owners", editing.name}


def test_nothing_goes_unless_it_is_said_of_every_team(ada: User) -> None:
    bob = user_make()
    project = project_make(user=ada)
    shared = team_make((ada, Role.OWNER), (bob, Role.EDITOR), name="Shared")

    answer = ended(ada, choice(shared, "delete"))

    assert answer.status_code == 400
    assert [(error["field"], error["message"]) for error in answer.json()["errors"]] == [
        ("teams", "Say what becomes of Ada.")
    ]
    assert User.objects.filter(pk=ada.pk).exists()
    assert Team.objects.filter(pk=shared.pk).exists()
    assert Project.objects.filter(pk=project.pk).exists()


def test_another_member_owns_the_team_from_then_on(ada: User) -> None:
    bob, viewer = user_make(), user_make()
    shared = team_make((ada, Role.OWNER), (bob, Role.EDITOR), (viewer, Role.VIEWER))
    project = project_make(user=ada, team=shared)
    theirs = api_client(bob)
    assert theirs.get(f"/api/v1/projects/{project.pk}").json()["myRole"] == "editor"

    assert ended(ada, choice(shared, "hand_over", bob)).status_code == 204

    assert theirs.get(f"/api/v1/projects/{project.pk}").json()["myRole"] == "owner"
    assert theirs.get(f"/api/v1/projects/{project.pk}").json()["createdBy"] is None
    assert dict(Membership.objects.filter(team=shared).values_list("user", "role")) == {
        bob.pk: "owner",
        viewer.pk: "viewer",
    }


def test_projects_move_to_a_team_that_stays(ada: User) -> None:
    bob = user_make()
    project = project_make(user=ada)
    shared = team_make((ada, Role.EDITOR), (bob, Role.OWNER))
    theirs = api_client(bob)
    assert theirs.get("/api/v1/projects").json()["total"] == 0

    assert ended(ada, choice(personal_team(ada), "move", shared)).status_code == 204

    project.refresh_from_db()
    assert (project.team, project.version) == (shared, 2)
    assert theirs.get("/api/v1/projects").json()["total"] == 1


def test_projects_are_deleted_when_that_is_said(ada: User) -> None:
    own, kept = project_make(user=ada), project_make(user=user_make())

    assert ended(ada, choice(personal_team(ada), "delete")).status_code == 204

    assert list(Project.objects.all()) == [kept]
    assert own.pk != kept.pk


def test_a_personal_team_with_guests_can_be_handed_over(ada: User) -> None:
    bob, project = user_make(), project_make(user=ada)
    team = personal_team(ada)
    Membership.objects.create(user=bob, team=team, role=Role.VIEWER)

    assert ended(ada, choice(team, "hand_over", bob)).status_code == 204

    team.refresh_from_db()
    assert (team.is_personal, team.memberships.get().role) == (False, "owner")
    assert Project.objects.get() == project


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda own, shared, alien, bob, eve: choice(own, "hand_over", bob), "no_member"),
        (lambda own, shared, alien, bob, eve: choice(own, "move", alien), "no_target"),
        (lambda own, shared, alien, bob, eve: choice(own, "move", own), "no_target"),
        (lambda own, shared, alien, bob, eve: choice(own, "move"), "no_target"),
        (lambda own, shared, alien, bob, eve: choice(alien, "delete"), "unknown_team"),
        (lambda own, shared, alien, bob, eve: choice(shared, "hand_over", eve), "no_member"),
        (lambda own, shared, alien, bob, eve: choice(shared, "hand_over"), "no_member"),
    ],
)
def test_what_cannot_be_chosen(ada: User, make: Any, code: str) -> None:
    bob, eve = user_make(), user_make()
    project_make(user=ada)
    shared = team_make((ada, Role.OWNER), (bob, Role.VIEWER))
    alien = team_make((eve, Role.OWNER))

    answer = ended(ada, make(personal_team(ada), shared, alien, bob, eve))

    assert answer.status_code == 400
    assert ("teams", code) in {(error["field"], error["code"]) for error in answer.json()["errors"]}
    assert (User.objects.count(), Team.objects.count(), Project.objects.count()) == (3, 5, 1)


def test_projects_do_not_move_into_a_team_that_is_deleted_too(ada: User) -> None:
    bob = user_make()
    project_make(user=ada)
    shared = team_make((ada, Role.OWNER), (bob, Role.VIEWER))

    answer = ended(ada, choice(personal_team(ada), "move", shared), choice(shared, "delete"))

    assert answer.status_code == 400
    assert Project.objects.count() == 1


def test_a_team_with_projects_cannot_go_unseen(ada: User) -> None:
    """Whatever deletes a user without asking is stopped by the database's own rule."""
    project_make(user=ada)

    with pytest.raises(ProtectedError):
        ada.delete()


def test_the_page_asks_the_same(ada: User) -> None:
    bob = user_make(name="<b>Bob</b>", email="bob@example.com")
    project = project_make(user=ada)
    shared = team_make((ada, Role.OWNER), (bob, Role.VIEWER), name="Shared")
    browser = Client()
    browser.post("/login", {"username": ada.email, "password": PASSWORD})

    page = browser.get("/account/delete")
    unsaid = browser.post("/account/delete", {"password": PASSWORD})
    still = User.objects.filter(pk=ada.pk).exists()
    done = browser.post(
        "/account/delete",
        {
            "password": PASSWORD,
            str(personal_team(ada).pk): f"move:{shared.pk}",
            str(shared.pk): f"hand_over:{bob.pk}",
        },
    )

    assert "&lt;b&gt;Bob&lt;/b&gt; (bob@example.com) owns it from now on" in page.text
    assert (unsaid.status_code, unsaid.text.count("This field is required"), still) == (200, 2, True)
    assert "Your account is deleted." in done.text
    assert not User.objects.filter(pk=ada.pk).exists()
    project.refresh_from_db()
    assert (project.team, shared.memberships.get(user=bob).role) == (shared, "owner")


def test_others_are_not_touched(ada: User, other_api: APIClient) -> None:
    ended(ada)

    assert other_api.get("/api/v1/auth/me").status_code == 200
