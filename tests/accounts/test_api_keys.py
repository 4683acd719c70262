"""Keys of programs: shown once, scoped, ended at will, and as cheap as tokens."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import usage
from accounts.choices import KeyScope, Role
from accounts.models import ApiKey, Team, User
from accounts.services import api_key_create
from projects.models import Project
from tests.accounts.mails import delivered, html_of, links_in
from tests.fixtures import api_client

pytestmark = pytest.mark.django_db

KEYS, ME, PROJECTS = "/api/v1/auth/api-keys", "/api/v1/auth/me", "/api/v1/projects"


def program(raw: str) -> APIClient:
    return APIClient(headers={"Authorization": f"Bearer {raw}"})


def made(user: User, scope: KeyScope = KeyScope.WRITE, **fields: Any) -> APIClient:
    return program(api_key_create(user=user, name="script", scope=scope, **fields)[1])


def test_a_key_is_shown_once_and_hashed_at_rest(api: APIClient, user: User) -> None:
    answer = api.post(KEYS, {"name": "nightly", "scope": "write"})

    body = answer.json()
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    assert body["key"].startswith("sfp_")
    assert (body["hint"], body["scope"], body["expiresAt"], body["lastUsedAt"]) == (
        body["key"][-4:],
        "write",
        None,
        None,
    )
    assert program(body["key"]).get(ME).json()["id"] == str(user.pk)
    assert body["key"] not in api.get(KEYS).content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(row::text, ' ') FROM accounts_apikey AS row")
        assert body["key"][30:] not in cursor.fetchone()[0]


def test_who_has_a_key_made_is_told_by_mail(api: APIClient, user: User) -> None:
    ends = timezone.now() + timedelta(days=1)
    raw = api.post(KEYS, {"name": "<b>nightly</b> at 2", "scope": "write", "expiresAt": ends}).json()["key"]

    (message,) = delivered()

    assert (message.to, message.subject) == ([user.email], "An API key was made for your SAFAPAC account")
    assert f"“<b>nightly</b> at 2”, which ends in …{raw[-4:]}" in message.body
    assert f"read and change what you may, until {ends:%-d %B %Y, %H:%M} (UTC)" in message.body
    assert links_in(message) == [f"{settings.SITE_URL}{path}" for path in ("/account/keys", "/password/reset", "")]
    assert "&lt;b&gt;nightly&lt;/b&gt; at 2" in html_of(message)
    assert raw not in str(message.message())


def test_a_key_that_is_not_made_is_not_told(api: APIClient) -> None:
    api.post(KEYS, {"name": "late", "expiresAt": "2020-01-01T00:00:00Z"})

    assert delivered() == []


def test_a_key_that_reads_writes_nothing(user: User, team: Team, project: Project) -> None:
    client = made(user, KeyScope.READ)
    url = f"{PROJECTS}/{project.pk}"

    assert client.get(url).status_code == 200
    answers = [client.post(PROJECTS, {"name": "x"}), client.patch(url, {"name": "x"}), client.delete(url)]

    assert {answer.status_code for answer in answers} == {403}
    assert answers[0].json()["detail"] == "This API key may only read."
    assert list(Project.objects.values_list("name", flat=True)) == [project.name]


def test_a_key_goes_with_its_owners_roles(user: User, viewer: User, project: Project) -> None:
    url = f"{PROJECTS}/{project.pk}"

    assert made(user).patch(url, {"name": "mine"}).status_code == 200
    assert made(viewer).get(url).status_code == 200
    assert made(viewer).patch(url, {"name": "theirs"}).status_code == 403


def test_a_new_role_holds_for_keys_from_the_next_request(user: User, team: Team, project: Project) -> None:
    client, url = made(user), f"{PROJECTS}/{project.pk}"
    assert client.patch(url, {"name": "mine"}).status_code == 200
    membership = team.memberships.get(user=user)
    membership.role = Role.VIEWER
    membership.save()

    assert client.patch(url, {"name": "still mine"}).status_code == 403


def test_an_ended_key_is_refused_by_the_next_request(api: APIClient, user: User) -> None:
    client = made(user)
    assert client.get(ME).status_code == 200

    assert api.delete(f"{KEYS}/{ApiKey.objects.get().pk}").status_code == 204

    answer = client.get(ME)
    assert (answer.status_code, answer.json()["detail"]) == (401, "The API key is not valid, or no longer.")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'


def test_a_key_runs_out(user: User) -> None:
    client = made(user, expires_at=timezone.now() + timedelta(hours=1))
    assert client.get(ME).status_code == 200

    for key in ApiKey.objects.all():
        key.expires_at = timezone.now()
        key.save()

    assert client.get(ME).status_code == 401


def test_keys_of_a_deactivated_user_are_dead(user: User) -> None:
    client = made(user)
    assert client.get(ME).status_code == 200
    user.is_active = False
    user.save()

    assert client.get(ME).status_code == 401


@pytest.mark.parametrize("broken", [lambda raw: raw[:-1], lambda raw: raw[:-1] + "é", lambda raw: "sfp_", str.swapcase])
def test_what_is_not_a_key(user: User, broken: Any, django_assert_num_queries: Any) -> None:
    _, raw = api_key_create(user=user, name="script")
    program(raw).get(ME)

    with django_assert_num_queries(0):
        answer = APIClient().get(ME, HTTP_AUTHORIZATION=f"Bearer {broken(raw)}".encode().decode("latin-1"))

    assert answer.status_code == 401


def test_guessing_at_a_key_asks_no_query(user: User, django_assert_num_queries: Any) -> None:
    _, raw = api_key_create(user=user, name="script")
    program(raw).get(ME)

    with django_assert_num_queries(0):
        assert program(raw[:-4] + "AAAA").get(ME).status_code == 401


def test_a_repeated_request_is_known(user: User, project: Project, django_assert_num_queries: Any) -> None:
    client = made(user)
    client.get(f"{PROJECTS}/{project.pk}")
    usage.clear()
    client.get(PROJECTS)

    with django_assert_num_queries(0):
        assert client.get(f"{PROJECTS}/{project.pk}").status_code == 200


def test_a_use_is_written_down_once_a_minute(user: User) -> None:
    client = made(user)
    client.get(ME)
    first = ApiKey.objects.get().last_used_at
    usage.clear()

    client.get(ME)

    assert first is not None
    assert ApiKey.objects.get().last_used_at == first


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "sessions"),
        ("get", "api-keys"),
        ("post", "api-keys"),
        ("post", "logout"),
        ("post", "logout/all"),
        ("post", "password/change"),
        ("post", "email"),
        ("patch", "me"),
        ("get", "me/deletion"),
        ("post", "me/deletion"),
    ],
)
def test_a_key_does_not_rule_its_account(user: User, method: str, path: str) -> None:
    answer = getattr(made(user), method)(f"/api/v1/auth/{path}", {"name": "x"} if method != "get" else None)

    assert answer.status_code == 403
    assert ApiKey.objects.count() == 1


def test_keys_of_others_are_not_there(user: User, other_api: APIClient) -> None:
    made(user)
    key = ApiKey.objects.get().pk

    assert other_api.get(KEYS).json()["total"] == 0
    assert other_api.get(f"{KEYS}/{key}").status_code == 404
    assert other_api.delete(f"{KEYS}/{key}").status_code == 404
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"name": ""}, ("name", "blank")),
        ({"scope": "admin"}, ("scope", "invalid_choice")),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, ("expiresAt", "past")),
        ({"user": "somebody"}, ("user", "unknown")),
        ({"key": "sfp_mine"}, ("key", "unknown")),
        ({"lastUsedAt": "2026-01-01T00:00:00Z"}, ("lastUsedAt", "read_only")),
    ],
)
def test_what_a_key_may_not_be(api: APIClient, given: dict[str, str], fault: tuple[str, str]) -> None:
    answer = api.post(KEYS, {"name": "script"} | given)

    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [fault]
    assert not ApiKey.objects.exists()


def test_keys_are_described(anonymous_api: APIClient) -> None:
    schemes = anonymous_api.get("/api/schema", HTTP_ACCEPT="application/vnd.oai.openapi+json").json()["components"]

    assert "sfp_" in schemes["securitySchemes"]["apiKey"]["description"]


def test_a_key_signs_in_nobody_in_the_admin(staff_user: User) -> None:
    assert made(staff_user).get("/admin/").status_code == 302
    assert api_client(staff_user).get("/admin/").status_code == 302
