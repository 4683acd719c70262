"""Teams as tests see them: what is stored of them, and invitations by mail."""

import re
from typing import Any

from django.core import mail

from accounts.models import AuditEntry, Invitation, Letter, Membership, Team, User
from accounts.services import letters_deliver
from tests.fixtures import api_client

TEAMS = "/api/v1/teams"


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
