"""The line in the log for a statement that takes too long."""

import logging
import re
import threading

import pytest
from django.db import Error, connection, transaction
from django.test import Client, override_settings

from config.database.slow import _timed
from config.database.statements import MOST_CHARACTERS, shape
from tests.config.database_routes import sleep

LOGGER = "safapac.database"
SLOW = override_settings(SLOW_QUERY_MS=1)


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == LOGGER and "pg_sleep" in record.message]


@pytest.mark.django_db
def test_a_slow_statement_is_one_line_without_its_values(caplog: pytest.LogCaptureFixture) -> None:
    with SLOW:
        sleep(0.0123)
    (line,) = said(caplog)
    assert re.fullmatch(r"slow statement: \d+ ms, route= request=: SELECT pg_sleep\(%s\), '\?'", line)
    assert int(re.findall(r"\d+", line)[0]) >= 12


@pytest.mark.django_db
@pytest.mark.parametrize("limit", [60_000, 0])
def test_a_fast_one_is_not_and_0_means_none(caplog: pytest.LogCaptureFixture, limit: int) -> None:
    with override_settings(SLOW_QUERY_MS=limit):
        sleep()
    assert said(caplog) == []


@pytest.mark.django_db
def test_a_statement_that_was_ended_for_taking_too_long_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 300")
    with SLOW, pytest.raises(Error, match="statement timeout"), transaction.atomic():
        sleep(10)
    assert len(said(caplog)) == 1


@pytest.mark.django_db
@pytest.mark.urls("tests.config.database_routes")
@pytest.mark.parametrize("route", ["slow", "streamed"])
def test_it_names_the_route_and_the_request_until_all_is_sent(
    client: Client, caplog: pytest.LogCaptureFixture, route: str
) -> None:
    with SLOW:
        assert client.get(f"/{route}", headers={"X-Request-ID": "abcdefgh-1"}).getvalue() == b"slept"
        sleep()
    within, after = said(caplog)
    assert f", route={route} request=abcdefgh-1: " in within
    assert ", route= request=: " in after


@pytest.mark.django_db(transaction=True)
def test_each_thread_is_watched_and_a_connection_opened_again_is_watched_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def work() -> None:
        for _ in range(2):
            sleep()
            connection.close()
        watched.append(connection.execute_wrappers.count(_timed))

    watched: list[int] = []
    with SLOW:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert watched == [1]
    assert len(said(caplog)) == 2


@pytest.mark.django_db(transaction=True)
def test_who_watches_for_a_while_does_not_end_ours(caplog: pytest.LogCaptureFixture) -> None:
    """execute_wrapper() takes the last wrapper away, which must not be ours when the connection was opened within."""

    def watching(execute, *args):
        return execute(*args)

    def work() -> None:
        with connection.execute_wrapper(watching):
            sleep()
        left.extend(connection.execute_wrappers)
        connection.close()

    left: list[object] = []
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert left == [_timed]


def test_the_logger_passes_warnings_on() -> None:
    assert logging.getLogger(LOGGER).isEnabledFor(logging.WARNING)


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        ("SELECT  a\n  FROM b\tWHERE c = %s", "SELECT a FROM b WHERE c = %s"),
        ("SELECT a FROM b WHERE c IN (%s, %s, %s, %s, %s)", "SELECT a FROM b WHERE c IN (%s, ...)"),
        ("SELECT a FROM b WHERE c IN (%s, %s)", "SELECT a FROM b WHERE c IN (%s, %s)"),
        ("INSERT INTO a VALUES (%s, %s, %s, %s), (%s, %s, %s, %s)", "INSERT INTO a VALUES (%s, ...), ..."),
        ("SELECT 'it''s me', \"name\"", "SELECT '?', \"name\""),
    ],
)
def test_a_shape_is_the_same_for_all_values(sql: str, shown: str) -> None:
    assert shape(sql) == shown


def test_a_shape_is_cut() -> None:
    cut = shape("SELECT " + "a, " * 1000)
    assert len(cut) == MOST_CHARACTERS
    assert cut.endswith("...")
