"""Invitations to teams: who was invited joins, once, and nobody else learns or gets anything by them."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.choices import Role
from accounts.models import AuditEntry, Invitation, Team, User
from accounts.services import letters_deliver
from tests.accounts.teams import TEAMS, invite, mailed_token, roles, state
from tests.factories import team_make, user_make
from tests.fixtures import api_client
from tests.scenarios.racing import together

pytestmark = pytest.mark.django_db

ACCEPT = "/api/v1/invitations/accept"


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
