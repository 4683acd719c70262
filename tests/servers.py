"""The servers of a test run: started before Django reads its settings, in a folder of their own, gone at the end.

Loaded by ``-p tests.servers`` (pyproject.toml). With pytest-xdist the controller owns them; each worker inherits the
environment, has a database of its own by pytest-django, and here a Valkey database of its own.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from config.embedded import place, runtime
from config.embedded.servers import Server, needed

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = {
    "SECRET_KEY": "a-key-for-tests-only-a-key-for-tests-only-a-key-for-tests-only",
    "DEBUG": "0",
    "DEMO": "0",
    "RATELIMIT_ENABLE": "0",
}


class Servers:
    """What this pytest process started, to be stopped by it."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.lock: int | None = None
        self.running: list[Server] = []

    def start(self) -> None:
        parent = ROOT / "var" / "test"
        runtime.make_var_dir(parent.parent)
        runtime.make_var_dir(parent)
        # One at a time here, or a run that starts beside this one could take a folder not locked yet for abandoned.
        with _turn(parent):
            _remove_abandoned(parent)
            self.folder = Path(tempfile.mkdtemp(dir=parent))
            self.folder.chmod(0o711)
            self.lock = _hold(self.folder)
        (self.folder / "static").mkdir()
        os.environ["VAR_DIR"] = str(self.folder)
        servers = needed(self.folder, max_connections=200, durable=False)
        for server in servers:
            self.running.append(server)
            server.start()
        if "DATABASE_URL" not in os.environ:
            os.environ["DATABASE_URL"] = runtime.database_url(self.folder)
        if "REDIS_URL" not in os.environ:
            os.environ["REDIS_URL"] = runtime.redis_url(self.folder)

    def stop(self) -> None:
        while self.running:
            self.running.pop().stop()
        if self.folder is not None:
            _remove(self.folder)
            self.folder = None
        if self.lock is not None:
            os.close(self.lock)
            self.lock = None


_servers = Servers()


def server(name: str) -> Server:
    """A server of this test run by its name, for a test that stops it, and starts it again.

    Errors: LookupError when the environment names a server of its own, or with pytest-xdist, which owns it elsewhere.
    """
    for found in _servers.running:
        if found.name == name:
            return found
    raise LookupError(f"this test stops {name}: run it without DATABASE_URL, REDIS_URL and -n")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    """A wrapper runs before pytest-django's hook of the same name, which imports the settings."""
    os.environ.update(ENVIRONMENT)
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is not None:
        if "?db=0" in os.environ["REDIS_URL"]:
            number = int(worker.removeprefix("gw")) + 1
            os.environ["REDIS_URL"] = os.environ["REDIS_URL"].replace("?db=0", f"?db={number}")
    else:
        early_config.add_cleanup(_servers.stop)
        _servers.start()
    return (yield)


@contextlib.contextmanager
def _turn(parent: Path) -> Iterator[None]:
    handle = os.open(parent, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _hold(folder: Path) -> int | None:
    """A lock held as long as this process lives, or None when another process holds it."""
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def _remove_abandoned(parent: Path) -> None:
    """Folders of test runs that were killed; their servers went with them, or go now."""
    for folder in parent.iterdir():
        with contextlib.suppress(OSError):
            if (handle := _hold(folder)) is not None:
                for server in needed(folder):
                    server.stop()
                _remove(folder)
                os.close(handle)


def _remove(folder: Path) -> None:
    place.remove(folder)
    shutil.rmtree(folder, ignore_errors=True)
