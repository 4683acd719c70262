"""Objects for tests, made by the same services that the product makes them with."""

import itertools
from typing import Any

from accounts.choices import Role
from accounts.models import Membership, Team, User
from accounts.services import personal_team, user_create
from projects.models import Project
from projects.services import project_create

PASSWORD = "a long walk in the rain"

_numbers = itertools.count(1)


def user_make(*, email: str | None = None, password: str | None = None, **fields: Any) -> User:
    """A user with a personal team; hashing is skipped unless a password is asked for."""
    number = next(_numbers)
    fields.setdefault("name", f"User {number}")
    return user_create(email=email or f"user{number}@example.com", password=password, **fields)


def team_make(*members: tuple[User, Role], name: str | None = None) -> Team:
    """A shared team with the given members."""
    team = Team.objects.create(name=name or f"Team {next(_numbers)}")
    for user, role in members:
        Membership.objects.create(user=user, team=team, role=role)
    return team


def project_make(*, user: User, team: Team | None = None, name: str | None = None, **fields: Any) -> Project:
    """A project of ``team``, else of the user's personal team."""
    name = name or f"Project {next(_numbers)}"
    return project_create(user=user, team=team or personal_team(user), name=name, **fields)
