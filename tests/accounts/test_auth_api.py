"""Signing in for tokens: what they prove, who gets them, and how often one may try."""

import datetime
from typing import Any

import pytest
from django.contrib.auth import hashers
from django.core.cache import cache
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.choices import Role
from accounts.models import User
from accounts.services import personal_team
from accounts.tokens import token_pair
from tests.factories import PASSWORD, team_make, user_make

pytestmark = pytest.mark.django_db

LOGIN = "/api/v1/auth/login"
REFRESH = "/api/v1/auth/refresh"
ME = "/api/v1/auth/me"


@pytest.fixture
def ada() -> User:
    return user_make(email="ada@example.com", password=PASSWORD, name="Ada")


def bearer(token: object) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def test_login_gives_tokens_and_the_user(anonymous_api: APIClient, ada: User) -> None:
    response = anonymous_api.post(LOGIN, {"email": "ADA@example.com", "password": PASSWORD})

    body = response.json()
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert set(body) == {"accessToken", "refreshToken", "tokenType", "expiresIn", "user"}
    assert (body["tokenType"], body["expiresIn"]) == ("Bearer", 3600)
    assert body["user"] == {
        "id": str(ada.pk),
        "email": "ada@example.com",
        "name": "Ada",
        "isStaff": False,
        "createdAt": body["user"]["createdAt"],
        "teams": [{"id": str(personal_team(ada).pk), "name": "Ada", "role": "owner", "isPersonal": True}],
    }
    assert bearer(body["accessToken"]).get(ME).json() == body["user"]


def test_wrong_password_and_unknown_address_answer_alike(anonymous_api: APIClient, ada: User) -> None:
    wrong = anonymous_api.post(LOGIN, {"email": ada.email, "password": "wrong"})
    unknown = anonymous_api.post(LOGIN, {"email": "nobody@example.com", "password": "wrong"})
    User.objects.update(is_active=False)
    inactive = anonymous_api.post(LOGIN, {"email": ada.email, "password": PASSWORD})

    answers = []
    for response in (wrong, unknown, inactive):
        assert response.status_code == 401
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="api"'
        answers.append({**response.json(), "requestId": None})
    assert answers[0] == answers[1] == answers[2]


