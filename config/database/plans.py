"""What a request asks of the database, and how the database goes about it."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.db import Error, connection, transaction

# Also registers what makes changed settings take effect.
from django.test import RequestFactory, override_settings

from config.http import current

# Nothing is kept in it, and none of the caches above it works on it.
NO_CACHE = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

_PLANNED = re.compile(r"\s*\(*\s*(SELECT|WITH|VALUES|INSERT|UPDATE|DELETE|MERGE)\b", re.IGNORECASE)


@dataclass(kw_only=True)
class Statement:
    """One statement that a request sent: its text with placeholders, and the milliseconds until it was answered.

    ``plan``: the lines of EXPLAIN (ANALYZE, BUFFERS); why there is none, where the statement failed;
    empty for what has no plan, such as SAVEPOINT.
    """

    sql: str
    params: Any
    milliseconds: float
    plan: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Explained:
    """The answer of a request, and every statement it took, in order."""

    status: int
    size: int
    milliseconds: float
    statements: Sequence[Statement]


def request_explain(*, path: str, user: Any = None) -> Explained:
    """GET ``path`` in this process, past the cache, as ``user``; then have every statement explained.

    Who signs in is taken for granted: the statements for that, which the cache spares nearly all requests, are left
    out. Explaining runs the statements once more, in a transaction that is rolled back.
    """
    statements: list[Statement] = []
    # Nor are rates counted, whose counters the cache holds.
    with override_settings(CACHES=NO_CACHE, RATELIMIT_ENABLE=False), _recorded(statements):
        started = time.perf_counter()
        try:
            response = _get(path, user)
            body = b"".join(response) if response.streaming else response.content
        finally:
            current.end()
        elapsed_ms = (time.perf_counter() - started) * 1e3
    with transaction.atomic():
        for statement in statements:
            statement.plan = _plan(statement)
        transaction.set_rollback(True)
    return Explained(status=response.status_code, size=len(body), milliseconds=elapsed_ms, statements=tuple(statements))


def _get(path: str, user: Any) -> Any:
    name = (settings.ALLOWED_HOSTS or ["localhost"])[0]
    host = "localhost" if name == "*" else name.lstrip(".")
    # Plain requests would be redirected where TLS is asked for.
    request = RequestFactory(headers={"Host": host, "Accept": "application/json"}).get(path, secure=True)
    if user is not None:
        # Where django.contrib.auth keeps whom it has found, so that neither session nor token is made.
        request._cached_user = user  # type: ignore[attr-defined]
    handler = BaseHandler()
    handler.load_middleware()
    return handler.get_response(request)


@contextmanager
def _recorded(statements: list[Statement]) -> Iterator[None]:
    def record(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            elapsed_ms = (time.perf_counter() - started) * 1e3
            for values in params if many else [params]:
                statements.append(Statement(sql=sql, params=values, milliseconds=elapsed_ms))

    with connection.execute_wrapper(record):
        yield


def _plan(statement: Statement) -> list[str]:
    if not _PLANNED.match(statement.sql):
        return []
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {statement.sql}", statement.params)
            return [line for (line,) in cursor.fetchall()]
    except Error as error:
        # It failed in the request as well.
        return str(error).splitlines()
