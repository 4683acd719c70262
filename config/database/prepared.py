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
        name = self._name(self._key or sql, places)
        if name is None:
            self._cursor.execute(sql, params)
            return
        values = [params[place] for place in places]
        holes = f"({', '.join(['%s'] * len(values))})" if values else ""
        self._cursor.execute(f"EXECUTE {name} {holes}", values)

    @property
    def query(self) -> bytes:
        """The statement as it would have been sent, for who records what is asked."""
        text: bytes = self._cursor.mogrify(*self._sent)
        return text

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def _name(self, key: str, places: Sequence[int]) -> str | None:
        known = _names.setdefault(self._cursor.connection, {})
        if key not in known:
            if len(known) >= MOST_PREPARED:
                return None
            known[key] = self._prepared(places)
        return known[key]

    def _prepared(self, places: Sequence[int]) -> str | None:
        name = f"safapac_{next(_numbers)}"
        sql, params = self._sent
        holes = {place: AsIs(f"${number}") for number, place in enumerate(places, 1)}
        text = self._cursor.mogrify(sql, [holes.get(place, param) for place, param in enumerate(params)]).decode()
        is_within = not self._cursor.connection.autocommit
        try:
            if is_within:
                self._cursor.execute("SAVEPOINT preparing")
            self._cursor.execute(f"PREPARE {name} AS {text}")
        except psycopg2.ProgrammingError as error:
            # Such as a value whose type nothing tells.
            logger.info("a statement is not prepared: %s", str(error).strip())
            if is_within:
                self._cursor.execute("ROLLBACK TO SAVEPOINT preparing; RELEASE SAVEPOINT preparing")
            return None
        if is_within:
            # Left open, it would make what the transaction writes from here on a transaction of its own.
            self._cursor.execute("RELEASE SAVEPOINT preparing")
        return name


def prepare(cursor: CursorWrapper, key: str | None = None, places: Sequence[int] | None = None) -> None:
    """Have what ``cursor`` executes prepared, see ``PreparedCursor``; for statements that are run over and over.

    Nothing is where that is switched off: for a pooler that gives each transaction another connection.
    """
    if settings.PREPARED_STATEMENTS:
        cursor.cursor = PreparedCursor(cursor.cursor, key, places)


@contextmanager
def prepared_cursor() -> Iterator[CursorWrapper]:
    """A cursor for statements of ours whose parameters, none of them named, are all values."""
    with connection.cursor() as cursor:
        prepare(cursor)
        yield cursor


def forget() -> None:
    """Take no connection to have prepared anything; for tests, after DEALLOCATE ALL."""
    _names.clear()
