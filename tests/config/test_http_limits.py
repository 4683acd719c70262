"""Rates over HTTP: who is counted, under which address, in how many round trips, and what the answers say of it."""

import logging
import re
from typing import Any

import pytest
from django.test import Client, RequestFactory, override_settings
from redis.connection import AbstractConnection
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tokens import token_pair
from config.http.limits import client_address
from tests.fixtures import api_client

NOWHERE = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://127.0.0.1:1"}}
REFRESH = "/api/v1/auth/refresh"
LOGIN = "/api/v1/auth/login"


@pytest.fixture
def _limited(settings: Any) -> None:
    """The rates are on; counted by the day, so that no window ends within a test."""
    settings.RATELIMIT_ENABLE = True
    settings.RATES = {**settings.RATES, "anon": "3/d", "refresh": "1/d", "login": "2/d"}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What goes to Valkey, an item for each round trip."""
    packets: list[bytes] = []
    send = AbstractConnection.send_packed_command

    def noting(self: Any, command: Any, *args: Any, **kwargs: Any) -> Any:
        packets.append(command if isinstance(command, bytes) else b"".join(command))
        return send(self, command, *args, **kwargs)

    monkeypatch.setattr(AbstractConnection, "send_packed_command", noting)
    return packets


def counting(packets: list[bytes]) -> list[bytes]:
    return [packet for packet in packets if b"\r\nINCRBY\r\n" in packet]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.7", "127.0.0.1"),
        (0, "203.0.113.7, 198.51.100.1", "127.0.0.1"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "10.0.0.1, 203.0.113.7", "203.0.113.7"),
        (1, "made up,2001:db8::1", "2001:db8::1"),
        (1, "203.0.113.7, made up", "127.0.0.1"),
        (1, "", "127.0.0.1"),
        (2, "10.0.0.1, 203.0.113.7, 192.0.2.1", "203.0.113.7"),
        (2, "203.0.113.7, 192.0.2.1", "203.0.113.7"),
        (2, "192.0.2.1", "127.0.0.1"),
        (2, "made up, 192.0.2.1", "127.0.0.1"),
    ],
)
def test_only_what_trusted_proxies_added_is_believed(settings: Any, proxies: int, forwarded: str, address: str) -> None:
    settings.TRUSTED_PROXIES = proxies

    assert client_address(RequestFactory().get("/", headers={"X-Forwarded-For": forwarded})) == address


def refreshed(forwarded: str) -> int:
    body = {"refreshToken": "none"}
    return APIClient().post(REFRESH, body, headers={"X-Forwarded-For": forwarded}).status_code


@pytest.mark.usefixtures("_limited")
def test_clients_behind_one_proxy_have_a_rate_each(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1

    assert list(map(refreshed, ["203.0.113.7", "198.51.100.1, 203.0.113.7", "203.0.113.8"])) == [401, 429, 401]


@pytest.mark.usefixtures("_limited")
def test_without_a_proxy_no_header_buys_another_rate() -> None:
    assert list(map(refreshed, ["203.0.113.7", "203.0.113.8"])) == [401, 429]


@pytest.mark.django_db
@pytest.mark.usefixtures("_limited")
@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer forged"}, {"Authorization": "Basic abc"}, {"Cookie": "sessionid=forged"}],
    ids=["nothing", "forged token", "other scheme", "forged session"],
)
def test_requests_without_a_sign_in_share_a_rate_over_all_routes(headers: dict[str, str]) -> None:
    client = Client(headers=headers)
    paths = ["/api/v1/projects", "/api/v1/nowhere", "/api/v1/master-data"]

    assert [client.get(path).status_code for path in paths] == [401, 404, 401]
    refused = client.get("/api/docs")

    assert refused.status_code == 429
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert 0 < int(refused.headers["Retry-After"]) <= 86_400
    assert refused.headers["RateLimit-Policy"] == '"anon";q=3;w=86400'
    assert re.fullmatch(r'"anon";r=0;t=[0-9]+', refused.headers["RateLimit"])


@pytest.mark.django_db
@pytest.mark.usefixtures("_limited")
def test_health_metrics_and_pages_are_not_counted(client: Client) -> None:
    paths = ["/health/live", "/metrics", "/login", "/static/safapac/app.css"]
    for path in paths:
        assert {"RateLimit" in client.get(path).headers for _ in range(5)} == {False}, path

    assert client.get("/api/v1/projects").headers["RateLimit"].startswith('"anon";r=2;')


@pytest.mark.usefixtures("_limited")
def test_whoever_is_signed_in_is_neither_counted_nor_held_up(user: User, sent: list[bytes]) -> None:
    by_token, by_session = api_client(user), Client()
    by_session.force_login(user)
    for _ in range(5):
        anonymous = Client().get("/api/v1/projects")
    assert anonymous.status_code == 429
    sent.clear()

    answers = [client.get("/api/v1/projects") for client in (by_token, by_session) for _ in range(5)]

    assert {answer.status_code for answer in answers} == {200}
    assert not any("RateLimit" in answer.headers for answer in answers)
    assert counting(sent) == []


@pytest.mark.usefixtures("_limited")
def test_a_sign_in_that_holds_no_longer_is_counted(user: User) -> None:
    client = Client(headers={"Authorization": f"Bearer {token_pair(user)['access_token']}"})
    user.is_active = False
    user.save()

    assert [client.get("/api/v1/projects").status_code for _ in range(4)] == [401] * 3 + [429]


@pytest.mark.django_db
@pytest.mark.usefixtures("_limited")
def test_counters_of_one_rate_move_in_one_round_trip(settings: Any, sent: list[bytes]) -> None:
    settings.RATES = {**settings.RATES, "anon": "100/d"}
    body = {"email": "nobody@example.com", "password": "wrong"}

    answers = [APIClient().post(LOGIN, body) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [401, 401, 429]
    # One for all that is anonymous, and one for both keys of the rate of signing in.
    assert [packet.count(b"INCRBY\r\n") for packet in counting(sent)] == [1, 2] * 3


@pytest.mark.django_db
@pytest.mark.usefixtures("_limited")
def test_every_counted_answer_says_what_is_left(settings: Any) -> None:
    settings.RATES = {**settings.RATES, "anon": "100/d"}
    body = {"email": "nobody@example.com", "password": "wrong"}

    first, _, third = [APIClient().post(LOGIN, body) for _ in range(3)]

    assert first.headers["RateLimit-Policy"] == '"anon";q=100;w=86400, "login";q=2;w=86400'
    assert re.fullmatch(r'"anon";r=99;t=\d+, "login";r=1;t=\d+', first.headers["RateLimit"])
    assert re.fullmatch(r'"anon";r=97;t=\d+, "login";r=0;t=\d+', third.headers["RateLimit"])


@pytest.mark.django_db
@pytest.mark.usefixtures("_limited")
def test_without_a_cache_requests_pass_and_the_log_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "config.http.limits"):
        with override_settings(CACHES=NOWHERE):
            answers = [Client().get("/api/v1/projects") for _ in range(6)]
        back = Client().get("/api/v1/projects")

    assert {answer.status_code for answer in answers} == {401}
    assert not any("RateLimit" in answer.headers for answer in answers)
    assert "RateLimit" in back.headers
    said = [record.getMessage().partition(":")[0] for record in caplog.records if record.name == "config.http.limits"]
    assert said == ["rates are not counted, every request passes", "rates are counted again"]


def test_rates_can_be_switched_off(client: Client, settings: Any) -> None:
    settings.RATES = {**settings.RATES, "anon": "1/d"}

    assert {client.get("/api/v1/nowhere").status_code for _ in range(3)} == {404}
