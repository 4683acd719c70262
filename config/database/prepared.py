"""Statements that a connection has the server prepare once and then only names.

To read a statement of some 1,500 characters and to plan it takes the server longer than to answer it. The layers above
(the log of slow statements, query counts, ``explain``) see the statement itself.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

import psycopg2
from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg2.extensions import AsIs

logger = logging.getLogger(__name__)

# A statement and its values.
type Part = tuple[str, Sequence[Any]]

# A plan takes some 50 kB of the server's memory for each connection; what comes after these is sent whole.
MOST_PREPARED = 50

# By connection to the server and key: the name it has there; None for what cannot be prepared.
_names: WeakKeyDictionary[Any, dict[str, str | None]] = WeakKeyDictionary()
_numbers = count(1)


class PreparedCursor:
    """Stands in for the driver's cursor under Django's: ``execute`` sends the values in ``places`` alone.

    ``key`` stands for the statement and for the values elsewhere, which never change. Without them all values are sent.
    """

    def __init__(self, cursor: Any, key: str | None = None, places: Sequence[int] | None = None) -> None:
        self._cursor = cursor
        self._key = key
        self._places = places
        self._sent: tuple[str, Sequence[Any]] = "", ()

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        self._sent = sql, params
        places = range(len(params)) if self._places is None else self._places
        self._cursor.execute(*_named(self._cursor, self._key or sql, sql, params, places))

    @property
    def query(self) -> bytes:
        """The statement as it would have been sent, for who records what is asked."""
        text: bytes = self._cursor.mogrify(*self._sent)
        return text

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


class _Together(PreparedCursor):
    """Sends several statements in one round trip; for the layers above they are one, with semicolons."""

    def __init__(self, cursor: Any, parts: Sequence[Part]) -> None:
        super().__init__(cursor)
        self._parts = parts

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        self._sent = sql, params
        named = [_named(self._cursor, part, part, values, range(len(values))) for part, values in self._parts]
        self._cursor.execute("; ".join(text for text, _ in named), [value for _, values in named for value in values])


def _named(cursor: Any, key: str, sql: str, params: Sequence[Any], places: Sequence[int]) -> Part:
    """What to send for a statement: its name with the values that change, or itself where it has none."""
    known = _names.setdefault(cursor.connection, {})
    if key not in known:
        if len(known) >= MOST_PREPARED:
            return sql, params
        known[key] = _prepared(cursor, sql, params, places)
    name = known[key]
    if name is None:
        return sql, params
    holes = f"({', '.join(['%s'] * len(places))})" if places else ""
    return f"EXECUTE {name} {holes}", [params[place] for place in places]


def _prepared(cursor: Any, sql: str, params: Sequence[Any], places: Sequence[int]) -> str | None:
    name = f"safapac_{next(_numbers)}"
    holes = {place: AsIs(f"${number}") for number, place in enumerate(places, 1)}
    text = cursor.mogrify(sql, [holes.get(place, param) for place, param in enumerate(params)]).decode()
    is_within = not cursor.connection.autocommit
    try:
        if is_within:
            cursor.execute("SAVEPOINT preparing")
        cursor.execute(f"PREPARE {name} AS {text}")
    except psycopg2.ProgrammingError as error:
        # Such as a value whose type nothing tells.
        logger.info("a statement is not prepared: %s", str(error).strip())
        if is_within:
            cursor.execute("ROLLBACK TO SAVEPOINT preparing; RELEASE SAVEPOINT preparing")
        return None
    if is_within:
        # Left open, it would make what the transaction writes from here on a transaction of its own.
        cursor.execute("RELEASE SAVEPOINT preparing")
    return name


def prepare(cursor: CursorWrapper, key: str | None = None, places: Sequence[int] | None = None) -> None:
    """Have what ``cursor`` executes prepared, see ``PreparedCursor``; for statements that are run over and over.

    Nothing is where that is switched off: for a pooler that gives each transaction another connection.
    """
    if settings.PREPARED_STATEMENTS:
        cursor.cursor = PreparedCursor(cursor.cursor, key, places)


def execute_together(cursor: CursorWrapper, parts: Sequence[Part]) -> None:
    """Execute statements of ours one after another in one round trip; the cursor then is at the last of them."""
    if settings.PREPARED_STATEMENTS:
        cursor.cursor = _Together(cursor.cursor, parts)
    cursor.execute("; ".join(sql for sql, _ in parts), [value for _, values in parts for value in values])


@contextmanager
def prepared_cursor() -> Iterator[CursorWrapper]:
    """A cursor for statements of ours whose parameters, none of them named, are all values."""
    with connection.cursor() as cursor:
        prepare(cursor)
        yield cursor


def forget() -> None:
    """Take no connection to have prepared anything; for tests, after DEALLOCATE ALL."""
    _names.clear()
