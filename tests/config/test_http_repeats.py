"""What was asked before is sent again without Django, for as long as all it depended on stands, and no longer."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings
from django.urls import resolve
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken

from accounts.choices import KeyScope, Role
from accounts.models import SignIn, Team, User
from accounts.services import api_key_create, sign_in_end
from accounts.tokens import token_pair
from config.cache import counters, versions
from config.health import metrics
from config.http import repeats
from projects.models import Project
from projects.services import project_update
from tests.fixtures import api_client
from tests.served import ServedClient

pytestmark = pytest.mark.django_db

PROJECTS = "/api/v1/projects"
NOWHERE = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://127.0.0.1:1"}}
OWN = {"X-Request-ID", "X-Process-Time", "Server-Timing"}


def is_repeated(client: ServedClient, path: str = PROJECTS, **headers: Any) -> bool:
    """Whether the answer to this request is one that was sent before."""
    before = client.repeated
    client.get(path, **headers)
    return client.repeated > before


@pytest.fixture
def reader(user: User, project: Project) -> ServedClient:
    """Whose first page of projects was asked for before."""
    client = api_client(user)
    client.get(PROJECTS)
    return client


def test_repeated_answer_says_what_the_first_one_said(user: User, project: Project) -> None:
    client = api_client(user)
    first, second = client.get(PROJECTS), client.get(PROJECTS)

    assert client.repeated == 1
    assert second.content == first.content
    assert {*second.headers} == {*first.headers}
    assert {name for name in first.headers if first.headers[name] != second.headers[name]} <= OWN
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]


def test_repeated_answer_counts_as_a_request_and_as_a_hit(reader: ServedClient) -> None:
    def counted() -> tuple[float | None, int]:
        labels = {"method": "GET", "route": resolve(PROJECTS).route, "status": "200"}
        requests = metrics.registry.get_sample_value("safapac_requests_total", labels)
        return requests, counters.totals()["projects"]["hits"]

    requests, hits = counted()
    assert is_repeated(reader, headers={"X-Request-ID": "my-own-id"})

    assert counted() == ((requests or 0) + 1, hits + 1)


def test_304_is_repeated_for_who_has_the_same(reader: ServedClient, project: Project) -> None:
    tag = reader.get(PROJECTS).headers["ETag"]
    answers = [reader.get(PROJECTS, HTTP_IF_NONE_MATCH=tag) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [304, 304]
    assert answers[1].headers["ETag"] == tag
    assert is_repeated(reader, HTTP_IF_NONE_MATCH=tag)
    project_update(project=project, name="Another")
    assert reader.get(PROJECTS, HTTP_IF_NONE_MATCH=tag).json()["items"][0]["name"] == "Another"


@pytest.mark.parametrize(
    "difference",
    [
        {"HTTP_ACCEPT_ENCODING": "br"},
        {"HTTP_ACCEPT": "text/html"},
        {"HTTP_ORIGIN": "https://example.com"},
        {"HTTP_HOST": "127.0.0.1"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"HTTP_COOKIE": "a=b"},
        {"QUERY_STRING": "pageSize=1"},
    ],
    ids=lambda difference: next(iter(difference)),
)
def test_request_that_differs_in_what_answers_vary_with_is_another(
    reader: ServedClient, difference: dict[str, str]
) -> None:
    assert not is_repeated(reader, **difference)
    assert is_repeated(reader)


def test_only_reading_with_a_token_or_a_key_is_repeated(user: User, project: Project) -> None:
    key = ServedClient(
        headers={"Authorization": f"Bearer {api_key_create(user=user, name='k', scope=KeyScope.READ)[1]}"}
    )
    session = ServedClient()
    session.force_login(user)

    assert [is_repeated(key) for _ in range(3)][-1]
    assert not any(is_repeated(session) for _ in range(3))
    writer = api_client(user)
    names = [writer.post(PROJECTS, {"name": f"Plant {number}"}).status_code for number in range(2)]
    assert (names, writer.repeated) == ([201, 201], 0)


def test_refusals_are_not_repeated(user: User) -> None:
    client = api_client(user)
    missing = f"{PROJECTS}/{user.pk}"

    assert [client.get(missing).status_code for _ in range(2)] == [404, 404]
    assert [client.get(f"{PROJECTS}?sort=no").status_code for _ in range(2)] == [400, 400]
    assert client.repeated == 0


def _rename(user: User, project: Project) -> int:
    project_update(project=project, name="Renamed")
    return 200


def _sign_out(user: User, project: Project) -> int:
    sign_in_end(user=user, sign_in=SignIn.objects.get(user=user).pk)
    return 401


def _deactivate(user: User, project: Project) -> int:
    user.is_active = False
    user.save()
    return 401


def _lower(user: User, project: Project) -> int:
    membership = project.team.memberships.get(user=user)
    membership.role = Role.VIEWER
    membership.save()
    return 200


def _remove(user: User, project: Project) -> int:
    project.team.memberships.get(user=user).delete()
    return 404


def _invalidate(user: User, project: Project) -> int:
    versions.replace_all()
    return 200


@pytest.mark.parametrize("change", [_rename, _sign_out, _deactivate, _lower, _remove, _invalidate])
def test_any_change_of_what_it_depended_on_ends_it(
    user: User, team: Team, project: Project, change: Callable[[User, Project], int]
) -> None:
    client, path = api_client(user), f"{PROJECTS}/{project.pk}"
    client.get(path)
    assert is_repeated(client, path)

    expected, before = change(user, project), client.repeated

    assert client.get(path).status_code == expected
    assert client.repeated == before


def test_token_that_expires_ends_it(user: User, project: Project) -> None:
    token = AccessToken(token_pair(user)["access_token"])  # type: ignore[arg-type]
    token.set_exp(lifetime=timedelta(seconds=5))
    client = ServedClient(headers={"Authorization": f"Bearer {token}"})
    assert client.get(PROJECTS).status_code == 200

    time.sleep(max(0.0, token["exp"] - time.time()) + 0.01)

    assert client.get(PROJECTS).status_code == 401


def test_key_that_expires_ends_it(user: User, project: Project) -> None:
    at = timezone.now() + timedelta(seconds=4)
    raw = api_key_create(user=user, name="k", scope=KeyScope.READ, expires_at=at)[1]
    client = ServedClient(headers={"Authorization": f"Bearer {raw}"})
    assert client.get(PROJECTS).status_code == 200

    time.sleep((at - timezone.now()).total_seconds() + 0.05)

    assert client.get(PROJECTS).status_code == 401


def test_nothing_is_repeated_while_the_cache_cannot_be_asked(reader: ServedClient) -> None:
    assert is_repeated(reader)
    with override_settings(CACHES=NOWHERE):
        assert not is_repeated(reader)
        assert reader.get(PROJECTS).status_code == 200


def test_what_a_process_keeps_is_bounded(reader: ServedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats._kept, "limit", 10_000)
    for size in range(1, 20):
        reader.get(f"{PROJECTS}?pageSize={size}")

    assert is_repeated(reader, f"{PROJECTS}?pageSize=19")
    assert not is_repeated(reader, f"{PROJECTS}?pageSize=1")
    assert repeats.kept_bytes() <= 10_000
