"""The product over HTTP, started as a person starts it, one client on one kept connection."""

import http.client
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.hefa import HEFA
from tests.stack.product import Product, wait_for

PASSWORD = "a long walk in the rain"
CALLS = 200


class Client:
    """A signed-in client that times every call."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers = {"Content-Type": "application/json"}
        answer = self.call("POST", "/auth/login", {"email": "demo@example.com", "password": PASSWORD})[1]
        self.headers["Authorization"] = f"Bearer {answer['accessToken']}"

    def call(self, method: str, path: str, body: Any = None) -> tuple[float, Any]:
        """Milliseconds, and the answer, which must be a success."""
        sent = None if body is None else json.dumps(body)
        start = time.perf_counter()
        self.connection.request(method, f"/api/v1{path}", sent, self.headers)
        answer = self.connection.getresponse()
        received = answer.read()
        took = (time.perf_counter() - start) * 1e3
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {received[:500]!r}")
        return took, json.loads(received)


def measure() -> Iterator[tuple[str, float, str]]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        environment = {"DEMO_PASSWORD": PASSWORD, "RATELIMIT_ENABLE": "0"}
        with Product(Path(folder), environment=environment) as product:
            product.up()
            client = Client(product.port)
            yield from _measured(client)
            yield from _accepted(client)
            product.stop()
            product.environment["WORKER_CONCURRENCY"] = "0"
            product.begin()
            wait_for(lambda: "is ready" in product.said(), timeout_s=90)
            yield from _waiting(Client(product.port))
            product.stop()
            del product.environment["WORKER_CONCURRENCY"]
            start = time.perf_counter()
            product.up()
            yield "second start, to ready", time.perf_counter() - start, "s"
            product.stop()


def _measured(client: Client) -> Iterator[tuple[str, float, str]]:
    project = client.call("POST", "/projects", {"name": "bench"})[1]
    scenario = client.call("POST", f"/projects/{project['id']}/scenarios", {"name": "bench", "inputs": HEFA})[1]
    at = f"/scenarios/{scenario['id']}"
    # Each run has inputs of its own, so none is answered from an earlier result.
    runs = [_with_rate(0.05 + index * 1e-4) for index in range(CALLS)]
    for run in runs[:20]:
        client.call("POST", f"{at}/preview", {"inputs": run})
    yield (
        "calculate/sync, median",
        _median([client.call("POST", f"{at}/calculate/sync", {"inputs": r})[0] for r in runs]),
        "ms",
    )
    for name, path in (
        ("scenario", at),
        ("calculate/status", f"{at}/calculate/status"),
        ("trace of NPV", f"{at}/trace/npv"),
        ("projects", "/projects"),
        ("master data", "/master-data"),
    ):
        yield f"GET {name}, median", _median([client.call("GET", path)[0] for _ in range(CALLS)]), "ms"


def _accepted(client: Client) -> Iterator[tuple[str, float, str]]:
    """From POST to the result while nothing else waits, as a client that polls sees it."""
    accepted, done = [], []
    for at in _scenarios(client, "polled"):
        start = time.perf_counter()
        accepted.append(client.call("POST", f"{at}/calculate", {})[0])
        while client.call("GET", f"{at}/calculate/status")[1]["status"] == "calculating":
            time.sleep(0.002)
        done.append((time.perf_counter() - start) * 1e3)
    yield "POST calculate (202), worker beside it, median", _median(accepted), "ms"
    yield "POST calculate to calculated, idle queue, median", _median(done), "ms"
    yield "POST calculate to calculated, idle queue, 95 %", statistics.quantiles(done, n=20)[18], "ms"


def _waiting(client: Client) -> Iterator[tuple[str, float, str]]:
    """With no worker, so that everything stays queued."""
    scenarios = _scenarios(client, "waiting")
    accepted = [client.call("POST", f"{at}/calculate", {})[0] for at in scenarios]
    yield "POST calculate (202), no worker, median", _median(accepted), "ms"
    yield "POST calculate (202), no worker, 95 %", statistics.quantiles(accepted, n=20)[18], "ms"
    again = [client.call("POST", f"{at}/calculate", {})[0] for at in scenarios]
    yield "POST calculate again (the same run), median", _median(again), "ms"
    polled = [client.call("GET", f"{at}/calculate/status")[0] for at in scenarios]
    yield f"GET calculate/status, {CALLS} queued, median", _median(polled), "ms"
    cancelled = [client.call("POST", f"{at}/calculate/cancel")[0] for at in scenarios]
    yield "POST calculate/cancel, median", _median(cancelled), "ms"


def _scenarios(client: Client, name: str) -> list[str]:
    """Addresses of scenarios that were never calculated, each with inputs of its own."""
    project = client.call("POST", "/projects", {"name": name})[1]["id"]
    made = [
        client.call("POST", f"/projects/{project}/scenarios", {"name": name, "inputs": _with_rate(0.05 + index * 1e-4)})
        for index in range(CALLS)
    ]
    return [f"/scenarios/{body['id']}" for _, body in made]


def _with_rate(rate: float) -> dict[str, Any]:
    return {**HEFA, "finance": {**HEFA["finance"], "discountRate": rate}}  # type: ignore[dict-item]


def _median(times: list[float]) -> float:
    return statistics.median(times)