def test_unknown_address_costs_the_same_hash(
    anonymous_api: APIClient, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time would tell who has an account, so the work is counted instead of the clock."""
    hashed: list[str] = []
    hasher = hashers.get_hasher().__class__
    encode, verify = hasher.encode, hasher.verify
    monkeypatch.setattr(hasher, "encode", lambda self, *a: hashed.append("one") or encode(self, *a))
    monkeypatch.setattr(hasher, "verify", lambda self, *a: hashed.append("one") or verify(self, *a))

    for email in (ada.email, "nobody@example.com"):
        anonymous_api.post(LOGIN, {"email": email, "password": "wrong"})

    assert hashed == ["one", "one"]


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, {("email", "required"), ("password", "required")}),
        ({"email": "no address", "password": ""}, {("email", "invalid"), ("password", "blank")}),
        ({"email": ["a@example.com"], "password": {"$ne": ""}}, {("email", "invalid"), ("password", "invalid")}),
        (
            {"email": "a@example.com", "password": "x", "remember": True},
            {("remember", "unknown")},
        ),
        ({"email": "a@example.com", "password": "x" * 1025}, {("password", "max_length")}),
    ],
)
def test_every_fault_of_a_login_is_named(
    anonymous_api: APIClient, body: dict[str, Any], faults: set[tuple[str, str]]
) -> None:
    response = anonymous_api.post(LOGIN, body)

    assert response.status_code == 400
    assert {(e["field"], e["code"]) for e in response.json()["errors"]} == faults


def test_refresh_token_gives_a_new_pair(anonymous_api: APIClient, ada: User) -> None:
    pair = token_pair(ada)

    body = anonymous_api.post(REFRESH, {"refreshToken": pair["refresh_token"]}).json()

    assert body["refreshToken"] != pair["refresh_token"]
    assert bearer(body["accessToken"]).get(ME).json()["id"] == str(ada.pk)


def test_a_token_is_good_for_its_own_purpose_only(anonymous_api: APIClient, ada: User) -> None:
    pair = token_pair(ada)

    assert bearer(pair["refresh_token"]).get(ME).status_code == 401
    assert anonymous_api.post(REFRESH, {"refreshToken": pair["access_token"]}).status_code == 401


def forged(user: User) -> str:
    token = str(AccessToken.for_user(user))
    head, body, signature = token.split(".")
    return f"{head}.{body}.{signature[::-1]}"


def expired(user: User) -> str:
    token = AccessToken.for_user(user)
    token.set_exp(from_time=timezone.now() - datetime.timedelta(days=1))
    return str(token)


def unsigned(user: User) -> str:
    _, body, _ = str(AccessToken.for_user(user)).split(".")
    return f"eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{body}."


def of_nobody(user: User) -> str:
    token = AccessToken.for_user(user)
    token["sub"] = "nobody"
    return str(token)


@pytest.mark.parametrize("make", [forged, expired, unsigned, of_nobody, lambda user: "x", lambda user: ""])
def test_tokens_that_prove_nothing(ada: User, make: Any) -> None:
    response = bearer(make(ada)).get(ME)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert response.headers["Content-Type"] == "application/problem+json"


def test_tokens_of_users_who_are_gone(anonymous_api: APIClient, ada: User) -> None:
    pair = token_pair(ada)
    ada.is_active = False
    ada.save()

    assert bearer(pair["access_token"]).get(ME).status_code == 401
    assert anonymous_api.post(REFRESH, {"refreshToken": pair["refresh_token"]}).status_code == 401

    ada.delete()
    assert bearer(pair["access_token"]).get(ME).status_code == 401


def test_token_names_the_user_by_id(ada: User) -> None:
    assert RefreshToken(token_pair(ada)["refresh_token"])["sub"] == str(ada.pk)


def test_me_changes_the_name_and_nothing_else(api: APIClient, user: User) -> None:
    changed = api.patch(ME, {"name": "New"})
    forged = api.patch(ME, {"email": "root@example.com", "isStaff": True, "id": "1", "isSuperuser": True})

    assert changed.json()["name"] == "New"
    assert forged.status_code == 400
    assert {(e["field"], e["code"]) for e in forged.json()["errors"]} == {
        ("email", "read_only"),
        ("isStaff", "read_only"),
        ("id", "read_only"),
        ("isSuperuser", "unknown"),
    }
    user.refresh_from_db()
    assert (user.name, user.is_staff) == ("New", False)


def test_me_honours_conditions(api: APIClient, user: User) -> None:
    tag = api.get(ME).headers["ETag"]

    assert api.get(ME, HTTP_IF_NONE_MATCH=tag).status_code == 304
    assert api.patch(ME, {"name": "New"}, HTTP_IF_MATCH=tag).status_code == 200
    assert api.patch(ME, {"name": "Newer"}, HTTP_IF_MATCH=tag).status_code == 412
    user.refresh_from_db()
    assert user.name == "New"


@pytest.mark.parametrize("teams", [1, 12])
def test_me_takes_two_queries(api: APIClient, user: User, teams: int, django_assert_num_queries: Any) -> None:
    for _ in range(teams - 1):
        team_make((user, Role.VIEWER))

    with django_assert_num_queries(2):  # user, teams with roles
        assert len(api.get(ME).json()["teams"]) == teams


@pytest.fixture
def limited(settings: Any) -> None:
    settings.RATELIMIT_ENABLE = True
    settings.RATES = {**settings.RATES, "login": "5/d", "refresh": "2/d"}
    cache.clear()


def attempts(client: APIClient, count: int, address: str = "203.0.113.1", **body: str) -> list[int]:
    return [client.post(LOGIN, body, REMOTE_ADDR=address).status_code for _ in range(count)]


def test_guessing_from_one_host_is_stopped(limited: None, anonymous_api: APIClient, ada: User) -> None:
    statuses = [
        status
        for number in range(7)
        for status in attempts(anonymous_api, 1, email=f"user{number}@example.com", password="x")
    ]

    assert statuses == [401] * 5 + [429] * 2
    assert attempts(anonymous_api, 1, address="203.0.113.2", email=ada.email, password=PASSWORD) == [200]


def test_guessing_one_account_from_many_hosts_is_stopped(limited: None, anonymous_api: APIClient, ada: User) -> None:
    statuses = [
        status
        for number in range(7)
        for status in attempts(anonymous_api, 1, address=f"203.0.113.{number}", email="Ada@Example.com", password="x")
    ]

    assert statuses == [401] * 5 + [429] * 2
    assert attempts(anonymous_api, 1, address="203.0.113.99", email="ADA@EXAMPLE.COM", password=PASSWORD) == [429]


def test_refusal_says_when_to_come_back(limited: None, anonymous_api: APIClient) -> None:
    attempts(anonymous_api, 5, email="a@example.com", password="x")

    response = anonymous_api.post(LOGIN, {"email": "a@example.com", "password": "x"}, REMOTE_ADDR="203.0.113.1")

    assert response.status_code == 429
    assert response.headers["Content-Type"] == "application/problem+json"
    assert 1 <= int(response.headers["Retry-After"]) <= 86_400
    assert response.json()["type"] == "urn:safapac:problem:rate-limit"


def test_refreshing_is_limited(limited: None, anonymous_api: APIClient, ada: User) -> None:
    token = token_pair(ada)["refresh_token"]

    statuses = [anonymous_api.post(REFRESH, {"refreshToken": token}).status_code for _ in range(3)]

    assert statuses == [200, 200, 429]


def test_limits_can_be_switched_off(limited: None, settings: Any, anonymous_api: APIClient) -> None:
    settings.RATELIMIT_ENABLE = False

    assert attempts(anonymous_api, 7, email="a@example.com", password="x") == [401] * 7


def test_limits_give_way_when_the_cache_is_down(limited: None, settings: Any, anonymous_api: APIClient) -> None:
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1"},
    }

    assert attempts(anonymous_api, 7, email="a@example.com", password="x") == [401] * 7
