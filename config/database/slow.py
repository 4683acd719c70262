"""One line in the log for every statement that takes longer than SLOW_QUERY_MS.

Logger ``safapac.database``. The statement without its values, milliseconds, and where there is one, the route and id of
the request that waited for it. The clock is ours, so it holds what a caller waits: locks and network included.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from config.database.statements import shape
from config.http import current

logger = logging.getLogger("safapac.database")


def connect() -> None:
    """Watch every connection that is opened from now on."""
    connection_created.connect(_watch, dispatch_uid="config.database.slow")


def _watch(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    """The wrapper outlives the connection it was first opened for: once for each thread is enough."""
    if _timed not in connection.execute_wrappers:
        # First, since who uses execute_wrapper() as a context takes the last one away at its end.
        connection.execute_wrappers.insert(0, _timed)


def _timed(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    started = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        elapsed_ms = (time.perf_counter() - started) * 1e3
        if elapsed_ms > settings.SLOW_QUERY_MS > 0:
            _log(sql, elapsed_ms)


def _log(sql: str, elapsed_ms: float) -> None:
    request = current.request()
    match = request.resolver_match if request else None
    logger.warning(
        "slow statement: %.0f ms, route=%s request=%s: %s",
        elapsed_ms,
        match.route if match else "",
        getattr(request, "request_id", ""),
        shape(sql),
    )
