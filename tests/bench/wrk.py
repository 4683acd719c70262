"""Requests per second with wrk, a load generator in C: Debian's package wrk, which has to be there."""

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("requests.lua")
CONNECTIONS = 50


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One request of those that are sent in turn. RATE in ``body`` stands for another number every time."""

    path: str
    token: str
    method: str = "GET"
    etag: str = ""
    body: str = ""

    def line(self) -> str:
        return "\t".join((self.method, self.path, self.token, self.etag, self.body))


@dataclass(frozen=True, kw_only=True)
class Load:
    """What came of it: answers a second, their times in ms, bytes of one, and what went wrong.

    ``refused``: answers of 400 and more. ``broken``: connections that ended under a request.
    """

    rate: float
    p50: float
    p95: float
    p99: float
    bytes_each: float
    requests: int
    refused: int
    broken: int


def is_there() -> bool:
    return shutil.which("wrk") is not None


def load(port: int, requests: Sequence[Sent], *, seconds: int, connections: int = CONNECTIONS) -> Load:
    """Raises RuntimeError where most answers are refusals: those would be measured for what was asked."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("".join(request.line() + "\n" for request in requests))
        file.flush()
        first = str(int(time.time() * 10) % 1_000_000)
        address = f"http://127.0.0.1:{port}"
        command = [
            *("wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s"),
            *("--timeout", "10s", "--script", str(SCRIPT), address, "--", file.name, first),
        ]
        said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    found = json.loads(said.strip().rpartition("\n")[2])
    if found["refused"] > found["requests"] / 2:
        raise RuntimeError(f"{requests[0].method} {requests[0].path}: {found}")
    return Load(
        rate=found["requests"] / found["seconds"], p50=found["p50"], p95=found["p95"], p99=found["p99"],
        bytes_each=found["bytes"] / max(1, found["requests"]), requests=found["requests"],
        refused=found["refused"], broken=found["broken"],
    )  # fmt: skip
