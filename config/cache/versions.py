"""Versions of what answers depend on.

A tag (``team:<id>``) names something that changes. Its version is a random token that every change replaces, kept in
the cache that all processes share. An answer is kept under the versions it was made from, so what a change outdates is
never looked up again.

A token is replaced when the change is written and once more when it is committed: who reads between the two may keep
the old state under the first token, and nobody finds it under the second. A process that could not reach the cache
cannot know what it failed to replace: it uses the cache again only after it has replaced the epoch, a version that
every answer depends on.
"""

import base64
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django_redis import get_redis_connection
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

PREFIX = "safapac:version:"
EPOCH = "epoch"
# Longer than any answer is kept. A version that is forgotten comes back as another one.
LIFETIME_S = 86_400
MENDING_PAUSE_S = 0.2

type Versions = Mapping[str, bytes]

_callbacks: list[Callable[[tuple[str, ...]], None]] = []


def read(tags: Iterable[str]) -> Versions | None:
    """The version of each tag, and of the epoch, in one round trip; None while the cache cannot be relied on."""
    client = None if _breach.is_open else _client()
    if client is None:
        return None
    wanted = (EPOCH, *tags)
    try:
        found = client.mget([PREFIX + tag for tag in wanted])
        if None in found:
            found = _with_new(client, wanted, found)
    except RedisError as error:
        _breach.open(error)
        return None
    return dict(zip(wanted, found, strict=True))


def are_current(known: Versions) -> bool:
    """Whether each of the tags still has the version that is known of it; not where that cannot be told."""
    client = None if _breach.is_open else _client()
    if client is None:
        return False
    try:
        return bool(client.mget([PREFIX + tag for tag in known]) == [*known.values()])
    except RedisError as error:
        _breach.open(error)
        return False


def _with_new(client: Any, wanted: Sequence[str], found: Sequence[object]) -> list[bytes]:
    """The versions again, once those that nobody has yet are made; another process may be the first."""
    missing = [tag for tag, version in zip(wanted, found, strict=True) if version is None]
    with client.pipeline(transaction=False) as pipeline:
        for tag in missing:
            pipeline.set(PREFIX + tag, _token(), nx=True, ex=LIFETIME_S)
        pipeline.mget([PREFIX + tag for tag in wanted])
        versions: list[bytes] = pipeline.execute()[-1]
    return versions


def replace(*tags: str) -> None:
    """Give each tag another version, now and when the present transaction commits."""
    wanted = tuple(dict.fromkeys(tags))
    if not wanted:
        return
    if transaction.get_connection().in_atomic_block:
        _replace(wanted)
        transaction.on_commit(lambda: _replace_for_good(wanted), robust=True)
    else:
        _replace_for_good(wanted)


def when_replaced(callback: Callable[[tuple[str, ...]], None]) -> None:
    """Have ``callback`` called with the tags whose versions this process has replaced, once the change stands."""
    _callbacks.append(callback)


def away_since() -> datetime | None:
    """When the cache failed this process, which has not begun anew since; None while it is relied on."""
    return _breach.since if _breach.is_open else None


def is_relied_on() -> bool:
    """Whether this process uses the cache: it has not failed, or begun anew since."""
    return not _breach.is_open


def replace_all() -> None:
    """Outdate every answer there is."""
    _replace_for_good((EPOCH,))


def _replace_for_good(tags: tuple[str, ...]) -> None:
    _replace(tags)
    for callback in _callbacks:
        callback(tags)


def _replace(tags: tuple[str, ...]) -> None:
    client = _client()
    if client is None:
        return
    try:
        with client.pipeline(transaction=False) as pipeline:
            for tag in tags:
                pipeline.set(PREFIX + tag, _token(), ex=LIFETIME_S)
            pipeline.execute()
    except RedisError as error:
        _breach.open(error)


def _token() -> bytes:
    return base64.urlsafe_b64encode(os.urandom(9))


def _client() -> Any:
    """The client of the shared cache; None where another sort of cache is set, under which nothing is kept."""
    try:
        return get_redis_connection("default")
    except NotImplementedError:
        return None


class _Breach:
    """Between a failure of the cache and the moment this process has replaced the epoch."""

    def __init__(self) -> None:
        self.is_open = False
        self.since: datetime | None = None
        self._lock = threading.Lock()

    def open(self, error: Exception) -> None:
        with self._lock:
            if self.is_open:
                return
            self.is_open, self.since = True, datetime.now(UTC)
        logger.warning("the cache does not answer, requests go to the database: %s", error)
        self._start_mending()

    def after_fork(self) -> None:
        """Threads stay with the parent: a child of a process that is mending does it itself."""
        self._lock = threading.Lock()
        if self.is_open:
            self._start_mending()

    def _start_mending(self) -> None:
        threading.Thread(target=self._mend, name="cache-mending", daemon=True).start()

    def _mend(self) -> None:
        while True:
            try:
                _client().set(PREFIX + EPOCH, _token(), ex=LIFETIME_S)
            except RedisError:
                time.sleep(MENDING_PAUSE_S)
                continue
            self.is_open = False
            logger.warning("the cache answers again, and begins anew")
            return


_breach = _Breach()
os.register_at_fork(after_in_child=_breach.after_fork)
