"""Answers made ahead: at the start, and again after a change, by whoever notices it, while nobody waits."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connections, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django_redis import get_redis_connection
from rest_framework.test import APIClient

from accounts.models import User
from config.cache import answers, codings, counters, versions, warming
from masterdata.apps import ASKED_FOR
from masterdata.caching import MASTER_DATA, MASTERDATA
from masterdata.models import Country
from tests.fixtures import api_client
from tests.stack.product import wait_for

NOWHERE = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://127.0.0.1:1"}}
PATHS = [f"/api/v1/{route}" for route in ASKED_FOR]
ALL_CODINGS = frozenset({codings.IDENTITY, codings.GZIP, codings.BROTLI})
COUNTRIES = "/api/v1/countries"


@pytest.fixture
def _keeps_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the transaction of the test would end with the connection that warm() closes behind itself."""
    monkeypatch.setattr(connections, "close_all", lambda: None)


@pytest.fixture
def _web_process() -> Iterator[None]:
    warming.switch(is_on=True)
    yield
    warming.switch(is_on=False)


def queries(client: APIClient, path: str) -> int:
    with CaptureQueriesContext(connections["default"]) as captured:
        assert client.get(path, HTTP_ACCEPT_ENCODING="br").status_code == 200
    return len(captured)


def connected() -> int:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def kept() -> int:
    return len(list(get_redis_connection("default").scan_iter(answers.PREFIX + "*")))


@pytest.mark.usefixtures("_keeps_connection")
def test_first_request_finds_what_was_made_ahead(api: APIClient) -> None:
    for number in range(20):
        Country.objects.create(code=f"QA{chr(65 + number)}", name=f"Country {number}")
    api.get("/api/v1/units")  # whoever asks is known by now
    warming.warm()

    assert {path: queries(api, path) for path in PATHS} == dict.fromkeys(PATHS, 0)
    large = [answer for answer in answers._mine._values.values() if len(answer.body) >= 1024]
    assert len(large) >= 2  # the list of countries, and all of the master data
    assert {frozenset(answer.codings) for answer in large} == {ALL_CODINGS}


@pytest.mark.usefixtures("_keeps_connection")
@pytest.mark.parametrize("path", PATHS)
def test_what_was_made_ahead_is_what_would_have_been_answered(api: APIClient, path: str) -> None:
    asked = api.get(path)
    versions.replace_all()
    warming.warm()
    ahead = api.get(path)

    assert (ahead.status_code, ahead.content, ahead.headers["ETag"]) == (200, asked.content, asked.headers["ETag"])


@pytest.mark.usefixtures("_keeps_connection")
def test_what_nobody_asked_for_counts_as_neither_hit_nor_miss(db: None) -> None:
    before = counters.totals().get(MASTER_DATA)
    warming.warm()

    assert counters.totals().get(MASTER_DATA) == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_web_process")
def test_process_that_changes_master_data_makes_the_answers_again(user: User) -> None:
    client = api_client(user)
    client.get("/api/v1/units")
    with transaction.atomic():
        Country.objects.create(code="ATL", name="Atlantis")
        assert kept() == 0  # nothing is made of what is not committed
    wait_for(lambda: kept() == len(PATHS))

    assert queries(client, COUNTRIES) == 0
    assert "Atlantis" in {item["name"] for item in client.get(COUNTRIES).json()["items"]}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_web_process")
def test_change_by_another_program_is_noticed_by_the_first_who_misses_an_answer(user: User) -> None:
    client = api_client(user)
    client.get(COUNTRIES)
    wait_for(lambda: kept() == len(PATHS))
    # As another process does it, of which this one hears nothing.
    get_redis_connection("default").set(versions.PREFIX + MASTERDATA, b"another")
    client.get(COUNTRIES)
    wait_for(lambda: kept() == 2 * len(PATHS))

    assert {path: queries(client, path) for path in PATHS} == dict.fromkeys(PATHS, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_web_process")
@pytest.mark.parametrize("tags", [[MASTER_DATA], None])
def test_answers_invalidated_by_staff_are_made_again(user: User, tags: list[str] | None) -> None:
    user.is_staff = True
    user.save()
    api_client(user).post("/api/v1/cache/invalidate", {} if tags is None else {"tags": tags})

    wait_for(lambda: kept() == len(PATHS))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_web_process")
def test_many_changes_make_one_round_and_leave_no_connection() -> None:
    rounds, changed = [], threading.Event()

    def step() -> None:
        rounds.append(None)
        changed.wait(60)

    warming._steps.append(step)
    try:
        for number in range(26):
            Country.objects.create(code=f"QA{chr(65 + number)}", name=f"Country {number}")
        changed.set()
        wait_for(lambda: kept() >= len(PATHS))
        warming.switch(is_on=False)
    finally:
        warming._steps.remove(step)

    # One for the last of them, and one that had begun before it.
    assert len(rounds) <= 2
    assert kept() <= 2 * len(PATHS)
    wait_for(lambda: connected() == 1)


@pytest.mark.django_db(transaction=True)
def test_only_web_processes_make_answers_ahead() -> None:
    Country.objects.create(code="ATL", name="Atlantis")

    assert "cache-warming" not in {thread.name for thread in threading.enumerate()}
    assert kept() == 0


@pytest.mark.django_db
@pytest.mark.usefixtures("_keeps_connection")
def test_start_without_a_cache_goes_on() -> None:
    with override_settings(CACHES=NOWHERE):
        warming.warm()

    assert kept() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_web_process")
def test_change_while_answers_are_being_made_has_them_made_again(user: User) -> None:
    begun, moved = threading.Event(), threading.Event()

    def step() -> None:
        begun.set()
        moved.wait(60)

    warming._steps.append(step)
    try:
        client = api_client(user)
        client.get(COUNTRIES)
        assert begun.wait(60)
        get_redis_connection("default").set(versions.PREFIX + MASTERDATA, b"another")
        client.get(COUNTRIES)
        moved.set()
        wait_for(lambda: kept() >= len(PATHS) + 1)
        wait_for(lambda: {path: queries(client, path) for path in PATHS} == dict.fromkeys(PATHS, 0))
    finally:
        warming._steps.remove(step)
