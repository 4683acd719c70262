"""Bring database, master data, static files and demo up to date; nothing is done twice without a reason."""

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password
from django.core.management import call_command
from django.db import connection, connections
from django.db.backends.utils import CursorWrapper

from config.embedded import runtime
from config.health.checks import database_use, readiness
from config.stack.static import UNUSED

# Any number will do that nobody else takes for an advisory lock.
TURN = 0x5AFA
TURN_PAUSE_S = 0.1
APPS = ("config", "accounts", "masterdata", "projects", "scenarios")
NOT_OURS = frozenset({"__pycache__"})
DONE = "prepared"


@dataclass(frozen=True, slots=True)
class Prepared:
    """``connections``: how many the database server allows. ``is_demo_password``: whether the demo user has the
    password that was asked for; None without such a user."""

    connections: int
    is_demo_password: bool | None


def prepare(*, demo_password: str | None, say: Callable[[str], None]) -> Prepared:
    """Migrate, load master data, collect static files and make the demo, if code, data or database are new.

    Errors: django.db.OperationalError when the database does not answer.
    """
    try:
        with _turn():
            _prepare(demo_password=demo_password, say=say)
        return Prepared(int(database_use()["maximum"]), _is_demo_password(demo_password))
    finally:
        connections.close_all()


def _is_demo_password(demo_password: str | None) -> bool | None:
    if demo_password is None:
        return None
    user = get_user_model().objects.filter(email__iexact=settings.DEMO_EMAIL).first()
    return None if user is None else check_password(demo_password, user.password)


def _prepare(*, demo_password: str | None, say: Callable[[str], None]) -> None:
    done = settings.VAR_DIR / DONE
    wanted = _fingerprint(demo_password)
    if done.exists() and done.read_text(encoding="ascii") == wanted and _is_sound():
        return
    say("preparing the database, the master data and the static files")
    _call("migrate", interactive=False)
    _call("load_masterdata")
    _call("collectstatic", interactive=False, ignore=list(UNUSED))
    if demo_password is not None:
        with _environment(DEMO_PASSWORD=demo_password):
            _call("create_demo")
    runtime.write_private(done, wanted)


def _call(name: str, **options: object) -> None:
    call_command(name, verbosity=0, stdout=StringIO(), **options)


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    """Variables for a command alone: the processes started later need not know them."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _is_sound() -> bool:
    """Whether the static files are there, no migration is missing, and the apps find in the database what they need."""
    return (settings.STATIC_ROOT / "staticfiles.json").exists() and readiness().status != "unavailable"


@contextmanager
def _turn() -> Iterator[None]:
    """One launcher at a time for one database, also from other machines; waiting and migrating may take their time."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        # Asked for again and again: a statement that waits for the lock would be waited for by the index that whoever
        # has the lock builds concurrently, until the server calls it a deadlock and ends one of them.
        while not _is_ours(cursor):
            time.sleep(TURN_PAUSE_S)
    # Closing the connection gives the lock back.
    yield


def _is_ours(cursor: CursorWrapper) -> bool:
    cursor.execute("SELECT pg_try_advisory_lock(%s)", [TURN])
    return bool(cursor.fetchone()[0])


def _fingerprint(demo_password: str | None) -> str:
    """Of everything the work depends on: our files, the pinned packages, which database it is, the demo."""
    digest = hashlib.sha256()
    for path in _files():
        state = path.stat()
        digest.update(f"{path}:{state.st_mtime_ns}:{state.st_size}\n".encode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
        (database,) = cursor.fetchone()
    digest.update(f"{settings.DATABASE_URL}:{database}:{demo_password}".encode())
    return digest.hexdigest()


def _files() -> Iterator[Path]:
    yield settings.BASE_DIR / "requirements.txt"
    for app in APPS:
        for folder, folders, names in os.walk(settings.BASE_DIR / app):
            folders[:] = sorted(set(folders) - NOT_OURS)
            yield from (Path(folder, name) for name in sorted(names))
