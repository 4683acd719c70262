"""Answers in the cache: the bytes as they are sent, found under a key that carries every version they depend on.

Two layers: the shared cache, and in each process the answers it has used last. Both may keep them for as long as they
like, since a change makes another key; the time to live only frees memory.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field

from django_redis import get_redis_connection
from redis.exceptions import RedisError

from config.cache import codings, counters
from config.cache.memory import Memory
from config.cache.versions import Versions

logger = logging.getLogger(__name__)

# The names of all that is kept, each with its time to live in seconds; views register theirs.
KINDS: dict[str, int] = {}

PREFIX = "safapac:answer:"
GUARD = "safapac:making:"
# Bodies this large are kept compressed in the shared cache, whatever coding they are sent in.
LARGE = 65_536
# What one process keeps: a page of a list is some 10 kB, a calculated scenario 40 kB.
PROCESS_BYTES = 16_000_000
# How long others wait for whoever makes an answer before they make it themselves.
PATIENCE_S = 2.0
PAUSE_S = 0.005


@dataclass(slots=True)
class Answer:
    """A body with its entity tag; ``codings`` holds the bytes in every coding that was asked for so far."""

    etag: str
    codings: dict[str, bytes] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        return self.codings[codings.IDENTITY]

    def in_coding(self, coding: str) -> bytes:
        """The bytes to send; made once a process."""
        found = self.codings.get(coding)
        if found is None:
            found = self.codings[coding] = codings.coded(self.body, coding)
        return found


def kind_tag(name: str) -> str:
    """What all answers of one name depend on, so that they can be outdated together."""
    return f"answers:{name}"


def key_of(name: str, versions: Versions, parts: Iterable[object]) -> str:
    """The key of an answer: what it is called, every version it depends on, and what else it varies with."""
    digest = hashlib.blake2b(digest_size=18)
    for tag in sorted(versions):
        digest.update(versions[tag])
    for part in parts:
        digest.update(b"\x1f" + str(part).encode())
    return f"{name}:{digest.hexdigest()}"


def find_or_make(key: str, *, ttl_s: int, make: Callable[[], Answer], is_guarded: bool = True) -> Answer:
    """The answer under ``key``; made, by one of all who ask at once (where ``is_guarded``), where there is none.

    An exception of ``make`` is the caller's: nothing is kept then, and no miss counted, there being nothing to find.
    """
    name = key.partition(":")[0]
    answer = _mine.get(key) or _shared(key)
    if answer is not None:
        counters.hit(name)
        return answer
    with _turn(key) if is_guarded else nullcontext(True) as is_mine:
        if not is_mine:
            counters.wait(name)
            if (answer := _wait(key)) is not None:
                counters.hit(name)
                return answer
        answer = make()
        counters.miss(name)
        _keep(key, answer, ttl_s)
    return answer


def _size(answer: Answer) -> int:
    return 2 * len(answer.body)  # with what its codings will add


_mine: Memory[str, Answer] = Memory(_size, limit=PROCESS_BYTES)


def own() -> dict[str, int]:
    """What this process keeps, and how much it may."""
    entries, size = _mine.size()
    return {"entries": entries, "bytes": size, "limit_bytes": PROCESS_BYTES}


def clear() -> None:
    """Forget what this process keeps; for tests, and to free memory."""
    _mine.clear()


def _remember(key: str, answer: Answer) -> None:
    # One that would push out a quarter of the others is as well read from the shared cache.
    if _size(answer) <= PROCESS_BYTES // 4:
        _mine.put(key, answer)


def _shared(key: str) -> Answer | None:
    try:
        stored = get_redis_connection("default").get(PREFIX + key)
    except RedisError as error:
        logger.info("an answer was not read: %s", error)
        return None
    return _taken(key, stored)


def _taken(key: str, stored: bytes | None) -> Answer | None:
    """The answer that was stored, which this process then keeps too."""
    if stored is None:
        return None
    head, _, body = stored.partition(b"\n")
    etag, _, coding = head.decode().partition(" ")
    answer = Answer(etag, {codings.IDENTITY: codings.decoded(body) if coding == codings.GZIP else body})
    if coding == codings.GZIP:
        answer.codings[codings.GZIP] = body
    _remember(key, answer)
    return answer


def _keep(key: str, answer: Answer, ttl_s: int) -> None:
    _remember(key, answer)
    coding = codings.GZIP if len(answer.body) >= LARGE else codings.IDENTITY
    stored = f"{answer.etag} {coding}\n".encode() + answer.in_coding(coding)
    try:
        get_redis_connection("default").set(PREFIX + key, stored, ex=ttl_s)
    except RedisError as error:
        logger.info("an answer was not kept: %s", error)


@contextmanager
def _turn(key: str) -> Iterator[bool]:
    """Whether the caller is the one who makes the answer; everybody is while the cache is away."""
    try:
        client = get_redis_connection("default")
        is_mine = bool(client.set(GUARD + key, b"1", nx=True, px=int(PATIENCE_S * 1000)))
    except RedisError:
        yield True
        return
    try:
        yield is_mine
    finally:
        if is_mine:
            with suppress(RedisError):
                client.delete(GUARD + key)


def _wait(key: str) -> Answer | None:
    """The answer somebody else is making; None when it does not come."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        time.sleep(PAUSE_S)
        try:
            stored, guarded = get_redis_connection("default").mget([PREFIX + key, GUARD + key])
        except RedisError:
            return None
        if stored is not None or guarded is None:
            return _taken(key, stored)
    return None
