"""The web processes of a running product."""

import http.client
import json
import os
import re
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests.stack.product import PATIENCE_S, Product, children, wait_for

pytestmark = pytest.mark.stack


def counted(product: Product) -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", product.port, timeout=PATIENCE_S)) as connection:
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
    found = re.search(
        r'^safapac_requests_total\{method="GET",route="health/live",status="200"\} (\S+)', text, re.MULTILINE
    )
    return int(float(found[1])) if found else 0


def test_workers_that_are_replaced_fail_no_request_and_lose_no_count(new_product: Callable[..., Product]) -> None:
    product = new_product(GUNICORN_MAX_REQUESTS="10")
    product.up()
    for _ in range(100):
        assert product.get("/health/live")[0] == 200
    assert counted(product) == 100
    # By slot and kind of metric, however many workers there were.
    assert len(list((product.var_dir / "metrics").iterdir())) <= 2 * 6


def test_a_killed_worker_is_replaced_without_a_restart(product: Product) -> None:
    product.up()
    master = product.pid_of("web")
    worker = children(master)[0]
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: worker not in product.processes())
    assert product.is_ready()
    assert product.pid_of("web") == master


def test_nothing_of_the_product_listens_beyond_this_machine(product: Product) -> None:
    product.up()
    with open("/proc/net/tcp") as file:
        rows = [line.split() for line in file.readlines()[1:]]
    listening = [row[1] for row in rows if row[3] == "0A" and int(row[1].split(":")[1], 16) == product.port]
    assert listening == [f"0100007F:{product.port:04X}"]


def test_memory_of_password_hashes_is_given_back(new_product: Callable[..., Product]) -> None:
    """19 MiB each: a web process that kept the blocks of two threads would hold twice that for good."""
    product = new_product(GUNICORN_WORKERS="1", RATELIMIT_ENABLE="0")
    product.up()
    (process,) = children(product.pid_of("web"))

    def refused() -> int:
        with closing(http.client.HTTPConnection("127.0.0.1", product.port, timeout=PATIENCE_S)) as connection:
            body = json.dumps({"email": "nobody@example.com", "password": "wrong"})
            connection.request("POST", "/api/v1/auth/login", body, {"Content-Type": "application/json"})
            return connection.getresponse().status

    for _ in range(20):
        product.get("/health/db")
    before = resident_mib(process)
    with ThreadPoolExecutor(4) as people:
        assert set(people.map(lambda _: refused(), range(12))) == {401}

    assert resident_mib(process) - before < 15


def resident_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
