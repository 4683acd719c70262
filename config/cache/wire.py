"""Commands to the shared cache by a connection of each thread's own, without the client's layers.

What is asked with every request: the client goes through some three hundred functions for what the connection does in
twenty, which in the midst of a request, with nothing of them in the processor's caches, takes four times as long.
"""

import hashlib
import os
import threading
from typing import Any

from django_redis import get_redis_connection
from redis.exceptions import ConnectionError as ConnectionFailed
from redis.exceptions import NoScriptError


class _Own(threading.local):
    connection: Any = None
    # What the connection was made by and where: another process, or other settings, need another one.
    pool: Any = None
    process: int = 0


_own = _Own()


def call(*command: Any) -> Any:
    """What the cache answers to one command; strings are bytes.

    Raises:
        redis.exceptions.RedisError: it is away, or refuses.
        NotImplementedError: another sort of cache is set.
    """
    connection = _connection()
    try:
        return _answer(connection, command)
    except ConnectionFailed:
        # The server has begun anew since this thread last spoke to it, or stays away.
        return _answer(connection, command)


def _answer(connection: Any, command: tuple[Any, ...]) -> Any:
    connection.send_command(*command)
    return connection.read_response()


def _connection() -> Any:
    pool = get_redis_connection("default").connection_pool
    if _own.pool is not pool or _own.process != os.getpid():
        # Past the pool's count of what it has made, which never goes down: threads end, their connections with them.
        connection = pool.connection_class(**pool.connection_kwargs)
        _own.connection, _own.pool, _own.process = connection, pool, os.getpid()
    return _own.connection


class Script:
    """Lua that the cache runs in one step; sent once, then named."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    def __call__(self, keys: list[str], *values: Any) -> Any:
        """Raises as ``call``."""
        try:
            return call("EVALSHA", self._digest, len(keys), *keys, *values)
        except NoScriptError:
            return call("EVAL", self._text, len(keys), *keys, *values)
