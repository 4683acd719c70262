"""The line in the log for a statement that takes too long."""

import logging
import re
import threading
from collections.abc import Callable

import pytest
from django.contrib.auth.views import LoginView
from django.db import Error, connection, transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client, override_settings

from accounts.pages import SignInPage
from config.database.slow import _timed
from config.database.statements import MOST_CHARACTERS, shape

LOGGER = "safapac.database"
SLOW = override_settings(SLOW_QUERY_MS=1)


def sleep(seconds: float = 0.01) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s), 'a secret'", [seconds])


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
@pytest.mark.parametrize("limit", [1000, 0])
def test_a_fast_one_is_not_and_0_means_none(caplog: pytest.LogCaptureFixture, limit: int) -> None:
    with override_settings(SLOW_QUERY_MS=limit):
        sleep()
    assert said(caplog) == []


@pytest.mark.django_db
def test_a_statement_that_was_ended_for_taking_too_long_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 20")
    with SLOW, pytest.raises(Error, match="statement timeout"), transaction.atomic():
        sleep(10)
    assert len(said(caplog)) == 1


def answering(monkeypatch: pytest.MonkeyPatch, answer: Callable[[], HttpResponse | StreamingHttpResponse]) -> None:
    """Have GET /login answered by ``answer``."""

    def get(page: LoginView, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        return answer()

    monkeypatch.setattr(SignInPage, "get", get)


@pytest.mark.django_db
def test_it_names_the_route_and_the_request(
    client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, lambda: (sleep(), HttpResponse("slept"))[1])
    with SLOW:
        client.get("/login", headers={"X-Request-ID": "abcdefgh-1"})
        sleep()
    within, after = said(caplog)
    assert ", route=login request=abcdefgh-1: " in within
    assert ", route= request=: " in after


@pytest.mark.django_db
def test_it_names_the_request_whose_answer_is_being_streamed(
    client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, lambda: StreamingHttpResponse(sleep() or b"slept" for _ in range(1)))
    with SLOW:
        answer = client.get("/login", headers={"X-Request-ID": "abcdefgh-2"})
        assert b"".join(answer) == b"slept"
        sleep()
    within, after = said(caplog)
    assert ", route=login request=abcdefgh-2: " in within
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
