"""Workers whose supervisor was killed, and those whose broker never comes back: neither is a burden to the machine."""

import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config import env
from config.embedded import place, runtime
from config.embedded.valkey import Valkey
from scenarios.models import Worker
from tests.resilience.pools import WorkerPool
from tests.stack.product import wait_for

PAUSE = r"Trying again in (\S+) seconds"

pytestmark = [pytest.mark.resilience, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def broker() -> Iterator[Valkey]:
    """One that the tests after this one do not miss."""
    folder = Path(tempfile.mkdtemp(prefix="safapac-"))
    folder.chmod(0o711)
    broker = Valkey(place.settle(folder), durable=False)
    broker.start()
    yield broker
    broker.stop()
    place.remove(folder)
    shutil.rmtree(folder)


@pytest.fixture
def on_celery(broker: Valkey) -> dict[str, str]:
    address = runtime.redis_url(broker.place.var_dir)
    return {"TASKS_BACKEND": "celery", "CELERY_BROKER_URL": env.broker(address)}


def begun(new_pool: Callable[..., WorkerPool], **environment: str) -> tuple[WorkerPool, list[int]]:
    """Two workers that have shown that they live."""
    pool = new_pool(2, **environment)
    wait_for(lambda: Worker.objects.filter(stopped_at=None).count() == 2)
    return pool, pool.workers()


def is_gone(pid: int) -> bool:
    """A zombie, which nobody may ever have buried, has no working directory."""
    return not Path(f"/proc/{pid}/cwd").exists()


def assert_they_end_with_their_supervisor(pool: WorkerPool, workers: list[int]) -> None:
    assert len(workers) == 2
    pool.process.kill()
    wait_for(lambda: all(map(is_gone, workers)))


def test_workers_end_by_themselves_when_their_supervisor_is_killed(new_pool: Callable[..., WorkerPool]) -> None:
    pool, workers = begun(new_pool)

    assert_they_end_with_their_supervisor(pool, workers)


def test_workers_of_celery_end_by_themselves_when_their_supervisor_is_killed_and_the_broker_too(
    new_pool: Callable[..., WorkerPool], broker: Valkey, on_celery: dict[str, str]
) -> None:
    pool, workers = begun(new_pool, **on_celery)
    broker.stop()

    assert_they_end_with_their_supervisor(pool, workers)


def test_a_broker_that_never_comes_back_is_asked_for_ever_less_often(
    new_pool: Callable[..., WorkerPool], broker: Valkey, on_celery: dict[str, str]
) -> None:
    pool, workers = begun(new_pool, **on_celery)
    broker.stop()

    wait_for(lambda: len(re.findall(PAUSE, pool.said())) >= 3)

    said = pool.said()
    assert re.findall(PAUSE, said)[:3] == ["2.00", "4.00", "6.00"]
    # No attempt without its pause.
    assert said.count("Cannot connect to") == len(re.findall(PAUSE, said))
    assert pool.workers() == workers
