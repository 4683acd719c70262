"""Processes that run our own code: web and worker. Found again by a mark in their environment, whoever started them."""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from config.embedded.processes import PROC, ServerError, all_pids, last_lines, open_log, spawn, undisturbed, wait_until

MARK = "SAFAPAC_PROCESS"
# By itself glibc raises these limits to the largest block it has freed (a password's hash takes 19 MiB), and keeps as
# much for each thread ever after: 55 MiB of a web process were such blocks (docs/decisions/0009-proof-under-load.md).
MALLOC = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "1048576", "MALLOC_TRIM_THRESHOLD_": "1048576"}


class Child:
    """One process (with children of its own, such as gunicorn's workers), started and stopped like a server.

    Shape: ``environment`` is added to the launcher's own, which may name other limits than ``MALLOC``; ``scratch`` is a
    folder emptied before each start.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        var_dir: Path,
        cwd: Path,
        patience_s: float,
        environment: Mapping[str, str] | None = None,
        scratch: Path | None = None,
    ) -> None:
        self.name = name
        self.command = command
        self.cwd = cwd
        self.log = var_dir / "log" / f"{name}.log"
        self.patience_s = patience_s
        self.mark = f"{name}:{var_dir}"
        self.environment = {**(environment or {}), MARK: self.mark}
        self.scratch = scratch
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, once what a killed owner left running has gone. Whether it serves is for others to see."""
        self.stop()
        if self.scratch is not None:
            shutil.rmtree(self.scratch, ignore_errors=True)
            self.scratch.mkdir(mode=0o700, parents=True)
        with open_log(self.log) as log, undisturbed():
            self.process = spawn(
                self.command,
                cwd=self.cwd,
                log=log,
                death_signal=signal.SIGTERM,
                environment={**MALLOC, **os.environ, **self.environment},
            )

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """SIGTERM and time to finish what it is doing; then SIGKILL for whatever carries its mark."""
        marked = marked_processes(self.mark)
        leaders = [pid for pid in marked if _parent(pid) not in marked]
        _signal_all(leaders, signal.SIGTERM)
        if not wait_until(self._is_gone, timeout_s=self.patience_s):
            _signal_all(marked_processes(self.mark), signal.SIGKILL)
            if not wait_until(self._is_gone, timeout_s=10):
                raise ServerError(f"{self.name} does not stop: processes {marked_processes(self.mark)}")
        self.process = None

    def last_words(self) -> str:
        return last_lines(self.log)

    def _is_gone(self) -> bool:
        # Polled so that our own child is reaped: a zombie keeps its pid.
        return not self.is_alive() and not marked_processes(self.mark)


def marked_processes(mark: str) -> list[int]:
    """Processes whose environment carries this mark. Without /proc none is found, and a port in use stops the start."""
    if not PROC.is_dir():
        return []
    wanted = f"{MARK}={mark}".encode()
    return [pid for pid in all_pids() if pid != os.getpid() and wanted in _environment(pid)]


def _environment(pid: int) -> list[bytes]:
    try:
        return (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _parent(pid: int) -> int:
    with suppress(OSError, ValueError, IndexError):
        return int((PROC / str(pid) / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    return 0


def _signal_all(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)
            # A stopped process would not even see the signal.
            os.kill(pid, signal.SIGCONT)
