"""Staff manage teams and their members by the same rules, and the audit tells what they did."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import AuditEntry, Membership, Team, User
from accounts.services import personal_team
from tests.factories import project_make, team_make, user_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(user_make(is_staff=True, is_superuser=True))
    return client


def page(model: str, action: str, *args: Any) -> str:
    return reverse(f"admin:accounts_{model}_{action}", args=args)


def said(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def test_a_team_is_made_with_an_owner_and_renamed(desk: Client, user: User) -> None:
    assert desk.post(page("team", "add"), {"name": "Kerteh"}).status_code == 200  # and says what is missing
    assert desk.post(page("team", "add"), {"name": "Kerteh", "owner": user.pk}).status_code == 302
    team = Team.objects.get(name="Kerteh")
    members = {"memberships-TOTAL_FORMS": 1, "memberships-INITIAL_FORMS": 1}
    assert desk.post(page("team", "change", team.pk), {"name": "Kuantan", **members}).status_code == 302

    assert list(team.memberships.values_list("user", "role")) == [(user.pk, "owner")]
    told = AuditEntry.objects.filter(team=team.pk).order_by("pk")
    assert [(entry.via, entry.action, entry.label) for entry in told] == [
        ("admin", "created", "Kerteh"),
        ("admin", "changed", "Kuantan"),
    ]


def test_members_are_added_changed_and_removed(desk: Client, team: Team, other_user: User) -> None:
    form = {"user": other_user.pk, "team": team.pk, "role": "viewer"}
    assert desk.post(page("membership", "add"), form).status_code == 302
    membership = Membership.objects.get(user=other_user, team=team)
    assert desk.post(page("membership", "change", membership.pk), {"role": "editor"}).status_code == 302
    membership.refresh_from_db()
    assert membership.role == "editor"
    assert desk.post(page("membership", "delete", membership.pk), {"post": "yes"}).status_code == 302

    told = AuditEntry.objects.filter(team=team.pk, kind="member").order_by("pk")
    assert [(entry.action, entry.changes[0]["before"], entry.changes[0]["after"]) for entry in told] == [
        ("created", None, "viewer"),
        ("changed", "viewer", "editor"),
        ("deleted", "editor", None),
    ]


def test_what_no_team_allows_is_said_and_not_done(desk: Client, team: Team, user: User) -> None:
    owner = Membership.objects.get(user=user, team=team)
    project_make(user=user, team=team)
    personal = personal_team(user)
    before = list(Membership.objects.order_by("pk").values()), AuditEntry.objects.count()

    for url, form, words in (
        (page("membership", "change", owner.pk), {"role": "viewer"}, "needs an owner"),
        (page("membership", "delete", owner.pk), {"post": "yes"}, "needs an owner"),
        (page("membership", "add"), {"user": user_make().pk, "team": personal.pk, "role": "viewer"}, "personal team"),
        (page("user", "delete", user.pk), {"post": "yes"}, "only owner"),
        (
            page("membership", "changelist"),
            {"action": "delete_selected", "_selected_action": [owner.pk], "post": "yes"},
            "needs an owner",
        ),
    ):
        members = list(Membership.objects.filter(team__personal_of=None).order_by("pk").values())
        response = desk.post(url, form, follow=True)
        assert words in said(response) or "protected" in response.content.decode()
        assert list(Membership.objects.filter(team__personal_of=None).order_by("pk").values()) == members

    assert AuditEntry.objects.count() == before[1]
    assert User.objects.filter(pk=user.pk).exists()


def test_the_pages_of_a_team_and_a_user_show_members(desk: Client, team: Team, user: User, viewer: User) -> None:
    for url in (page("team", "change", team.pk), page("user", "change", user.pk), page("membership", "changelist")):
        response = desk.get(url)
        assert response.status_code == 200
        assert "owner" in response.content.decode().lower()


def test_an_empty_team_is_deleted(desk: Client, user: User) -> None:
    team = team_make((user, Role.OWNER))

    assert desk.post(page("team", "delete", team.pk), {"post": "yes"}).status_code == 302

    assert not Team.objects.filter(pk=team.pk).exists()
    assert AuditEntry.objects.filter(team=team.pk, action="deleted").exists()
