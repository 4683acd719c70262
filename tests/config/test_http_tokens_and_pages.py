"""Requests with a token pass by what serves browsers, and gain nothing by it."""

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from accounts.tokens import token_pair
from tests.factories import user_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(user: User) -> Client:
    """Signed in by session, and held to tokens against forged forms."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    return client


def bearer(user: User) -> str:
    return f"Bearer {token_pair(user)['access_token']}"


def test_token_is_who_asks_whatever_the_session_says(browser: Client) -> None:
    other = user_make()

    answer = browser.get("/api/v1/auth/me", headers={"authorization": bearer(other)})

    assert answer.json()["email"] == other.email
    assert settings.SESSION_COOKIE_NAME not in answer.cookies


@pytest.mark.parametrize("header", ["Bearer nonsense", "bearer ", "Bearer", "BEARER x.y.z"])
def test_session_does_not_stand_in_for_a_token_that_is_refused(browser: Client, header: str) -> None:
    answer = browser.get("/api/v1/auth/me", headers={"authorization": header})

    assert answer.status_code == 401


def test_token_header_does_not_open_a_form_without_its_token(browser: Client, user: User) -> None:
    answer = browser.post("/logout", headers={"authorization": bearer(user)})

    assert answer.status_code == 403


@pytest.mark.parametrize("header", ["Basic eDp5", "Bearerish x"])
def test_session_write_to_the_api_needs_its_token_under_any_other_scheme(browser: Client, header: str) -> None:
    answer = browser.post(
        "/api/v1/projects", {"name": "Forged"}, content_type="application/json", headers={"authorization": header}
    )

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("text/html", "text/html; charset=utf-8"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
    ],
)
def test_answer_comes_in_the_form_asked_for(browser: Client, accept: str, media_type: str) -> None:
    answer = browser.get("/api/v1/auth/me", headers={"accept": accept})

    assert answer.headers["Content-Type"] == media_type
