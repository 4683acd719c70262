"""The answers that everybody asks for, made before the first who asks: at the start, and soon after what outdates them.

Only web processes do it again, each in a thread of its own that nobody waits for. One that writes what an answer is
made of begins at once; what another program has changed is noticed by the first who does not find an answer. Of several
processes that begin together each answer is made by one (``answers.find_or_make``).
"""

import logging
import threading
from collections.abc import Callable, Iterable
from io import BytesIO

from django.contrib.auth.models import AnonymousUser
from django.core.handlers.wsgi import WSGIRequest
from django.db import connections
from django.urls import resolve

from config.cache import codings, counters, versions

logger = logging.getLogger(__name__)

# Changes come in bursts: an import saves row by row.
PAUSE_S = 0.05

_paths: list[str] = []
_steps: list[Callable[[], object]] = []
_watched: set[str] = set()


class _Everybody(AnonymousUser):
    """Somebody who is signed in: the answers that are kept for all depend on no more of the reader."""

    is_authenticated = True  # type: ignore[assignment]
    is_anonymous = False  # type: ignore[assignment]


def register(paths: Iterable[str], *, tags: Iterable[str], steps: Iterable[Callable[[], object]] = ()) -> None:
    """Have the answers of ``paths`` made, and ``steps`` done, whenever one of ``tags`` moves. Call from ready().

    The views are those whose answers are shared by all readers. A step fills what the process itself keeps.
    """
    _paths.extend(paths)
    _steps.extend(steps)
    _watched.update(tags)


def warm() -> None:
    """Make what is not there, in every coding. What fails is left for who asks for it."""
    try:
        with counters.uncounted():
            for step in _steps:
                step()
            for path in _paths:
                for accepted in (codings.BROTLI, codings.GZIP, ""):
                    _ask(path, accepted)
    except Exception:
        logger.warning("answers could not be made ahead", exc_info=True)
    finally:
        connections.close_all()


def _ask(path: str, accepted: str) -> None:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "SERVER_NAME": "localhost", "SERVER_PORT": "80"}
    request = WSGIRequest({**environ, "HTTP_ACCEPT_ENCODING": accepted, "wsgi.input": BytesIO()})
    request._force_auth_user = _Everybody()  # type: ignore[attr-defined]  # REST framework's own way past signing in
    match = resolve(path)
    match.func(request, *match.args, **match.kwargs)


class _Warmer:
    """The thread, and what it is to do: one round, however often that was asked for before it began."""

    def __init__(self) -> None:
        self._is_on = False
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._seen: dict[str, bytes] = {}

    def switch(self, *, is_on: bool) -> None:
        """On in web processes, after the fork; off, for tests, once the round that runs has ended."""
        self._is_on = is_on
        self._seen.clear()
        if not is_on and self._thread is not None:
            self._wanted.set()
            self._thread.join()
            self._thread = None

    def begin(self) -> None:
        if not self._is_on:
            return
        with self._lock:
            self._wanted.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="cache-warming", daemon=True)
                self._thread.start()

    def notice(self, found: versions.Versions) -> None:
        """An answer was not there: the others are not either, where a version is new to this process."""
        if not self._is_on:
            return
        moved = {tag: version for tag in (versions.EPOCH, *_watched) if (version := found.get(tag)) is not None}
        if moved.items() <= self._seen.items():
            return
        self._seen.update(moved)
        self.begin()

    def _run(self) -> None:
        while self._is_on:
            self._wanted.wait()
            threading.Event().wait(PAUSE_S)
            self._wanted.clear()
            # Of these the round is; what moves while it lasts is noticed by it, or by another, and asks for the next.
            self._seen.update(versions.read(_watched) or {})
            if self._is_on and versions.is_relied_on():
                warm()


_warmer = _Warmer()
switch = _warmer.switch
notice = _warmer.notice


def _moved(tags: Iterable[str]) -> None:
    if not _watched.isdisjoint(tags) or versions.EPOCH in tags:
        _warmer.begin()


versions.when_replaced(_moved)
