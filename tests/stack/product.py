"""A whole product in processes of its own, started as a person starts it, for the tests that stop and kill it."""

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[2]
# What the test run set for itself must not reach the product under test.
OURS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "VAR_DIR", "DEMO", "DEBUG", "RATELIMIT_ENABLE", "PORT", "HOST")

# What has not happened by then, on the slowest machine, is not late.
PATIENCE_S = 120.0
# No process has this number.
GONE = 0


class Product:
    """``up()`` starts it on a free port; leaving the ``with`` block ends whatever is left of it."""

    def __init__(self, var_dir: Path, *, environment: Mapping[str, str] | None = None) -> None:
        self.var_dir = var_dir
        self.port = free_port()
        self.command: Sequence[str] = [sys.executable, "manage.py", "up"]
        self.cwd = ROOT
        self.options: dict[str, Any] = {}
        clean = {name: value for name, value in os.environ.items() if name not in OURS}
        own = {"VAR_DIR": str(var_dir), "PORT": str(self.port), "GUNICORN_WORKERS": "2"}
        self.environment = {**clean, **own, **(environment or {})}
        self.launcher: subprocess.Popen[bytes] | None = None
        self.output = tempfile.TemporaryFile()  # noqa: SIM115  closed with the product

    def __enter__(self) -> "Product":
        return self

    def __exit__(self, *exception: object) -> None:
        self._signal_all(signal.SIGTERM)
        with suppress(AssertionError):
            wait_for(lambda: not self.processes(), timeout_s=10)
        # Again and again: one of them may just have started another.
        wait_for(lambda: not self._signal_all(signal.SIGKILL))
        if self.launcher is not None:
            self.launcher.wait()
        self.output.close()

    def up(self) -> None:
        """Start, and return once it is ready and has said so."""
        self.begin()
        wait_for(lambda: ("is ready" in self.said() and self.is_ready()) or self._failed())

    def begin(self) -> None:
        self.output.seek(0)
        self.output.truncate()
        self.launcher = subprocess.Popen(
            self.command,
            cwd=self.cwd,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **self.options,
        )

    def _failed(self) -> bool:
        assert self.launcher is not None
        if self.launcher.poll() is not None:
            raise AssertionError(f"it ended with {self.launcher.returncode}: {self.said()}")
        return False

    def stop(self, number: signal.Signals = signal.SIGTERM, *, group: bool = False) -> tuple[int, str]:
        """Exit status and everything it said."""
        assert self.launcher is not None
        (os.killpg if group else os.kill)(self.launcher.pid, number)
        return self.launcher.wait(timeout=PATIENCE_S), self.said()

    def refused(self) -> tuple[int, str]:
        """Start what is expected to end by itself; exit status and what it said."""
        self.begin()
        assert self.launcher is not None
        return self.launcher.wait(timeout=PATIENCE_S), self.said()

    def kill(self) -> None:
        """Kill -9 of the launcher alone."""
        assert self.launcher is not None
        self.launcher.kill()
        self.launcher.wait()

    def kill_everything(self) -> None:
        """At once: while any of them goes on, it may see others die, and stop in order or start them again."""
        assert self.launcher is not None
        stopped: set[int] = set()
        while more := set(self.processes()) - stopped:
            stopped |= more
            _send(more, signal.SIGSTOP)
        _send(stopped, signal.SIGKILL)
        self.launcher.wait()

    def serving(self, count: int) -> list[int]:
        """The web processes, once there are so many and each has answered: the product is ready with the first."""
        master = self.pid_of("web")
        wait_for(lambda: len(children(master)) == count)
        workers = children(master)
        for worker in workers:
            with alone(worker, workers):
                assert self.get("/health/live")[0] == 200
        return workers

    def said(self) -> str:
        """What it told the person who started it, since the last start."""
        return read_all(self.output)

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)) as connection:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
        return answer.status, json.loads(body)

    def is_ready(self) -> bool:
        """Fully: with its cache as well."""
        try:
            status, body = self.get("/health/ready")
        except (OSError, http.client.HTTPException, ValueError):
            return False
        return status == 200 and body["status"] == "ready"

    def processes(self) -> list[int]:
        """All that belongs to this VAR_DIR, by working directory, command line or environment."""
        return [pid for pid in _pids() if self._belongs(pid)]

    def pid_of(self, part: str) -> int:
        """The process of a part: the master, which is no child of another. The numbers say nothing: they begin anew."""
        words = {
            "postgres": "pginstall18/bin/postgres",
            "valkey": "valkey-server",
            "worker": "manage.py worker",
            "web": "gunicorn",
        }
        found = {pid for pid in self.processes() if words[part] in command_line(pid)}
        masters = [pid for pid in found if parent_of(pid) not in {GONE, *found}]
        assert len(masters) == 1, f"{masters} are {part} among {self.processes()}"
        return masters[0]

    def _signal_all(self, number: signal.Signals) -> list[int]:
        """Whom it was sent to."""
        found = self.processes()
        _send(found, number)
        return found

    def _belongs(self, pid: int) -> bool:
        where = os.fsencode(str(self.var_dir))
        with suppress(OSError):
            # This very test run may carry the folder's name in its own memory, never in these.
            folder = Path(f"/proc/{pid}")
            if os.fsencode(os.readlink(folder / "cwd")).startswith(where):
                return True
            return b"VAR_DIR=" + where in (folder / "environ").read_bytes().split(b"\0")
        return False


def read_all(output: IO[bytes]) -> str:
    """What a file holds that a running process writes to: read without moving the place where that writes next."""
    return os.pread(output.fileno(), os.fstat(output.fileno()).st_size, 0).decode(errors="replace")


def parent_of(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return GONE


def children(pid: int) -> list[int]:
    """Processes that one has started, and that are still there."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def alone(worker: int, workers: Sequence[int]) -> Iterator[None]:
    """The others stand still, so that this one takes every connection that is made."""
    others = [pid for pid in workers if pid != worker]
    _send(others, signal.SIGSTOP)
    try:
        yield
    finally:
        _send(others, signal.SIGCONT)


def _send(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def command_line(pid: int) -> str:
    """Empty for one that is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def free_port() -> int:
    """None of those that Linux gives to clients: a product that starts again finds its port still free."""
    while True:
        port = random.randrange(15_000, 32_000)  # noqa: S311
        with closing(socket.socket()) as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def wait_for(condition: Callable[[], bool], *, timeout_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
