"""Requests a second of the whole product under 50 connections, with 10,000 projects and 50,000 scenarios stored.

Measured inside the product's own environment, in a process of its own: `python -m tests.bench.rates PORT PART` is that
process. The load generator, the servers and the product share the machine.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.bench import wrk
from tests.bench.hefa import HEFA
from tests.bench.wrk import Sent
from tests.load.dataset import NEWCOMER, WATCHER, email_of
from tests.load.memory import memory_mib
from tests.stack.product import ROOT, Product, wait_for

SECONDS = 5
CALCULATED = 200
INVALIDATIONS = 20
# Nobody listens there: the product runs as it does while the cache is away.
NO_CACHE = "unix:///nonexistent/valkey.sock?db=0"

type Figure = tuple[str, float, str] | tuple[str, float, str, str]


def measure() -> Iterator[Figure]:
    if not wrk.is_there():
        sys.stdout.write("requests a second are not measured: wrk is not installed (Debian: apt-get install wrk)\n")
        return
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        # As many web processes as it has where nobody says otherwise.
        environment = {"RATELIMIT_ENABLE": "0"}
        with Product(Path(folder), environment=environment) as product:
            del product.environment["GUNICORN_WORKERS"]
            product.up()
            yield from _part(product, "warm")
            memory = memory_mib(product)
            yield "memory of web and worker after it", sum(memory.values()), "MiB", "< 600"
            product.stop()
            product.environment["REDIS_URL"] = NO_CACHE
            product.begin()
            wait_for(lambda: "is ready" in product.said(), timeout_s=90)
            yield from _part(product, "cache off")
            product.stop()


def _part(product: Product, part: str) -> Iterator[Figure]:
    command = [sys.executable, "-m", "tests.bench.rates", str(product.port), part]
    done = subprocess.run(command, cwd=ROOT, env=product.environment, stdout=subprocess.PIPE, text=True, check=True)
    for figure in json.loads(done.stdout):
        yield tuple(figure)


def _warm(port: int) -> Iterator[Figure]:
    from tests.load.dataset import dataset_make, dataset_settle

    start = time.perf_counter()
    dataset_make()
    dataset_settle()
    yield "10,000 projects and 50,000 scenarios made", time.perf_counter() - start, "s"
    token = _token(email_of(1))
    scenario = f"/api/v1/scenarios/{_scenarios(1)[0][1]}"
    projects = "/api/v1/projects"
    seen = Sent(path=projects, token=token, etag=_etag(projects, token))
    yield from _endpoint(port, "projects, warm", [Sent(path=projects, token=token)], "≥ 3000")
    everybody = [Sent(path=projects, token=_token(email_of(number))) for number in range(1, 501)]
    yield from _endpoint(port, "projects, warm, of 500 users in turn", everybody, is_warm=True)
    for who, email in (("10", NEWCOMER), ("10,000", WATCHER)):
        one = [Sent(path=projects, token=_token(email))]
        yield from _endpoint(port, f"projects, warm, {who} of one's own", one)
    yield from _endpoint(port, "master data", [Sent(path="/api/v1/master-data", token=token)], "≥ 4000")
    yield from _endpoint(port, "304", [seen], "≥ 4500")
    yield from _endpoint(port, "scenario", [Sent(path=scenario, token=token)], "≥ 3000")
    yield from _endpoint(port, "result", [Sent(path=f"{scenario}/calculate/status", token=token)])
    yield from _endpoint(port, "calculate/sync", _calculations(), "≥ 300")
    yield from _first_after_invalidation()


def _cache_off(port: int) -> Iterator[Figure]:
    yield from _endpoint(
        port, "projects, cache off", [Sent(path="/api/v1/projects", token=_token(email_of(1)))], "≥ 1000"
    )
    for who, email in (("10", NEWCOMER), ("10,000", WATCHER)):
        one = [Sent(path="/api/v1/projects", token=_token(email))]
        yield from _endpoint(port, f"projects, cache off, {who} of one's own", one)


def _endpoint(
    port: int, name: str, requests: list[Sent], asked: str = "", *, is_warm: bool = False
) -> Iterator[Figure]:
    if is_warm:
        for request in requests:
            _client(request.token).get(request.path)
    wrk.load(port, requests, seconds=1)
    cpu = web_cpu_s(port)
    load = wrk.load(port, requests, seconds=SECONDS)
    yield f"{name}", load.rate, "1/s", asked
    yield f"{name}, p50", load.p50, "ms"
    yield f"{name}, p95", load.p95, "ms"
    yield f"{name}, p99", load.p99, "ms", f"< {3 * load.p50:.3g}" if asked else ""
    yield f"{name}, web processor time of one", (web_cpu_s(port) - cpu) / load.requests * 1e3, "ms"
    if load.refused or load.broken:
        yield f"{name}, refused or broken off, of {load.requests}", load.refused + load.broken, "answers", "0"
    if requests[0].method == "POST":
        # No compressed sizes: each would be of another calculation.
        queries, size = _inside_once(requests[0])
        yield f"{name}, queries", queries, ""
        yield f"{name}, bytes", size, "B"
    else:
        queries, sizes = _inside(requests[0])
        yield f"{name}, queries", queries, ""
        yield f"{name}, bytes", sizes["identity"], "B"
        if sizes["identity"] > 1024:
            yield f"{name}, of that with br", sizes["br"] / sizes["identity"] * 100, "%", "≤ 40"
            yield f"{name}, of that with gzip", sizes["gzip"] / sizes["identity"] * 100, "%", "≤ 40"


def _inside(sent: Sent) -> tuple[int, dict[str, int]]:
    """Queries of the request once it has been asked before, and the bytes of its body by coding."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = _client(sent.token)
    sizes = {}
    for coding in ("identity", "gzip", "br"):
        answer = client.get(sent.path, HTTP_ACCEPT_ENCODING=coding, HTTP_IF_NONE_MATCH=sent.etag)
        sizes[coding] = len(answer.content)
    with CaptureQueriesContext(connection) as queries:
        client.get(sent.path, HTTP_IF_NONE_MATCH=sent.etag)
    return len(queries), sizes


