"""What /health and /metrics say."""

import logging
import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client, override_settings

from config import health
from config.health import checks, logs
from config.stack.budget import Budget

NO_CACHE = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": "redis://127.0.0.1:1/0",
        "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 1},
    }
}


@pytest.fixture(autouse=True)
def only_our_checks() -> Iterator[None]:
    """The apps' own checks are theirs to test."""
    kept = dict(health._checks)
    health._checks.clear()
    yield
    health._checks.clear()
    health._checks.update(kept)


def test_live_asks_no_server(client: Client) -> None:
    """Without the django_db mark a query would be an error."""
    response = client.get("/health/live")
    assert (response.status_code, response.json()) == (200, {"status": "live"})


@pytest.mark.django_db
def test_ready_names_every_check(client: Client) -> None:
    health.register("stock", lambda: None)
    response = client.get("/health/ready")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "checks": {"database": "ok", "cache": "ok", "migrations": "ok", "stock": "ok"},
    }
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_without_the_cache_it_is_degraded_and_still_serves(client: Client) -> None:
    with override_settings(CACHES=NO_CACHE):
        response = client.get("/health/ready")
    assert response.status_code == 200
    assert (response.json()["status"], response.json()["checks"]["cache"]) == ("degraded", "down")


def test_a_cache_that_is_away_does_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("tests.seldom")
    logger.addFilter(logs.Seldom())
    for _ in range(3):
        try:
            raise ConnectionError("refused")
        except ConnectionError:
            logger.exception("Exception ignored")
    assert [record.getMessage() for record in caplog.records] == ["Exception ignored: refused (said once a minute)"]
    assert "Traceback" not in caplog.text


@pytest.mark.django_db
def test_a_check_of_an_app_that_fails_makes_it_unavailable(client: Client) -> None:
    health.register("stock", lambda: "empty")
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert (response.json()["status"], response.json()["checks"]["stock"]) == ("unavailable", "empty")


@pytest.mark.django_db
def test_a_check_that_raises_tells_nothing_of_the_cause(client: Client) -> None:
    def broken() -> None:
        raise RuntimeError("password is hunter2")

    health.register("stock", broken)
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert "hunter2" not in response.text


@pytest.mark.django_db(transaction=True)
def test_a_missing_migration_makes_it_unavailable(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_migrated", False)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET name = name || '_' WHERE app = 'sessions'")
    try:
        response = client.get("/health/ready")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE django_migrations SET name = rtrim(name, '_') WHERE app = 'sessions'")
    assert response.status_code == 503
    assert response.json()["checks"]["migrations"] == "1 not applied"
    assert client.get("/health/ready").status_code == 200


def test_two_checks_cannot_share_a_name() -> None:
    health.register("stock", lambda: None)
    with pytest.raises(ValueError, match="stock"):
        health.register("stock", lambda: "another")


@pytest.mark.django_db
def test_db_tells_connections_of_the_budget(client: Client) -> None:
    connections = client.get("/health/db").json()["connections"]
    assert 1 <= connections["used"] <= connections["maximum"]
    assert connections["budget"] == Budget.from_environment().connections


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/health/db", "/metrics"])
def test_writing_is_not_allowed(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


@pytest.mark.django_db
def test_metrics_count_requests_by_route_and_never_by_path(client: Client) -> None:
    def counted() -> float:
        text = client.get("/metrics").text
        found = re.search(r'safapac_requests_total\{method="GET",route="health/live",status="200"\} (\S+)', text)
        return float(found[1]) if found else 0.0

    before = counted()
    client.get("/health/live")
    client.get("/no/such/quokka")
    assert counted() == before + 1
    text = client.get("/metrics").text
    assert "quokka" not in text
    assert 'route="unmatched"' in text
    assert re.search(r"^safapac_resident_memory_bytes [1-9]", text, re.MULTILINE)


def test_methods_nobody_knows_share_one_label(client: Client) -> None:
    client.generic("BREW", "/health/live")
    text = client.get("/metrics").text
    assert "BREW" not in text
    assert 'method="other"' in text


def test_the_budget_counts_threads_and_background(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUNICORN_WORKERS", "4")
    monkeypatch.setenv("GUNICORN_THREADS", "3")
    monkeypatch.setenv("WORKER_CONCURRENCY", "2")
    assert Budget.from_environment().standing == 4 * 3 + (2 * 2 + 1)
    assert Budget.from_environment().connections == 17 + 5
    monkeypatch.setenv("WORKER_CONCURRENCY", "0")
    assert Budget.from_environment().connections == 12 + 4


@pytest.mark.parametrize("workers", range(1, 9))
@pytest.mark.parametrize("background", [0, 1, 2])
def test_a_fifth_of_the_budget_is_for_what_comes_and_goes(workers: int, background: int) -> None:
    budget = Budget(web_workers=workers, web_threads=2, background_workers=background)

    assert budget.standing / budget.connections < 0.8
    assert budget.connections - budget.standing >= 2
