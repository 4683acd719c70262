"""Workers in processes of their own, on the database of the test, to be stopped, frozen and killed from outside."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from config.embedded.processes import end_with_parent
from tests.stack.product import children, read_all, wait_for

ROOT = Path(__file__).resolve().parents[2]


class WorkerPool:
    """``manage.py worker``; leaving the ``with`` block ends whatever is left of it."""

    def __init__(self, concurrency: int = 2, *, command: Sequence[str] = (), **environment: str) -> None:
        database = f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{settings.DATABASES['default']['NAME']}"
        self.output = tempfile.TemporaryFile()  # noqa: SIM115  closed with the pool
        self.process = subprocess.Popen(
            [sys.executable, *(command or ("manage.py", "worker", "--concurrency", str(concurrency)))],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": database, **environment},
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT,
            # Also when this test run is killed, which ends the servers as well.
            preexec_fn=end_with_parent(signal.SIGTERM),
        )

    def __enter__(self) -> "WorkerPool":
        return self

    def __exit__(self, *exception: object) -> None:
        # Else it could replace one between our looking and its end.
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGSTOP)
        workers = self.workers()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for pid in workers:
            send(pid, signal.SIGKILL)
        wait_for(lambda: not any(Path(f"/proc/{pid}/cwd").exists() for pid in workers))
        # Shown with a test that failed.
        sys.stderr.write(self.said())
        self.output.close()

    def workers(self) -> list[int]:
        """The processes under the supervisor."""
        with suppress(OSError):
            return children(self.process.pid)
        return []

    def terminate(self) -> None:
        """SIGTERM; returns once every worker has been told."""
        words = "stopping"
        before = self.said().count(words)
        self.process.send_signal(signal.SIGTERM)
        wait_for(lambda: self.said().count(words) > before)

    def said(self) -> str:
        return read_all(self.output)


def send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
