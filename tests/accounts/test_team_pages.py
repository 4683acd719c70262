"""The pages of teams: what owners do there, what others may not, and what an invitation leads to."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.choices import Role
from accounts.models import AuditEntry, Invitation, Letter, Membership, Team, User
from accounts.services import invitation_create, letters_deliver, personal_team
from accounts.services.teams import member_add
from tests.factories import project_make, user_make
from tests.fixtures import signed_in

pytestmark = pytest.mark.django_db


def state() -> list[Any]:
    models = (Team, Membership, Invitation, AuditEntry, Letter)
    return [sorted(model.objects.values_list(), key=str) for model in models]


@pytest.fixture
def invitation(team: Team, user: User) -> Invitation:
    made = invitation_create(team=team, user=user, email="guest@example.com", role=Role.EDITOR)
    Invitation.objects.update(asked_at=timezone.now() - timedelta(hours=1))
    return made


def token() -> str:
    letters_deliver()
    return re.search(r"token=([\w-]+)", str(mail.outbox[-1].body))[1]


def test_a_team_is_made_on_its_page(browser: Client) -> None:
    made = browser.post("/teams", {"name": "Kerteh <b>"}, follow=True)

    assert made.status_code == 200
    assert "Kerteh &lt;b&gt;" in made.text
    assert "<b>" not in made.text
    assert "Kerteh &lt;b&gt;" in browser.get("/teams").text


def test_owners_do_everything_on_the_page_of_a_team(
    browser: Client, team: Team, viewer: User, invitation: Invitation
) -> None:
    url = f"/teams/{team.pk}"

    def do(deed: str, **fields: Any) -> str:
        response = browser.post(url, {"do": deed, **fields}, follow=True)
        assert response.status_code == 200
        return response.text

    assert viewer.email in browser.get(url).text
    assert "Renamed." in do("rename", name="Kuantan")
    assert "is editor now" in do("role", member=viewer.pk, role="editor")
    assert "new@example.com is invited" in do("invite", email="new@example.com", role="viewer")
    assert "is invited already" in do("invite", email="new@example.com", role="viewer")
    assert "Sent again" in do("resend", invitation=invitation.pk)
    assert "just been sent" in do("resend", invitation=invitation.pk)
    assert "taken back" in do("revoke", invitation=invitation.pk)
    assert "gone meanwhile" in do("revoke", invitation=invitation.pk)
    assert "needs an owner" in do("leave")
    assert "handed over" in do("hand-over", member=viewer.pk)
    assert "You have left Kuantan" in do("leave")
    assert list(team.memberships.values_list("user", "role")) == [(viewer.pk, "owner")]


def test_a_wrong_address_is_said_beside_its_field(browser: Client, team: Team) -> None:
    response = browser.post(f"/teams/{team.pk}", {"do": "invite", "email": "no address", "role": "viewer"})

    assert response.status_code == 400
    assert "valid email address" in response.text
    assert not Invitation.objects.exists()


def test_a_member_is_removed_and_a_team_deleted(browser: Client, team: Team, user: User, viewer: User) -> None:
    project = project_make(user=user, team=team)
    url = f"/teams/{team.pk}"

    assert "Removed" in browser.post(url, {"do": "remove", "member": viewer.pk}, follow=True).text
    assert "still has projects" in browser.post(url, {"do": "delete"}, follow=True).text
    project.delete()
    assert "is deleted" in browser.post(url, {"do": "delete"}, follow=True).text
    assert not Team.objects.filter(pk=team.pk).exists()


DEEDS = ["rename", "delete", "hand-over", "role", "remove", "invite", "resend", "revoke", "nonsense", ""]


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("editor", 403), ("stranger", 404), ("nobody", 302)])
def test_others_change_nothing(
    request: pytest.FixtureRequest, team: Team, user: User, invitation: Invitation, deed: str, role: str, status: int
) -> None:
    asker = {"stranger": user_make, "nobody": lambda: None}.get(role, lambda: request.getfixturevalue(role))()
    before = state()
    fields = {"member": user.pk, "invitation": invitation.pk, "role": "viewer", "email": "x@example.com", "name": "x"}

    response = signed_in(asker).post(f"/teams/{team.pk}", {"do": deed, **fields})

    assert response.status_code == (404 if deed in ("nonsense", "") and role != "nobody" else status)
    assert state() == before


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("editor", 403), ("stranger", 404), ("nobody", 302)])
def test_the_audit_is_a_page_for_owners(
    request: pytest.FixtureRequest, browser: Client, team: Team, user: User, role: str, status: int
) -> None:
    project = project_make(user=user, team=team, name="Kerteh")
    asker = {"stranger": user_make, "nobody": lambda: None}.get(role, lambda: request.getfixturevalue(role))()

    for url in (f"/teams/{team.pk}/audit", f"/projects/{project.pk}/audit"):
        assert f"{user.name} made project Kerteh" in browser.get(url).text
        assert signed_in(asker).get(url).status_code == status


def test_viewers_see_members_and_no_buttons_of_owners(team: Team, viewer: User, user: User) -> None:
    text = signed_in(viewer).get(f"/teams/{team.pk}").text

    assert user.email in text
    assert 'value="leave"' in text
    for deed in ("rename", "delete", "hand-over", "role", "remove", "invite"):
        assert f'value="{deed}"' not in text


def test_a_personal_team_says_what_it_is(browser: Client, user: User) -> None:
    text = browser.get(f"/teams/{personal_team(user).pk}").text

    assert "Your personal team" in text
    assert 'value="invite"' not in text
    assert 'value="leave"' not in text


def test_an_invitation_is_looked_at_then_accepted(team: Team, invitation: Invitation) -> None:
    guest = user_make(email="Guest@example.com")
    browser, url = signed_in(guest), f"/invitation?token={token()}"

    looked = browser.get(url)
    before = state()
    browser.get(url)
    assert state() == before
    assert team.name in looked.text
    assert looked.headers["Referrer-Policy"] == "no-referrer"
    joined = browser.post("/invitation", {"token": url.partition("=")[2]}, follow=True)
    assert "You are in." in joined.text
    assert team.memberships.get(user=guest).role == "editor"
    assert "not valid, or no longer" in browser.get(url).text


def test_an_invitation_of_another_lets_nobody_in(team: Team, invitation: Invitation, other_user: User) -> None:
    raw = token()
    before = state()

    for client, words in ((signed_in(other_user), "another address"), (Client(), "Sign in")):
        assert words in client.get(f"/invitation?token={raw}").text
        answer = client.post("/invitation", {"token": raw})
        assert answer.status_code == 200
        assert "guest@example.com" not in answer.text
    assert state() == before


def test_a_team_of_many_is_a_light_page(user: User, team: Team, browser: Client) -> None:
    for number in range(100):
        member_add(team=team, user=user_make(), role=Role.EDITOR)
        invitation_create(team=team, user=user, email=f"guest{number}@example.com", role=Role.VIEWER)

    page = browser.get(f"/teams/{team.pk}", headers={"accept-encoding": "gzip"})

    assert page.headers["Content-Encoding"] == "gzip"
    assert set(page.headers["Cache-Control"].split(", ")) == {"no-cache", "private"}
    assert 5_000 < len(page.content) < 30_000
