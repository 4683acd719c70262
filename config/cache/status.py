"""What the cache holds and how often it was of use."""

from collections import Counter
from typing import Any

from django_redis import get_redis_connection

from config.cache import answers, counters


def report() -> dict[str, Any]:
    """By kind of answer: hits and misses since the cache was last empty, their ratio, answers kept, time to live.

    Raises:
        RedisError: the cache does not answer.
    """
    counted = counters.totals()
    kept: Counter[str] = Counter()
    client = get_redis_connection("default")
    for key in client.scan_iter(match=answers.PREFIX + "*", count=1000):
        kept[key.decode().removeprefix(answers.PREFIX).partition(":")[0]] += 1
    kinds = {name: _kind(counted.get(name, {}), kept[name], ttl_s) for name, ttl_s in sorted(answers.KINDS.items())}
    hits, misses = (sum(kind[column] for kind in kinds.values()) for column in (counters.HITS, counters.MISSES))
    return {"tags": kinds, "hits": hits, "misses": misses, "ratio": _ratio(hits, misses), "entries": sum(kept.values())}


def _kind(counted: dict[str, int], kept: int, ttl_s: int) -> dict[str, Any]:
    hits, misses = counted.get(counters.HITS, 0), counted.get(counters.MISSES, 0)
    return {"hits": hits, "misses": misses, "ratio": _ratio(hits, misses), "entries": kept, "ttl": ttl_s}


def _ratio(hits: int, misses: int) -> float | None:
    """Null before anything was asked."""
    return hits / (hits + misses) if hits + misses else None
