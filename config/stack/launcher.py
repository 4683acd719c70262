"""The one process that owns the others: starts them in order, says when the product answers, stops them all."""

import fcntl
import http.client
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded.processes import STOPPING, ServerError
from config.embedded.servers import Server
from config.stack.children import Child

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
# A process that ran this long was well: its next pause is short again.
WELL_AFTER_S = 60.0
READY_TIMEOUT_S = 60.0
COMPLETE_TIMEOUT_S = 5.0
WATCH_INTERVAL_S = 0.5


class Stopped(BaseException):
    """Ctrl-C or SIGTERM; not an Exception, so that no handler takes it for a failure."""


class Lock:
    """Held by the one launcher of a VAR_DIR for as long as it lives; the kernel releases it however it dies."""

    def __init__(self, var_dir: Path) -> None:
        self._handle = os.open(var_dir / "launcher.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            owner = os.read(self._handle, 32).decode(errors="replace").strip()
            os.close(self._handle)
            raise ServerError(
                f"the product already runs in {var_dir} (process {owner}): stop that one first, or start a second copy"
                " with another VAR_DIR and PORT"
            ) from None
        os.truncate(self._handle, 0)
        os.pwrite(self._handle, f"{os.getpid()}\n".encode(), 0)

    def __enter__(self) -> "Lock":
        return self

    def __exit__(self, *exception: object) -> None:
        os.close(self._handle)


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where the web process listens, and how this machine reaches it."""

    host: str
    port: int
    host_header: str = "localhost"

    @property
    def reachable_host(self) -> str:
        return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(self.host, self.host)  # noqa: S104

    @property
    def url(self) -> str:
        host = self.reachable_host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def check_free(self) -> None:
        """Errors: ServerError when another program has the port, or this user may not take it."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except socket.gaierror:
                raise ServerError(f"HOST={self.host} is not a name this machine knows") from None
            except OSError as error:
                raise ServerError(
                    f"port {self.port} on {self.host} cannot be used ({error.strerror}): choose another one, as in"
                    f" PORT={self.port + 1} make run"
                ) from None

    def ask_ready(self) -> dict[str, str] | None:
        """The checks of /health/ready once it answers 200, else None."""
        # A forwarded https header, since behind a TLS proxy plain requests are redirected.
        headers = {"Host": self.host_header, "X-Forwarded-Proto": "https"}
        try:
            with closing(http.client.HTTPConnection(self.reachable_host, self.port, timeout=5)) as connection:
                connection.request("GET", "/health/ready", headers=headers)
                answer = connection.getresponse()
                body = answer.read()
        except (OSError, http.client.HTTPException):
            return None
        return dict(json.loads(body)["checks"]) if answer.status == 200 else None


@dataclass
class Watched:
    """A server or child under supervision, and when it may be started again."""

    server: Server
    started: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    again_at: float | None = None


@dataclass(kw_only=True)
class Launcher:
    """``servers`` and ``children`` in starting order; stopped in the opposite one. ``prepare`` runs between the two."""

    servers: Sequence[Server]
    children: Sequence[Child]
    address: Address
    prepare: Callable[[], None]
    when_ready: Callable[[dict[str, str]], None]
    _watched: list[Watched] = field(default_factory=list)

    def run(self) -> None:
        """Returns after Ctrl-C or SIGTERM with everything stopped.

        Errors: ServerError when the product cannot be started; everything is stopped then as well.
        """
        for number in STOPPING:
            signal.signal(number, _stop_on_signal)
        try:
            for child in self.children:
                child.stop()
            self.address.check_free()
            self._start_all(self.servers)
            self.prepare()
            self._start_all(self.children)
            self.when_ready(self._wait_until_ready())
            self._watch()
        except Stopped:
            say("stopping")
        finally:
            # Stopping takes seconds at most; a second Ctrl-C must not leave half of it running.
            for number in STOPPING:
                signal.signal(number, signal.SIG_IGN)
            self._stop_all()

    def _start_all(self, servers: Sequence[Server]) -> None:
        for server in servers:
            self._watched.append(Watched(server))
            server.start()
            self._watched[-1].started = time.monotonic()

    def _wait_until_ready(self) -> dict[str, str]:
        """What it said once it could serve; for a moment longer it is asked until all of it is there."""
        deadline = time.monotonic() + READY_TIMEOUT_S
        complete_by: float | None = None
        while (checks := self.address.ask_ready()) is None or any(said != "ok" for said in checks.values()):
            if checks is not None:
                complete_by = complete_by or time.monotonic() + COMPLETE_TIMEOUT_S
                if time.monotonic() > complete_by:
                    break
            for child in self.children:
                if not child.is_alive():
                    raise ServerError(f"{child.name} did not start:\n{child.last_words()}")
            if time.monotonic() > deadline:
                raise ServerError(f"the product did not become ready; {self.address.url}/health/ready tells why")
            time.sleep(0.05)
        return checks

    def _watch(self) -> None:
        while True:
            time.sleep(WATCH_INTERVAL_S)
            for watched in self._watched:
                self._look_after(watched)

    def _look_after(self, watched: Watched) -> None:
        now = time.monotonic()
        if watched.again_at is None:
            if watched.server.is_alive():
                return
            if now - watched.started > WELL_AFTER_S:
                watched.pause_s = FIRST_PAUSE_S
            say(f"{watched.server.name} stopped by itself; starting it again in {watched.pause_s:.0f} s")
            self._again_later(watched, now)
        elif now >= watched.again_at:
            watched.again_at = None
            try:
                watched.server.start()
                watched.started = time.monotonic()
                say(f"{watched.server.name} runs again")
            except (ServerError, OSError) as error:
                say(f"{error}\ntrying again in {watched.pause_s:.0f} s")
                self._again_later(watched, time.monotonic())

    def _again_later(self, watched: Watched, now: float) -> None:
        watched.again_at = now + watched.pause_s
        watched.pause_s = min(2 * watched.pause_s, LONGEST_PAUSE_S)

    def _stop_all(self) -> None:
        for watched in reversed(self._watched):
            try:
                watched.server.stop()
            except (ServerError, OSError) as error:
                say(str(error))


def _stop_on_signal(number: int, frame: object) -> None:
    """Once: a second Ctrl-C, or make that passes on what its whole group was told, must not end the stopping."""
    for each in STOPPING:
        signal.signal(each, lambda number, frame: None)
    raise Stopped


def say(sentence: str) -> None:
    """To the person at the terminal, who may have closed it."""
    with suppress(OSError, ValueError):
        sys.stdout.write(sentence + "\n")
        sys.stdout.flush()
