"""A team with its project, everybody who may come to it, and those who come with a dead login."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.test import Client
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken

from accounts import choices
from accounts.choices import KeyScope
from accounts.models import SignIn, Team, User
from accounts.services import invitation_create
from accounts.services.api_keys import api_key_create
from accounts.tokens import token_pair
from masterdata import models as md
from projects.models import Project
from projects.sharing import share_link_create
from scenarios.models import Scenario
from tests.access.matrix import Role
from tests.factories import PASSWORD, project_make, team_make, user_make
from tests.scenarios.cases import HEFA, SMALL, calculate, scenario_make
from tests.scenarios.runs import start

MEMBERS = {Role.VIEWER: choices.Role.VIEWER, Role.EDITOR: choices.Role.EDITOR, Role.OWNER: choices.Role.OWNER}


@dataclass
class World:
    users: dict[Role, User]
    team: Team
    project: Project
    scenario: Scenario
    ids: dict[str, str]
    inputs: dict[str, Any]
    login: dict[str, str]
    soon: str
    refresh: str

    def client(self, role: Role, *, is_page: bool) -> Client:
        """Whoever asks, with the login that goes with the route: a browser's session for pages, else a token."""
        if role is Role.ANONYMOUS:
            return Client()
        if role is Role.KEY_READ:
            _, raw = api_key_create(user=self.users[Role.OWNER], name="reads", scope=KeyScope.READ)
            return Client(headers={"Authorization": f"Bearer {raw}"})
        user = self.users.get(role, self.users[Role.OWNER])
        return _browser(user, role) if is_page else _program(user, role)


def _browser(user: User, role: Role) -> Client:
    client = Client()
    client.force_login(user)
    client.get("/api/v1/auth/me")
    if role is Role.REVOKED:
        SignIn.objects.filter(user=user).delete()
    elif role is Role.EXPIRED:
        session = client.session
        session.set_expiry(-1)
        session.save()
    return client


def _program(user: User, role: Role) -> Client:
    access = token_pair(user)["access_token"]
    token = AccessToken(access)
    if role is Role.REVOKED:
        for sign_in in SignIn.objects.filter(pk=UUID(token["sid"])):
            sign_in.delete()
    elif role is Role.EXPIRED:
        token.set_exp(lifetime=-timedelta(seconds=1))
        access = str(token)
    return Client(headers={"Authorization": f"Bearer {access}"})


def make() -> World:
    users = {role: user_make(password=PASSWORD if role is Role.OWNER else None) for role in (Role.STRANGER, *MEMBERS)}
    users[Role.STAFF] = user_make(is_staff=True)
    team = team_make(*((users[role], found) for role, found in MEMBERS.items()))
    project = project_make(user=users[Role.OWNER], team=team)
    scenario = calculate(scenario_make(project=project, user=users[Role.OWNER]), user=users[Role.OWNER])
    first = scenario.current
    second = calculate(Scenario.objects.get(pk=scenario.pk), user=users[Role.OWNER], inputs=SMALL).current
    assert first is not None
    assert second is not None
    waiting = start(scenario_make(project=project, user=users[Role.OWNER], name="Waiting"), user=users[Role.OWNER])
    # It is not for having nothing that strangers see nothing.
    theirs = project_make(user=users[Role.STRANGER])
    calculate(scenario_make(project=theirs, user=users[Role.STRANGER]), user=users[Role.STRANGER])
    invitation = invitation_create(
        team=team, user=users[Role.OWNER], email="guest@example.com", role=choices.Role.VIEWER
    )
    soon = timezone.now() + timedelta(days=7)
    link, token = share_link_create(project=project, user=users[Role.OWNER], name="For the bank", expires_at=soon)
    record = {
        "process-technologies": md.Pathway, "feedstocks": md.Feedstock, "products": md.Product,
        "utilities": md.Utility, "countries": md.Country, "incentives": md.Incentive, "corsia-values": md.CorsiaValue,
        "carbon-factors": md.CarbonFactor,
    }  # fmt: skip
    ids = {
        "teams": str(team.pk), "projects": str(project.pk), "scenarios": str(scenario.pk),
        "members": str(users[Role.VIEWER].pk), "invitations": str(invitation.pk), "{section}": "feedstocks",
        "{key}": md.Feedstock.objects.order_by("pk").values_list("code", flat=True)[0],
        "share-links": str(link.pk), "shared": token,
        "waiting": str(waiting.scenario_id), "queued": str(waiting.pk),
        "calculations": str(first.pk), "diff": str(second.pk), "trace": "npv",
        **{name: str(model.objects.order_by("pk").values_list("pk", flat=True)[0]) for name, model in record.items()},
    }  # fmt: skip
    return World(
        users=users, team=team, project=project, scenario=scenario, ids=ids, inputs=HEFA, soon=soon.isoformat(),
        login={"email": users[Role.OWNER].email, "password": PASSWORD},
        refresh=token_pair(users[Role.OWNER])["refresh_token"],
    )  # fmt: skip