def _inside_once(sent: Sent) -> tuple[int, int]:
    """Queries and bytes of a request that asks for something else each time."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = _client(sent.token)
    for rate in ("0.0611", "0.0612"):
        body = sent.body.replace("RATE", rate)
        with CaptureQueriesContext(connection) as queries:
            answer = client.post(sent.path, body, content_type="application/json")
    return len(queries), len(answer.content)


def _first_after_invalidation() -> Iterator[Figure]:
    """Of a client on one connection, in this process: nothing else is measured than making and keeping the answer."""
    staff, reader = _client(_token(WATCHER)), _client(_token(email_of(1)))
    for name, path in (("projects", "/api/v1/projects"), ("master data", "/api/v1/master-data")):
        times = []
        for _ in range(INVALIDATIONS):
            staff.post("/api/v1/cache/invalidate", {}, format="json")
            start = time.perf_counter()
            reader.get(path)
            times.append((time.perf_counter() - start) * 1e3)
        yield f"{name}, first after invalidation, median", statistics.median(times), "ms"
        yield f"{name}, first after invalidation, longest of {INVALIDATIONS}", max(times), "ms", "< 50"


def _calculations() -> list[Sent]:
    """Each of another user's scenario, since nobody waits for a row that somebody else calculates."""
    body = json.dumps({"inputs": {**HEFA, "finance": {**_finance(), "discountRate": "@"}}}).replace('"@"', "RATE")
    return [
        Sent(method="POST", path=f"/api/v1/scenarios/{scenario}/calculate/sync", token=_token(email), body=body)
        for email, scenario in _scenarios(CALCULATED)
    ]


def _finance() -> Mapping[str, Any]:
    finance = HEFA["finance"]
    assert isinstance(finance, dict)
    return finance


def _scenarios(users: int) -> list[tuple[str, str]]:
    """A calculated scenario of each of the first ``users``, with their address."""
    from scenarios.models import Scenario

    emails = [email_of(number) for number in range(1, users + 1)]
    found = Scenario.objects.filter(created_by__email__in=emails, status="calculated")
    return [
        (email, str(key))
        for email, key in found.order_by("created_by_id", "id")
        .distinct("created_by_id")
        .values_list("created_by__email", "id")
    ]


def _token(email: str) -> str:
    from accounts.models import User
    from accounts.tokens import token_pair

    return str(token_pair(User.objects.get(email=email))["access_token"])


def _client(token: str) -> Any:
    from rest_framework.test import APIClient

    client = APIClient(HTTP_HOST="localhost")
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def _etag(path: str, token: str) -> str:
    return str(_client(token).get(path).headers["ETag"])


def web_cpu_s(port: int) -> float:
    import urllib.request

    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith("safapac_cpu_seconds_total "):
                return float(line.split()[1])
    raise RuntimeError("no processor time among the metrics")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    parts = {"warm": _warm, "cache off": _cache_off}
    json.dump(list(parts[sys.argv[2]](int(sys.argv[1]))), sys.stdout)
