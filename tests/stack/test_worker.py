"""A calculation in the background of the whole product, by either way of hearing of it."""

import http.client
import json
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from tests.stack.product import PATIENCE_S, Product, wait_for

pytestmark = pytest.mark.stack

PASSWORD = "correct-horse-battery"
INPUTS = {"pathway": "HEFA-SPK", "country": "MYS", "plant": {"capacity": {"value": 333, "unit": "kt/year"}}}


def ask(product: Product, method: str, path: str, body: Any = None, token: str = "") -> dict[str, Any]:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    with closing(http.client.HTTPConnection("127.0.0.1", product.port, timeout=PATIENCE_S)) as connection:
        connection.request(method, f"/api/v1{path}", json.dumps(body), headers)
        answer = connection.getresponse()
        received = json.loads(answer.read() or b"{}")
    assert answer.status < 300, received
    return received


@pytest.mark.parametrize("backend", ["database", "celery"])
def test_what_is_asked_for_over_http_is_calculated_by_the_worker(
    new_product: Callable[..., Product], backend: str
) -> None:
    product = new_product(TASKS_BACKEND=backend, DEMO_PASSWORD=PASSWORD)
    product.up()
    login = {"email": "demo@example.com", "password": PASSWORD}
    token = ask(product, "POST", "/auth/login", login)["accessToken"]
    project = ask(product, "POST", "/projects", {"name": "Kerteh"}, token)["id"]
    case = {"name": "Base", "inputs": INPUTS}
    scenario = ask(product, "POST", f"/projects/{project}/scenarios", case, token)["id"]

    ask(product, "POST", f"/scenarios/{scenario}/calculate", {}, token)
    status: dict[str, Any] = {}

    def is_calculated() -> bool:
        status.update(ask(product, "GET", f"/scenarios/{scenario}/calculate/status", None, token))
        return status["status"] == "calculated"

    wait_for(is_calculated)

    assert status["technoEconomics"]["lcop"] > 0
    assert product.get("/health/ready")[1]["checks"]["worker"] == "ok"
    code, said = product.stop()
    assert code == 0
    assert "Traceback" not in said
    assert "Traceback" not in (product.var_dir / "log" / "worker.log").read_text()
    assert product.processes() == []


def test_without_a_worker_the_product_serves_and_says_what_is_missing(new_product: Callable[..., Product]) -> None:
    product = new_product(WORKER_CONCURRENCY="0")
    product.begin()
    wait_for(lambda: "is ready" in product.said())

    status, body = product.get("/health/ready")

    assert (status, body["status"]) == (200, "degraded")
    assert body["checks"]["worker"] == "none is running, calculations wait"
    assert "worker: none is running, calculations wait" in product.said()
