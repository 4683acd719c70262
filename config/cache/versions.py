"""Versions of what answers depend on.

A tag (``team:<id>``) names something that changes. Its version is a random token that every change replaces, kept in
the cache that all processes share. An answer is kept under the versions it was made from, so what a change outdates is
never looked up again.

Whoever writes marks the tags as moving, within the transaction, and gives them tokens when it is committed. While a tag
moves nothing is found or kept under it: who reads then may see either state, and no one is to see the old one after the
new. A mark goes by itself after a while, for a writer that was killed or has rolled back. A process that could not
reach the cache cannot know what it failed to replace: it uses the cache again only after it has replaced the epoch, a
version that every answer depends on.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextvars import Context
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from redis.exceptions import RedisError

from config.cache import wire

logger = logging.getLogger(__name__)

PREFIX = "safapac:version:"
EPOCH = "epoch"
# Longer than any answer is kept. A version that is forgotten comes back as another one.
LIFETIME_S = 86_400
# Longer than a transaction takes; in one that takes longer, what others read may be kept again until it is committed.
MOVING_S = 10
MENDING_PAUSE_S = 0.2

type Versions = Mapping[str, bytes]

_callbacks: list[Callable[[tuple[str, ...]], None]] = []


def read(tags: Iterable[str]) -> Versions | None:
    """The version of each tag that stands still, and of the epoch, in one round trip.

    None while the cache cannot be relied on.
    """
    wanted = (EPOCH, *tags)
    keys = _keys(wanted)
    found = _asked(wire.call, "MGET", *keys)
    if found is not None and None in found:
        found = _asked(_MAKE, keys, _token(), LIFETIME_S)
    if found is None:
        return None
    return {tag: version for tag, version in zip(wanted, found, strict=True) if version[:1] != _MOVING}


def are_current(known: Versions) -> bool:
    """Whether each of the tags still has the version that is known of it; not where that cannot be told."""
    return bool(_asked(wire.call, "MGET", *_keys(known)) == [*known.values()])


def replace(*tags: str) -> None:
    """Give each tag another version when the present transaction commits; until then it has none."""
    wanted = tuple(dict.fromkeys(tags))
    if not wanted:
        return
    mark = _token()
    if transaction.get_connection().in_atomic_block:
        _tried(_MOVE, _keys(wanted), mark, MOVING_S)
        _when_committed(lambda: _replace_for_good(wanted, mark))
    else:
        _replace_for_good(wanted, mark)


def _when_committed(callback: Callable[[], None]) -> None:
    transaction.on_commit(callback, robust=True)


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
    _replace_for_good((EPOCH,), _token())


def _replace_for_good(tags: tuple[str, ...], mark: str) -> None:
    _tried(_SETTLE, _keys(tags), mark, LIFETIME_S)
    for callback in _callbacks:
        callback(tags)


_MOVING = b"~"

# The versions of all, once those that nobody has yet are made; another process may be the first.
_MAKE = wire.Script("""
    for place, key in ipairs(KEYS) do
        redis.call('SET', key, ARGV[1] .. place, 'NX', 'EX', ARGV[2])
    end
    return redis.call('MGET', unpack(KEYS))
""")
# A tag that moves has the marks of all who move it, each after a tilde, and the time left of the first.
_MOVE = wire.Script("""
    for _, key in ipairs(KEYS) do
        local version = redis.call('GET', key)
        if version and version:sub(1, 1) == '~' then
            redis.call('SET', key, version .. '~' .. ARGV[1], 'KEEPTTL')
        else
            redis.call('SET', key, '~' .. ARGV[1], 'EX', ARGV[2])
        end
    end
""")
# The last of them gives the version.
_SETTLE = wire.Script("""
    for _, key in ipairs(KEYS) do
        local version = redis.call('GET', key)
        local others = ''
        if version and version:sub(1, 1) == '~' then
            others = version:gsub('~' .. ARGV[1], '')
        end
        if others == '' then
            redis.call('SET', key, ARGV[1], 'EX', ARGV[2])
        else
            redis.call('SET', key, others, 'KEEPTTL')
        end
    end
""")


def _keys(tags: Iterable[str]) -> list[str]:
    return [PREFIX + tag for tag in tags]


def _asked(ask: Callable[..., Any], *values: Any) -> Any:
    """What the cache answers; None while it cannot be relied on."""
    return None if _breach.is_open else _tried(ask, *values)


def _tried(ask: Callable[..., Any], *values: Any) -> Any:
    """What the cache answers, asked whether or not it is relied on; None where it is away."""
    try:
        return ask(*values)
    except RedisError as error:
        _breach.open(error)
    except NotImplementedError:  # another sort of cache is set, under which nothing is kept
        pass
    return None


def _token() -> str:
    return os.urandom(9).hex()


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
                # In a context of its own: a cache that was looked up while the settings changed stays with this one.
                Context().run(wire.call, "SET", PREFIX + EPOCH, _token(), "EX", LIFETIME_S)
            except RedisError:
                time.sleep(MENDING_PAUSE_S)
                continue
            self.is_open = False
            logger.warning("the cache answers again, and begins anew")
            return


_breach = _Breach()
os.register_at_fork(after_in_child=_breach.after_fork)
