"""Teams over HTTP: every role and every action, what is refused changes nothing, and there is always an owner."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.choices import Role
from accounts.models import AuditEntry, Invitation, Team, User
from accounts.services import personal_team, team_leave
from accounts.services.teams import TeamRefusal
from tests.accounts.teams import TEAMS, invite, roles, state
from tests.factories import project_make, team_make, user_make
from tests.fixtures import api_client
from tests.scenarios.racing import together

pytestmark = pytest.mark.django_db

type Counter = Callable[[int], AbstractContextManager[Any]]


def test_a_team_is_made_renamed_and_deleted(api: APIClient, user: User) -> None:
    made = api.post(TEAMS, {"name": "Kerteh"})
    url = made.headers["Location"]

    assert made.status_code == 201
    assert made.json() == {
        "id": made.json()["id"],
        "name": "Kerteh",
        "role": "owner",
        "isPersonal": False,
        "createdAt": made.json()["createdAt"],
    }
    assert {team["name"] for team in api.get(TEAMS).json()["items"]} == {"Kerteh", user.name}
    assert api.patch(url, {}).json()["name"] == "Kerteh"
    assert api.patch(url, {"name": "Kuantan"}).json()["name"] == "Kuantan"
    assert api.delete(url).status_code == 204
    assert api.get(url).status_code == 404
    told = AuditEntry.objects.filter(team=made.json()["id"]).order_by("pk")
    assert [(entry.kind, entry.action, entry.label) for entry in told] == [
        ("team", "created", "Kerteh"),
        ("team", "changed", "Kuantan"),
        ("team", "deleted", "Kuantan"),
    ]


@pytest.mark.parametrize("name", ["", " ", "two\nlines", "x" * 151, None])
def test_a_team_has_a_name_of_one_line(api: APIClient, name: object) -> None:
    before = state()

    assert api.post(TEAMS, {"name": name}).status_code == 400

    assert state() == before


# What each role may do; a stranger finds nothing, and nobody else is told more than their role.
MANAGING: dict[str, Callable[[APIClient, Team, User, Invitation], Any]] = {
    "rename": lambda api, team, other, _: api.patch(f"{TEAMS}/{team.pk}", {"name": "x"}),
    "delete": lambda api, team, other, _: api.delete(f"{TEAMS}/{team.pk}"),
    "role": lambda api, team, other, _: api.patch(f"{TEAMS}/{team.pk}/members/{other.pk}", {"role": "editor"}),
    "remove": lambda api, team, other, _: api.delete(f"{TEAMS}/{team.pk}/members/{other.pk}"),
    "hand over": lambda api, team, other, _: api.post(f"{TEAMS}/{team.pk}/hand-over", {"member": str(other.pk)}),
    "invite": lambda api, team, other, _: api.post(f"{TEAMS}/{team.pk}/invitations", {"email": "new@example.com"}),
    "invitations": lambda api, team, other, _: api.get(f"{TEAMS}/{team.pk}/invitations"),
    "invitation": lambda api, team, other, one: api.get(f"{TEAMS}/{team.pk}/invitations/{one.pk}"),
    "revoke": lambda api, team, other, one: api.delete(f"{TEAMS}/{team.pk}/invitations/{one.pk}"),
    "resend": lambda api, team, other, one: api.post(f"{TEAMS}/{team.pk}/invitations/{one.pk}/resend"),
    "audit": lambda api, team, other, _: api.get(f"{TEAMS}/{team.pk}/audit"),
}
READING: dict[str, Callable[[APIClient, Team], Any]] = {
    "team": lambda api, team: api.get(f"{TEAMS}/{team.pk}"),
    "members": lambda api, team: api.get(f"{TEAMS}/{team.pk}/members"),
}
READS = {"invitations", "invitation", "audit"}


@pytest.fixture
def other(team: Team) -> User:
    """A viewer of the team, to whom things are done."""
    member = user_make()
    team.memberships.create(user=member, role=Role.VIEWER)
    return member


@pytest.fixture
def invitation(team: Team, user: User) -> Invitation:
    made = invite(team, user, "invited@example.com")
    Invitation.objects.update(asked_at=timezone.now() - timedelta(hours=1))
    return made


@pytest.mark.parametrize("action", MANAGING)
@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("editor", 403), ("stranger", 404), ("nobody", 401)])
def test_only_owners_manage(
    request: pytest.FixtureRequest, team: Team, other: User, invitation: Invitation, action: str, role: str, status: int
) -> None:
    asker = {"stranger": user_make, "nobody": lambda: None}.get(role, lambda: request.getfixturevalue(role))()
    before = state()

    response = MANAGING[action](api_client(asker), team, other, invitation)

    assert response.status_code == status, response.content
    assert state() == before


@pytest.mark.parametrize("action", MANAGING)
def test_owners_manage(api: APIClient, team: Team, other: User, invitation: Invitation, action: str) -> None:
    before = state()

    response = MANAGING[action](api, team, other, invitation)

    assert response.status_code in (200, 201, 204), response.content
    assert (state() == before) == (action in READS)


@pytest.mark.parametrize("action", READING)
def test_every_member_reads(team: Team, viewer: User, editor: User, user: User, action: str) -> None:
    statuses = [READING[action](api_client(one), team).status_code for one in (viewer, editor, user, user_make(), None)]

    assert statuses == [200, 200, 200, 404, 401]


def test_a_staff_member_is_a_stranger_to_teams(staff_api: APIClient, team: Team) -> None:
    assert staff_api.get(f"{TEAMS}/{team.pk}").status_code == 404


def test_a_team_with_projects_says_why_it_stays(api: APIClient, team: Team, user: User) -> None:
    project_make(user=user, team=team)
    before = state()

    response = api.delete(f"{TEAMS}/{team.pk}")

    assert (response.status_code, response.json()["type"]) == (409, "urn:safapac:problem:team-in-use")
    assert "move them" in response.json()["detail"]
    assert state() == before


def test_a_personal_team_stays_as_it_is(api: APIClient, user: User, other_user: User) -> None:
    url = f"{TEAMS}/{personal_team(user).pk}"
    before = state()

    for response in (
        api.delete(url),
        api.post(f"{url}/leave"),
        api.post(f"{url}/invitations", {"email": "new@example.com"}),
        api.patch(f"{url}/members/{user.pk}", {"role": "viewer"}),
        api.delete(f"{url}/members/{user.pk}"),
    ):
        assert (response.status_code, response.json()["type"]) == (409, "urn:safapac:problem:personal-team")

    assert state() == before


def test_a_removed_member_is_out_with_the_next_request(api: APIClient, team: Team, user: User, editor: User) -> None:
    project = project_make(user=user, team=team)
    theirs, url = api_client(editor), f"/api/v1/projects/{project.pk}"
    assert theirs.get(url).status_code == theirs.get(f"{TEAMS}/{team.pk}").status_code == 200

    assert api.delete(f"{TEAMS}/{team.pk}/members/{editor.pk}").status_code == 204

    assert theirs.get(url).status_code == theirs.get(f"{TEAMS}/{team.pk}").status_code == 404
    assert theirs.patch(url, {"name": "x"}).status_code == 404


def test_a_lower_role_holds_from_the_next_request(api: APIClient, team: Team, user: User, editor: User) -> None:
    url = f"/api/v1/projects/{project_make(user=user, team=team).pk}"
    theirs = api_client(editor)
    assert theirs.patch(url, {"name": "x"}).json()["myRole"] == "editor"

    changed = api.patch(f"{TEAMS}/{team.pk}/members/{editor.pk}", {"role": "viewer"})

    assert changed.json() == {"id": str(editor.pk), "name": editor.name, "email": editor.email, "role": "viewer"}
    assert theirs.get(url).json()["myRole"] == "viewer"
    assert theirs.patch(url, {"name": "y"}).status_code == 403
    told = AuditEntry.objects.filter(kind="member").latest("pk")
    assert (told.label, told.changes) == (editor.name, [{"path": "role", "before": "editor", "after": "viewer"}])


def test_the_last_owner_stays(api: APIClient, team: Team, user: User, viewer: User) -> None:
    url, stranger = f"{TEAMS}/{team.pk}", user_make()
    before = state()

    for response in (
        api.post(f"{url}/leave"),
        api.delete(f"{url}/members/{user.pk}"),
        api.patch(f"{url}/members/{user.pk}", {"role": "editor"}),
    ):
        assert (response.status_code, response.json()["type"]) == (409, "urn:safapac:problem:last-owner")
    assert api.post(f"{url}/hand-over", {"member": str(user.pk)}).status_code == 409
    assert api.post(f"{url}/hand-over", {"member": str(stranger.pk)}).status_code == 404

    assert state() == before
    assert roles(team) == {str(user.pk): "owner", str(viewer.pk): "viewer"}


def test_a_team_is_handed_over_and_left(api: APIClient, team: Team, user: User, viewer: User) -> None:
    assert api.post(f"{TEAMS}/{team.pk}/hand-over", {"member": str(viewer.pk)}).status_code == 204
    assert roles(team) == {str(user.pk): "editor", str(viewer.pk): "owner"}
    assert api.post(f"{TEAMS}/{team.pk}/leave").status_code == 204
    assert api.post(f"{TEAMS}/{team.pk}/leave").status_code == 404
    assert roles(team) == {str(viewer.pk): "owner"}


@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_leave_at_once_one_stays() -> None:
    first, second = user_make(), user_make()
    for _ in range(5):
        team = team_make((first, Role.OWNER), (second, Role.OWNER))

        def leave(who: User, team: Team = team) -> str:
            try:
                team_leave(team=team, user=who)
            except TeamRefusal as error:
                return error.code
            return "left"

        assert sorted(together(lambda: leave(first), lambda: leave(second))) == ["last-owner", "left"]
        assert list(roles(team).values()) == ["owner"]


@pytest.mark.django_db(transaction=True)
def test_of_two_owners_who_remove_each_other_at_once_one_stays() -> None:
    first, second = user_make(), user_make()
    for _ in range(5):
        team = team_make((first, Role.OWNER), (second, Role.OWNER))

        def remove(who: User, whom: User, team: Team = team) -> int:
            return api_client(who).delete(f"{TEAMS}/{team.pk}/members/{whom.pk}").status_code

        statuses = together(lambda: remove(first, second), lambda: remove(second, first))

        assert sorted(statuses) == [204, 404]  # who was removed first removes nobody
        assert list(roles(team).values()) == ["owner"]


@pytest.mark.parametrize("size", [1, 25])
def test_queries(api: APIClient, team: Team, user: User, size: int, django_assert_num_queries: Counter) -> None:
    for number in range(size):
        team.memberships.create(user=user_make())
        team_make((user, Role.VIEWER))
        Invitation.objects.create(
            team=team, email=f"{number}@example.com", invited_by=user, expires_at=timezone.now() + timedelta(1)
        )
    api.get("/api/v1/auth/me")

    with django_assert_num_queries(2):  # count, page
        assert len(api.get(f"{TEAMS}?pageSize=100").json()["items"]) == size + 2
    with django_assert_num_queries(2):  # team with role, page with total
        assert len(api.get(f"{TEAMS}/{team.pk}/members?pageSize=100").json()["items"]) == size + 1
    with django_assert_num_queries(3):  # team with role, count, page
        assert len(api.get(f"{TEAMS}/{team.pk}/invitations?pageSize=100").json()["items"]) == size
