"""Teams over HTTP: every role and every action, what is refused changes nothing, and there is always an owner."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.choices import Role
from accounts.models import AuditEntry, Invitation, Letter, Membership, Team, User
from accounts.services import letters_deliver, personal_team, team_leave
from accounts.services.teams import TeamRefusal
from tests.factories import project_make, team_make, user_make
from tests.fixtures import api_client
from tests.scenarios.racing import together

pytestmark = pytest.mark.django_db

TEAMS = "/api/v1/teams"
ACCEPT = "/api/v1/invitations/accept"

type Counter = Callable[[int], AbstractContextManager[Any]]


def state() -> list[list[tuple[Any, ...]]]:
    """Everything stored of teams, to see that a refused call left it alone."""
    models = (Team, Membership, Invitation, AuditEntry, Letter)
    return [sorted(model.objects.values_list(), key=str) for model in models]


def roles(team: Team) -> dict[str, str]:
    return {str(user): role for user, role in Membership.objects.filter(team=team).values_list("user", "role")}


def invite(team: Team, by: User, email: str, role: str = "viewer") -> Invitation:
    response = api_client(by).post(f"{TEAMS}/{team.pk}/invitations", {"email": email, "role": role})
    assert response.status_code == 201, response.json()
    return Invitation.objects.get(pk=response.json()["id"])


def mailed_token(email: str) -> str:
    """The token in the mail that went out last to ``email``."""
    letters_deliver()
    found = [sent for sent in mail.outbox if sent.to[0].lower() == email.lower()]
    return re.search(r"token=([\w-]+)", str(found[-1].body))[1]


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


def test_an_invited_address_joins_once(api: APIClient, team: Team, user: User, other_user: User) -> None:
    invite(team, user, other_user.email.upper(), "editor")
    token = mailed_token(other_user.email)
    theirs = api_client(other_user)

    joined = theirs.post(ACCEPT, {"token": token})

    assert joined.status_code == 200, joined.json()
    assert (joined.json()["id"], joined.json()["role"]) == (str(team.pk), "editor")
    assert theirs.get(f"{TEAMS}/{team.pk}").status_code == 200
    assert theirs.post(ACCEPT, {"token": token}).status_code == 400
    assert not Invitation.objects.exists()
    told = AuditEntry.objects.latest("pk")
    assert (told.action, told.actor, told.label) == ("accepted", other_user.pk, other_user.name)


def test_the_answer_is_the_same_whether_or_not_there_is_an_account(team: Team, user: User, other_user: User) -> None:
    bodies, letters = [], []
    for email in (other_user.email, "nobody-yet@example.com"):
        response = api_client(user).post(f"{TEAMS}/{team.pk}/invitations", {"email": email, "role": "viewer"})
        assert response.status_code == 201
        bodies.append({**response.json(), "id": "", "email": "", "createdAt": "", "askedAt": "", "expiresAt": ""})
        letters_deliver()
        letters.append(re.sub(r"token=[\w-]+", "", str(mail.outbox[-1].body)))

    assert bodies[0] == bodies[1]
    assert letters[0] == letters[1]


def test_who_has_no_account_registers_and_then_joins(team: Team, user: User) -> None:
    invite(team, user, "later@example.com")
    token = mailed_token("later@example.com")

    later = user_make(email="Later@example.com")

    assert api_client(later).post(ACCEPT, {"token": token}).status_code == 200
    assert roles(team)[str(later.pk)] == "viewer"


def test_an_invitation_that_is_passed_on_lets_nobody_in(team: Team, user: User, other_user: User) -> None:
    invite(team, user, "invited@example.com")
    token = mailed_token("invited@example.com")
    before = state()

    response = api_client(other_user).post(ACCEPT, {"token": token})

    assert response.status_code == 403
    assert "invited@example.com" not in response.content.decode()
    assert api_client(None).post(ACCEPT, {"token": token}).status_code == 401
    assert state() == before


def test_tokens_that_hold_no_longer(api: APIClient, team: Team, user: User) -> None:
    guest = user_make(email="guest@example.com")
    theirs = api_client(guest)
    made = invite(team, user, guest.email)
    first = mailed_token(guest.email)
    url = f"{TEAMS}/{team.pk}/invitations/{made.pk}"
    soon = api.post(f"{url}/resend")
    Invitation.objects.update(asked_at=timezone.now() - timedelta(hours=1), expires_at=timezone.now())
    expired = theirs.post(ACCEPT, {"token": first})
    api.post(f"{url}/resend")
    second = mailed_token(guest.email)
    replaced = theirs.post(ACCEPT, {"token": first})
    api.delete(url)
    revoked = theirs.post(ACCEPT, {"token": second})

    assert soon.status_code == 429
    assert 0 < int(soon.headers["Retry-After"]) <= 300
    assert first != second
    for response in (expired, replaced, revoked, theirs.post(ACCEPT, {"token": "made-up"})):
        assert response.status_code == 400
        assert [(error["field"], error["code"]) for error in response.json()["errors"]] == [("token", "invalid_token")]
    assert str(guest.pk) not in roles(team)


def test_tokens_are_at_rest_nowhere(team: Team, user: User) -> None:
    invite(team, user, "invited@example.com")
    token = mailed_token("invited@example.com")

    assert token not in str(state())


def test_names_are_no_html_in_mails(api: APIClient, user: User) -> None:
    user.name = "<b>Ana</b>"
    user.save()
    team = team_make((user, Role.OWNER), name='<a href="https://evil.example">Click</a>')
    invite(team, user, "invited@example.com")
    letters_deliver()

    html = str(mail.outbox[-1].alternatives[0][0])
    assert "<b>Ana" not in html
    assert 'href="https://evil' not in html
    assert "&lt;b&gt;Ana" in html


def test_mails_lead_to_our_site_whatever_host_was_asked(team: Team, user: User) -> None:
    api_client(user).post(
        f"{TEAMS}/{team.pk}/invitations", {"email": "invited@example.com"}, HTTP_X_FORWARDED_HOST="evil.example"
    )
    letters_deliver()

    assert "evil.example" not in str(mail.outbox[-1].body)


def test_members_and_invited_addresses_are_not_invited_again(
    api: APIClient, team: Team, user: User, viewer: User
) -> None:
    invite(team, user, "invited@example.com")
    before = state()
    url = f"{TEAMS}/{team.pk}/invitations"

    member, twice = (api.post(url, {"email": email}) for email in (viewer.email.upper(), "INVITED@example.com"))
    wrong = api.post(url, {"email": "no address", "role": "emperor", "team": "x"})

    assert (member.status_code, member.json()["type"]) == (409, "urn:safapac:problem:already-member")
    assert (twice.status_code, twice.json()["type"]) == (409, "urn:safapac:problem:already-invited")
    assert {error["field"] for error in wrong.json()["errors"]} == {"email", "role", "team"}
    assert state() == before


def test_a_member_who_is_invited_stays_what_they_are(team: Team, user: User, other_user: User) -> None:
    invite(team, user, other_user.email, "viewer")
    token = mailed_token(other_user.email)
    team.memberships.create(user=other_user, role=Role.EDITOR)

    assert api_client(other_user).post(ACCEPT, {"token": token}).json()["role"] == "editor"


@pytest.mark.django_db(transaction=True)
def test_a_link_that_is_used_twice_at_once_lets_in_once() -> None:
    owner, guest = user_make(), user_make()
    team = team_make((owner, Role.OWNER))
    invite(team, owner, guest.email)
    token = mailed_token(guest.email)
    clients = [api_client(guest), api_client(guest)]

    statuses = together(*(lambda one=one: one.post(ACCEPT, {"token": token}).status_code for one in clients))

    assert sorted(statuses) == [200, 400]
    assert len(roles(team)) == 2


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
