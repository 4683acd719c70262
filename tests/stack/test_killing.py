"""Kill -9 of every part: what is watched comes back by itself, and the next start is clean."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from config.embedded import runtime
from config.embedded.place import settle
from config.embedded.postgres import Postgres
from config.embedded.valkey import Valkey
from tests.stack.product import Product, wait_for

pytestmark = pytest.mark.stack


@pytest.mark.parametrize("part", ["postgres", "valkey", "worker", "web"])
def test_a_killed_part_is_started_again(product: Product, part: str) -> None:
    product.up()
    killed = product.pid_of(part)
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: "runs again" in product.said() and product.is_ready())
    assert product.pid_of(part) != killed
    status, _ = product.stop()
    assert status == 0
    assert product.processes() == []


def test_a_killed_launcher_takes_everything_with_it_and_the_next_start_is_clean(product: Product) -> None:
    product.up()
    product.kill()
    wait_for(lambda: not product.processes())
    product.up()


def test_everything_killed_at_once_starts_again(product: Product) -> None:
    product.up()
    product.kill_everything()
    product.up()
    status, _ = product.stop()
    assert status == 0


def test_servers_that_outlive_their_launcher_are_replaced(product: Product) -> None:
    """Stopped processes do not react to their parent's death: the next launcher has to find and end them."""
    product.up()
    orphans = [product.pid_of(part) for part in ("postgres", "valkey", "worker", "web")]
    for pid in orphans:
        os.kill(pid, signal.SIGSTOP)
    product.launcher.kill()
    product.launcher.communicate()
    product.up()
    assert not set(orphans) & set(product.processes())


def test_a_stale_pid_file_that_names_a_living_process_is_no_obstacle(product: Product) -> None:
    product.up()
    record = runtime.read_record(product.var_dir)
    assert record is not None
    pid_file = f"{record.base}/postgres/postmaster.pid"
    with open(pid_file) as file:
        lines = file.read().splitlines()
    product.kill_everything()
    with open(pid_file, "w") as file:
        file.write("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    product.up()


def test_a_database_that_goes_away_is_unavailable_until_it_is_back(
    new_folder: Callable[[], Path], new_product: Callable[..., Product]
) -> None:
    folder = new_folder()
    database = Postgres(settle(folder), durable=False)
    database.start()
    product = new_product(DATABASE_URL=runtime.database_url(folder), SECRET_KEY="k" * 50)
    try:
        product.up()
        database.stop()
        assert product.get("/health/live") == (200, {"status": "live"})
        status, body = product.get("/health/ready")
        assert (status, body["checks"]["database"]) == (503, "down")
        assert product.get("/health/db")[0] == 503
        database.start()
        wait_for(product.is_ready)
    finally:
        database.stop()


def test_a_cache_that_goes_away_leaves_the_product_ready(
    new_folder: Callable[[], Path], new_product: Callable[..., Product]
) -> None:
    folder = new_folder()
    cache = Valkey(settle(folder), durable=False)
    cache.start()
    product = new_product(REDIS_URL=runtime.redis_url(folder))
    try:
        product.up()
    finally:
        cache.stop()
    status, body = product.get("/health/ready")
    assert (status, body["status"], body["checks"]["cache"]) == (200, "degraded", "down")
