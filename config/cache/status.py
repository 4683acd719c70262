"""What the cache holds and how often it was of use."""

from collections import Counter
from typing import Any

from django_redis import get_redis_connection

from config.cache import answers, counters


def report() -> dict[str, Any]:
    """By kind of answer: hits, misses and waits since the cache was last empty, the ratio, answers kept, time to live.

    Raises:
        RedisError: the cache does not answer.
    """
    counted = counters.totals()
    kept: Counter[str] = Counter()
    client = get_redis_connection("default")
    for key in client.scan_iter(match=answers.PREFIX + "*", count=1000):
        kept[key.decode().removeprefix(answers.PREFIX).partition(":")[0]] += 1
    kinds = {name: _kind(counted.get(name, {}), kept[name], ttl_s) for name, ttl_s in sorted(answers.KINDS.items())}
    columns = (counters.HITS, counters.MISSES, counters.WAITS)
    sums = {column: sum(kind[column] for kind in kinds.values()) for column in columns}
    ratio = _ratio(sums[counters.HITS], sums[counters.MISSES])
    return {"tags": kinds, **sums, "ratio": ratio, "entries": sum(kept.values())}


def server() -> dict[str, int]:
    """What the cache's server holds, may hold (0: no limit), and has thrown out to stay within that.

    Raises:
        RedisError: the cache does not answer.
    """
    said = get_redis_connection("default").info()
    return {
        "memory_bytes": said["used_memory"],
        "limit_bytes": said.get("maxmemory", 0),
        "evicted": said["evicted_keys"],
    }


def _kind(counted: dict[str, int], kept: int, ttl_s: int) -> dict[str, Any]:
    hits, misses, waits = (counted.get(column, 0) for column in (counters.HITS, counters.MISSES, counters.WAITS))
    ratio = _ratio(hits, misses)
    return {"hits": hits, "misses": misses, "waits": waits, "ratio": ratio, "entries": kept, "ttl": ttl_s}


def _ratio(hits: int, misses: int) -> float | None:
    """Null before anything was asked."""
    return hits / (hits + misses) if hits + misses else None
