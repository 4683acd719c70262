"""What a process must know of the embedded servers, read from VAR_DIR: addresses and secret key. Settings read it."""

import json
import os
import secrets
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

from django.core.exceptions import ImproperlyConfigured

RECORD = "embedded.json"
POSTGRES_SOCKET = ".s.PGSQL.5432"
VALKEY_SOCKET = "valkey.sock"
USER = DATABASE = "safapac"


@dataclass(frozen=True, kw_only=True)
class Record:
    """Written by the process that starts the servers, read by every other one; mode 0600 because of the password."""

    base: str
    sockets: str
    password: str

    def write(self, var_dir: Path) -> None:
        write_private(var_dir / RECORD, json.dumps(asdict(self), indent=1) + "\n")


def is_given(name: str) -> bool:
    """Whether the environment names a server of its own, directly or by a file (see config.env.text)."""
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def is_embedded() -> bool:
    """Whether the product stands on its own PostgreSQL rather than on one the environment names."""
    return not is_given("DATABASE_URL")


def read_record(var_dir: Path) -> Record | None:
    """The record of the last start, or None when the servers were never started here.

    Errors: ImproperlyConfigured when VAR_DIR belongs to another user.
    """
    with _readable(var_dir):
        try:
            text = (var_dir / RECORD).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        return Record(**json.loads(text))


def database_url(var_dir: Path) -> str:
    """PostgreSQL's address; before the first start in a folder that does not exist, so that a connection fails."""
    record = read_record(var_dir)
    sockets = record.sockets if record else str(var_dir / "not-started")
    password = f":{quote(record.password, safe='')}" if record else ""
    return f"postgres://{USER}{password}@{quote(sockets, safe='')}/{DATABASE}"


def redis_url(var_dir: Path, *, number: int = 0) -> str:
    """Valkey's address, database ``number``."""
    record = read_record(var_dir)
    sockets = record.sockets if record else str(var_dir / "not-started")
    return f"unix://{quote(f'{sockets}/{VALKEY_SOCKET}')}?db={number}"


def secret_key(var_dir: Path) -> str:
    """The signing key made once and kept in VAR_DIR; empty beside a database of one's own, where it must be given."""
    if not is_embedded():
        return ""
    return kept_secret(var_dir / "secret_key")


def kept_secret(path: Path, *, entropy_bytes: int = 48) -> str:
    """The secret in a private file, made on first use; two processes that race get the same one.

    Errors: ImproperlyConfigured when its folder belongs to another user.
    """
    with _readable(path.parent):
        try:
            return path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            write_private(path, secrets.token_urlsafe(entropy_bytes) + "\n", replace=False)
            return path.read_text(encoding="ascii").strip()


@contextmanager
def _readable(var_dir: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise ImproperlyConfigured(
            f"{var_dir} belongs to another user ({error.strerror}: {error.filename}): run as that user, or choose"
            " another VAR_DIR"
        ) from error


def is_listening(path: str | Path) -> bool:
    """Whether a server accepts connections on this unix socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


def is_database_up(var_dir: Path) -> bool:
    record = read_record(var_dir)
    return record is not None and is_listening(f"{record.sockets}/{POSTGRES_SOCKET}")


def make_var_dir(var_dir: Path) -> None:
    """VAR_DIR, passable but not listable for others; one that exists keeps the mode its owner gave it."""
    if not var_dir.exists():
        var_dir.mkdir(parents=True, exist_ok=True)
        var_dir.chmod(0o711)


def write_private(path: Path, text: str, *, replace: bool = True) -> None:
    """Write a file of mode 0600 in one step, so nobody reads half of it; without ``replace`` the first writer wins."""
    make_var_dir(path.parent)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            os.replace(temporary, path)
            return
        try:
            os.link(temporary, path)
        except FileExistsError:
            return
    finally:
        Path(temporary).unlink(missing_ok=True)
