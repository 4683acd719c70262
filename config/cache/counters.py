"""How often each kind of answer was found, summed over all processes."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django_redis import get_redis_connection
from redis.exceptions import RedisError

KEY = "safapac:cache-counters"
HITS, MISSES, WAITS = "hits", "misses", "waits"
# Counts of this process are added to the shared ones at most this often, with the next request.
EVERY_S = 1.0

_counted: Counter[str] = Counter()
_lock = threading.Lock()
_is_counting: ContextVar[bool] = ContextVar("is_counting", default=True)
_last = 0.0


def hit(name: str) -> None:
    _count(f"{name}:{HITS}")


def wait(name: str) -> None:
    """Somebody else was making it."""
    _count(f"{name}:{WAITS}")


def miss(name: str) -> None:
    _count(f"{name}:{MISSES}")


@contextmanager
def uncounted() -> Iterator[None]:
    """Nothing that this thread finds or makes is counted: nobody has asked for it."""
    token = _is_counting.set(False)
    try:
        yield
    finally:
        _is_counting.reset(token)


def _count(field: str) -> None:
    global _last
    if not _is_counting.get():
        return
    with _lock:
        _counted[field] += 1
        now = time.monotonic()
        is_due = now - _last >= EVERY_S
        if is_due:
            _last = now
    if is_due:
        flush()


def flush() -> None:
    """Add what this process has counted to what all have; what cannot be added is lost."""
    with _lock:
        counted = dict(_counted)
        _counted.clear()
    if not counted:
        return
    try:
        with get_redis_connection("default").pipeline(transaction=False) as pipeline:
            for field, number in counted.items():
                pipeline.hincrby(KEY, field, number)
            pipeline.execute()
    except RedisError:
        return


def totals() -> dict[str, dict[str, int]]:
    """By name of the answer, hits, misses and waits for who was making it since the cache was last empty.

    Raises:
        RedisError: the cache does not answer.
    """
    flush()
    found: dict[str, dict[str, int]] = {}
    for field, number in get_redis_connection("default").hgetall(KEY).items():
        name, _, kind = field.decode().rpartition(":")
        found.setdefault(name, {HITS: 0, MISSES: 0, WAITS: 0})[kind] = int(number)
    return found
