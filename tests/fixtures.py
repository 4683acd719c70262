"""Fixtures that the tests of every app share; registered in tests/conftest.py."""

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.choices import Role
from accounts.models import Team, User
from accounts.tokens import token_pair
from projects.models import Project
from tests.factories import project_make, team_make, user_make
from tests.served import ServedClient


def api_client(user: User | None) -> ServedClient:
    """A client that carries the access token of ``user``, or none."""
    client = ServedClient()
    if user is not None:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_pair(user)['access_token']}")
    return client


def signed_in(user: User | None) -> Client:
    """A browser in which ``user`` has just signed in, or nobody has."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def browser_of(user: User) -> Client:
    """A browser in which ``user`` is signed in and at work: its first request, which lists the device, is behind it."""
    client = signed_in(user)
    client.get("/api/v1/auth/me")
    return client


@pytest.fixture
def client_of() -> Callable[[User | None], APIClient]:
    return api_client


@pytest.fixture
def user(db: None) -> User:
    return user_make()


@pytest.fixture
def other_user(db: None) -> User:
    """Somebody who shares no team with ``user``."""
    return user_make()


@pytest.fixture
def staff_user(db: None) -> User:
    return user_make(is_staff=True)


@pytest.fixture
def viewer(team: Team) -> User:
    """Somebody who may only read in ``team``."""
    user = user_make()
    team.memberships.create(user=user, role=Role.VIEWER)
    return user


@pytest.fixture
def editor(team: Team) -> User:
    user = user_make()
    team.memberships.create(user=user, role=Role.EDITOR)
    return user


@pytest.fixture
def team(user: User) -> Team:
    """A shared team that ``user`` owns."""
    return team_make((user, Role.OWNER))


@pytest.fixture
def project(user: User, team: Team) -> Project:
    """A project of ``team`` made by ``user``."""
    return project_make(user=user, team=team)


@pytest.fixture
def browser(user: User) -> Client:
    """A browser in which ``user`` has just signed in."""
    return signed_in(user)


@pytest.fixture
def api(user: User) -> APIClient:
    """A client signed in as ``user`` by access token."""
    return api_client(user)


@pytest.fixture
def other_api(other_user: User) -> APIClient:
    return api_client(other_user)


@pytest.fixture
def staff_api(staff_user: User) -> APIClient:
    return api_client(staff_user)


@pytest.fixture
def anonymous_api() -> APIClient:
    return api_client(None)
