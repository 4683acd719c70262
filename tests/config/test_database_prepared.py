"""What is run again is prepared once on each connection, and answers as if it were not."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet, Value
from django.test.utils import CaptureQueriesContext

from accounts.models import Team
from config.database import prepared
from config.database.compiled import Compiled, Hole, compiled_for
from tests.factories import team_make

pytestmark = pytest.mark.django_db


def names() -> Compiled:
    def make(key: object) -> QuerySet[Team, Any]:
        return Team.objects.filter(pk=key).values_list("name")

    return compiled_for({"key": Team().pk}, make)


def on_server() -> list[str]:
    """The statements that this connection has prepared."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements ORDER BY prepare_time")
        return [statement for (statement,) in cursor.fetchall()]


def numbers(constant: int) -> Compiled:
    """One statement with a value that is part of it."""
    return Compiled("SELECT %s + %s::int", (constant, 0), None).with_holes({"b": 0}) or pytest.fail("no hole")


@pytest.fixture(autouse=True)
def _clean_connection() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    prepared.forget()


def rows(statement: Compiled, **values: Any) -> Sequence[Any]:
    return list(statement.rows(values))


def test_statement_is_prepared_once_and_answers_for_every_value() -> None:
    teams, statement = [team_make(), team_make()], names()

    assert [rows(statement, key=team.pk) for team in teams * 2] == [[(team.name,)] for team in teams * 2]

    (text,) = on_server()
    assert "accounts_team" in text
    assert "$1" in text


def test_statements_that_differ_in_a_constant_alone_are_two() -> None:
    assert [rows(numbers(constant), b=1) for constant in (1, 2, 1)] == [[(2,)], [(3,)], [(2,)]]
    assert len(on_server()) == 2


def test_what_records_queries_sees_the_statement() -> None:
    team, statement = team_make(), names()
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            rows(statement, key=team.pk)
        (query,) = captured.captured_queries
        assert query["sql"].startswith("SELECT")
        assert str(team.pk) in query["sql"]


def test_new_connection_prepares_anew() -> None:
    statement, team = names(), team_make()
    rows(statement, key=team.pk)
    with connection.cursor() as cursor:
        first = cursor.connection
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.cursor = prepared.PreparedCursor(cursor.cursor, statement.name, statement.holes)
            cursor.execute(statement.sql, statement.filled({"key": team.pk}))
            assert cursor.connection is not first
            assert cursor.fetchall() == []  # made within the transaction of the first
    finally:
        other.close()


def test_most_statements_of_a_connection_are_prepared_and_the_rest_answer_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "MOST_PREPARED", 3)

    assert [rows(numbers(constant), b=1) for constant in range(1, 6)] == [[(n + 1,)] for n in range(1, 6)]
    assert len(on_server()) == 3


def test_statement_of_unknown_types_is_sent_whole_and_its_transaction_goes_on() -> None:
    statement = Compiled("SELECT pg_typeof(%s)::text", ("x",), None).with_holes({"b": "x"})
    assert statement is not None
    with transaction.atomic():
        assert [rows(statement, b=value) for value in ("y", "z")] == [[("unknown",)]] * 2
        assert Team.objects.annotate(one=Value(1)).count() == Team.objects.count()
    assert on_server() == []


def test_nothing_is_prepared_where_it_is_switched_off(settings: Any) -> None:
    settings.PREPARED_STATEMENTS = False

    assert rows(numbers(1), b=1) == [(2,)]
    assert on_server() == []


def test_what_is_run_once_is_not_prepared() -> None:
    assert list(Compiled("SELECT %s + 1", (Hole("b"),), None).rows({"b": 1})) == [(2,)]
    assert on_server() == []


def test_statement_of_ours_is_prepared_with_all_its_values() -> None:
    team, sql = team_make(), "SELECT name FROM accounts_team WHERE id = %s AND created_at > %s"
    for _ in range(2):
        with prepared.prepared_cursor() as cursor:
            cursor.execute(sql, [team.pk, team.created_at - timedelta(days=1)])
            assert cursor.fetchall() == [(team.name,)]

    assert len(on_server()) == 1
