"""The database connections of the whole product, against what it says it needs."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.stack.product import Product, wait_for

pytestmark = pytest.mark.stack


def test_busy_web_processes_and_workers_stay_within_the_budget(new_product: Callable[..., Product]) -> None:
    product = new_product(GUNICORN_WORKERS="2", GUNICORN_THREADS="3", WORKER_CONCURRENCY="2")
    product.up()
    assert "2 web processes of 3 threads and 2 background workers, at most 14 of 97 database" in product.said()
    product.serving(2)
    with ThreadPoolExecutor(12) as clients:
        assert all(status == 200 for status, _ in clients.map(product.get, ["/health/db"] * 300))

    def connections() -> dict[str, Any]:
        return product.get("/health/db")[1]["connections"]

    # A worker's heartbeat has a connection of its own, and opens it with its first beat.
    wait_for(lambda: connections()["processes"]["worker"] >= 4)
    found = connections()
    assert 2 <= found["processes"]["web"] <= 2 * 3
    assert found["processes"]["worker"] <= 2 * 2 + 1
    assert found["processes"]["others"] == 0
    assert found["used"] <= found["budget"] == 14
    assert found["maximum"] == 97
