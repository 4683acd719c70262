"""Statements that a connection has the server prepare once and then only names.

To read a statement of some 1,500 characters and to plan it takes the server longer than to answer it. The layers above
(the log of slow statements, query counts, ``explain``) see the statement itself.
"""

import logging
from collections.abc import Sequence
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

import psycopg2
from django.conf import settings
from psycopg2.extensions import AsIs

logger = logging.getLogger(__name__)

# A plan takes some 50 kB of the server's memory for each connection; what comes after these is sent whole.
MOST_PREPARED = 50

# By connection to the server and key: the name it has there; None for what cannot be prepared.
_names: WeakKeyDictionary[Any, dict[str, str | None]] = WeakKeyDictionary()
_numbers = count(1)


class PreparedCursor:
    """Stands in for the driver's cursor under Django's: ``execute`` sends the values in ``places`` alone.

    ``key`` stands for the statement and for the values elsewhere, which never change.
    """

    def __init__(self, cursor: Any, key: str, places: Sequence[int]) -> None:
        self._cursor = cursor
        self._key = key
        self._places = places
        self._sent: tuple[str, Sequence[Any]] = "", ()

    def execute(self, sql: str, params: Sequence[Any]) -> None:
        self._sent = sql, params
        name = self._name(sql, params)
        if name is None:
            self._cursor.execute(sql, params)
            return
        values = [params[place] for place in self._places]
        self._cursor.execute(f"EXECUTE {name} ({', '.join(['%s'] * len(values))})", values)

    @property
    def query(self) -> bytes:
        """The statement as it would have been sent, for who records what is asked."""
        text: bytes = self._cursor.mogrify(*self._sent)
        return text

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def _name(self, sql: str, params: Sequence[Any]) -> str | None:
        known = _names.setdefault(self._cursor.connection, {})
        if self._key not in known:
            if len(known) >= MOST_PREPARED:
                return None
            known[self._key] = self._prepared(sql, params)
        return known[self._key]

    def _prepared(self, sql: str, params: Sequence[Any]) -> str | None:
        name = f"safapac_{next(_numbers)}"
        holes = {place: AsIs(f"${number}") for number, place in enumerate(self._places, 1)}
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
                self._cursor.execute("ROLLBACK TO SAVEPOINT preparing")
            return None
        return name


def is_on() -> bool:
    """Whether connections prepare statements: not behind a pooler that gives each transaction another one."""
    return bool(settings.PREPARED_STATEMENTS)


def forget() -> None:
    """Take no connection to have prepared anything; for tests, after DEALLOCATE ALL."""
    _names.clear()
