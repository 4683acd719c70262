"""The web processes of a running product."""

import http.client
import json
import os
import re
import signal
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
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
    wait_for(lambda: worker not in children(master) and len(children(master)) == 2)
    assert product.is_ready()
    assert product.pid_of("web") == master


def connections_of(pid: int, port: int) -> int:
    """How many connections to this port a process has accepted."""
    with open("/proc/net/tcp") as file:
        rows = [line.split() for line in file.readlines()[1:]]
    ours = {f"socket:[{row[9]}]" for row in rows if row[3] == "01" and row[1].endswith(f":{port:04X}")}
    found = 0
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            found += os.readlink(handle) in ours
    return found


def test_connections_that_come_at_once_are_shared_out_evenly(new_product: Callable[..., Product]) -> None:
    patient = "--worker-class tests.stack.patient.PatientWorker"
    product = new_product(
        GUNICORN_WORKERS="4", GUNICORN_KEEPALIVE="600", GUNICORN_TIMEOUT="300", GUNICORN_CMD_ARGS=patient
    )
    product.up()
    workers = product.serving(4)
    with ExitStack() as stack:
        for _ in range(40):
            client = socket.create_connection(("127.0.0.1", product.port))
            stack.enter_context(closing(client))
            client.sendall(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n")
        wait_for(lambda: sum(connections_of(pid, product.port) for pid in workers) >= 40)
        shares = [connections_of(pid, product.port) for pid in workers]
    assert max(shares) <= 12, shares


def test_a_worker_that_is_stopped_keeps_no_connection_from_the_others(new_product: Callable[..., Product]) -> None:
    """It has fewer than they have, and never takes one."""
    product = new_product(GUNICORN_WORKERS="2", GUNICORN_TIMEOUT="300")
    product.up()
    stopped, _ = product.serving(2)
    os.kill(stopped, signal.SIGSTOP)
    try:
        assert [product.get("/health/live")[0] for _ in range(10)] == [200] * 10
    finally:
        os.kill(stopped, signal.SIGCONT)


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
