"""Requests asked before: the same answer is sent again, without Django, while all it depended on stands.

What a page of a list or the state of a run is asked for over and over differs in nothing. Such an answer is kept with
the versions it was made under (config/cache/versions.py) and the moment until which its sign-in was vouched for; one
look at the versions tells whether it may be sent again. Only answers that a view took from the cache for a reader whose
sign-in has a version of its own are offered: a sign-out, a lost role, a deleted key outdate them as any change does.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse

from config.cache import counters, versions
from config.cache.memory import Memory
from config.http.measured import measured_headers, request_id_of

type Environ = dict[str, Any]
type StartResponse = Callable[..., Any]
type Key = tuple[str, ...]

# What a request is told apart by: all that an answer may vary with. An answer that names more in Vary is not kept.
_ASKED = (
    "PATH_INFO",
    "QUERY_STRING",
    "HTTP_AUTHORIZATION",
    "HTTP_COOKIE",
    "HTTP_ACCEPT",
    "HTTP_ACCEPT_ENCODING",
    "HTTP_IF_NONE_MATCH",
    "HTTP_ORIGIN",
    "HTTP_HOST",
    "HTTP_X_FORWARDED_PROTO",
)
_MAY_VARY = frozenset({"authorization", "cookie", "accept", "accept-encoding", "origin"})
# Said of each request anew.
_OWN = frozenset({"x-request-id", "x-process-time", "server-timing"})
_COUNTED = "ratelimit"

_UNTIL = "safapac.vouched_until"
_OFFER = "safapac.offer"

# What one process keeps: the bytes it sends, and some 3 kB for what they are found by.
MOST_BYTES = 12_000_000
_OVERHEAD = 3_000


@dataclass(frozen=True, slots=True)
class _Offer:
    """What a view says of an answer from the cache: its kind, the route it was found by, and what it depends on."""

    name: str
    route: str
    known: versions.Versions


@dataclass(frozen=True, slots=True)
class _Kept:
    status: str
    headers: list[tuple[str, str]]
    body: bytes
    offer: _Offer
    until: float

    def stands(self) -> bool:
        """Whether the sign-in is still vouched for, and nothing it depends on has changed."""
        return self.until > time.time() and versions.are_current(self.offer.known)


def vouch(environ: Environ, *, until: float) -> None:
    """Say that who sent the request is whom it names while the versions read for it stand; ``until`` at the latest."""
    environ[_UNTIL] = until


def offer(environ: Environ, *, name: str, route: str, known: versions.Versions) -> None:
    """Let the answer to this request be sent again while ``known`` stands, if its sender was vouched for."""
    environ[_OFFER] = _Offer(name, route, known)


class Repeats:
    """Wraps a WSGI application."""

    def __init__(self, application: Callable[[Environ, StartResponse], Iterable[bytes]]) -> None:
        self.application = application

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        key = _key_of(environ)
        if key is None:
            return self.application(environ, start_response)
        kept = _kept.get(key)
        if kept is not None:
            if kept.stands():
                return _sent(kept, environ, start_response, started)
            _kept.drop(key)
        told: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], *args: Any) -> Any:
            told[:] = status, headers
            return start_response(status, headers, *args)

        response = self.application(environ, start)
        offered, until = environ.get(_OFFER), environ.get(_UNTIL)
        if offered is not None and until is not None and isinstance(response, HttpResponse):
            status, headers = told
            if status[:3] in {"200", "304"} and _may_be_kept(headers):
                lasting = [(name, value) for name, value in headers if name.lower() not in _OWN]
                _kept.put(key, _Kept(status, lasting, response.content, offered, until))
        return response


def _key_of(environ: Environ) -> Key | None:
    """What this request is found by; None where nothing it gets could be sent again."""
    if environ["REQUEST_METHOD"] != "GET" or not environ.get("HTTP_AUTHORIZATION"):
        return None
    if environ.get("CONTENT_LENGTH", "") not in {"", "0"}:
        return None
    return tuple([environ.get(name, "") for name in _ASKED])


def _may_be_kept(headers: Iterable[tuple[str, str]]) -> bool:
    for name, value in headers:
        name = name.lower()
        if name == "vary" and not _MAY_VARY.issuperset(part.strip().lower() for part in value.split(",")):
            return False
        if name == "set-cookie" or name.startswith(_COUNTED):
            return False
    return True


def _sent(kept: _Kept, environ: Environ, start_response: StartResponse, started: float) -> Iterable[bytes]:
    counters.hit(kept.offer.name)
    own = measured_headers(
        request_id=request_id_of(environ),
        method="GET",
        route=kept.offer.route,
        status=int(kept.status[:3]),
        started=started,
    )
    start_response(kept.status, [*kept.headers, *own.items()])
    return [kept.body]


_kept: Memory[Key, _Kept] = Memory(lambda kept: len(kept.body) + _OVERHEAD, limit=MOST_BYTES)


def kept_bytes() -> int:
    """What is counted for all that this process keeps."""
    return _kept.size()[1]


def clear() -> None:
    """Forget what this process keeps; for tests, and to free memory."""
    _kept.clear()
