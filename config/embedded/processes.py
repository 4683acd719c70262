"""Starting, finding and ending server processes, also those that outlived the launcher that started them."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

PROC = Path("/proc")
# The servers by the name the kernel has for them; a person's shell may stand in a data folder too.
SERVERS = frozenset({"postgres", "valkey-server"})
# What people and supervisors stop us with.
STOPPING = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class ServerError(RuntimeError):
    """A server cannot be started or stopped; the message is a sentence for the person who runs the product."""


@dataclass(frozen=True)
class Account:
    """The operating system user a server runs as."""

    name: str
    uid: int
    gid: int


def as_account(account: Account | None) -> dict[str, Any]:
    """Arguments of subprocess that drop to ``account``; none when the server runs as ourselves."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def clean_environment() -> dict[str, str]:
    """What a server gets of our environment: no secrets, and no PG* variable that would change what it does."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def end_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """A function for the new process: when its parent dies, even by kill -9, Linux sends it this signal.

    Elsewhere it does nothing: the next start finds what was left behind (``living_in``).
    """
    parent = os.getpid()

    def in_child() -> None:
        if _LIBC is None:
            return
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return in_child


def spawn(
    command: Sequence[str],
    *,
    cwd: Path,
    log: IO[bytes] | int,
    death_signal: signal.Signals,
    account: Account | None = None,
    environment: dict[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a long-lived process in a session of its own, so that Ctrl-C in the terminal reaches the launcher alone.

    Call it, and keep what it returns, within ``undisturbed``.
    """
    ends_with_us = end_with_parent(death_signal)

    def in_child() -> None:
        # Our handlers would swallow what arrives before the exec.
        for number in STOPPING:
            signal.signal(number, signal.SIG_DFL)
        ends_with_us()

    return subprocess.Popen(  # noqa: S603
        list(command),
        cwd=cwd,
        env=clean_environment() if environment is None else environment,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=in_child,
        **as_account(account),
    )


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Signals that stop us wait for the end of this block. For the main thread, where they are handled.

    Between its fork and its exec a new process is a copy of this one: stopped then, we would leave it behind, since by
    name, folder or environment it is not found yet.
    """
    came: list[int] = []
    # No mask: that of one thread leaves a signal to any other, and the main one runs its handler all the same.
    before = {number: signal.signal(number, lambda number, frame: came.append(number)) for number in STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for late in dict.fromkeys(came):
            signal.raise_signal(late)


def living_in(folder: Path, *, pid_file: Path | None = None) -> list[int]:
    """Servers whose working directory is ``folder``: ours, whoever started them.

    Both servers change into their data folder, and a zombie has no working directory, so neither a stale pid file nor a
    pid that somebody else has by now can mislead. Where there is no /proc, the pid file is all there is.
    """
    if PROC.is_dir():
        wanted = os.path.realpath(folder)
        return [pid for pid in all_pids() if _working_directory(pid) == wanted and _name(pid) in SERVERS]
    with contextlib.suppress(OSError, ValueError, IndexError):
        pid = int((pid_file or folder / "pid").read_text(encoding="ascii").split()[0])
        os.kill(pid, 0)
        return [pid]
    return []


def all_pids() -> Iterable[int]:
    return (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())


def _working_directory(pid: int) -> str | None:
    try:
        return os.readlink(PROC / str(pid) / "cwd")
    except OSError:
        return None


def _name(pid: int) -> str:
    try:
        return (PROC / str(pid) / "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def end_all(folder: Path, *, polite: signal.Signals, patience_s: float, pid_file: Path | None = None) -> None:
    """End whatever lives in ``folder``: first politely, then by SIGKILL.

    Errors: ServerError when a process cannot be signalled (another user's) or does not go.
    """
    for number, wait_s in ((polite, patience_s), (signal.SIGKILL, 10.0)):
        pids = living_in(folder, pid_file=pid_file)
        for pid in pids:
            try:
                os.kill(pid, number)
                # A stopped process would not even see the signal.
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                continue
            except PermissionError:
                raise ServerError(
                    f"process {pid} in {folder} belongs to another user: stop it, then try again"
                ) from None
        if not pids or wait_until(lambda: not living_in(folder, pid_file=pid_file), timeout_s=wait_s):
            return
    raise ServerError(f"processes in {folder} do not stop: {living_in(folder, pid_file=pid_file)}")


def wait_until(condition: Callable[[], bool], *, timeout_s: float, interval_s: float = 0.05) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(interval_s)
    return True


def last_lines(path: Path, count: int = 5) -> str:
    """The end of a log, for the sentence that says why a server did not start."""
    try:
        return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
    except OSError:
        return ""


def open_log(path: Path, *, keep_bytes: int = 5_000_000) -> IO[bytes]:
    """A log opened for appending, mode 0600; a long one is put aside first, so there are never more than two."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > keep_bytes:
            path.replace(path.with_suffix(".old.log"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600), "ab", buffering=0)
