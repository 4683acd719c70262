"""Workers killed at random while everybody calculates, the database restarted, the broker killed: nothing is lost."""

import random
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.tasks import task_backends
from django.utils.module_loading import import_string

from config import env
from scenarios.models import Calculation
from tests.resilience.pools import WorkerPool, send
from tests.resilience.runs import (
    assert_each_succeeded_once,
    held_up,
    pid_that_runs,
    scenarios_make,
    start_surely,
    wait_until_all_ended,
)
from tests.servers import server
from tests.stack.product import wait_for

pytestmark = [pytest.mark.resilience, pytest.mark.django_db(transaction=True)]

USERS, EACH = 50, 10
SECONDS = 30
RESTART_DATABASE_AT, KILL_BROKER_AT = 10, 20


@pytest.fixture
def on_celery(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """This process sends its tasks by Celery; what the environment of its workers says of that."""
    settings.CELERY_BROKER_URL = env.broker(settings.REDIS_URL)
    kept = task_backends["default"]
    backend = import_string("django_tasks_celery.CeleryBackend")
    task_backends["default"] = backend("default", {"OPTIONS": {"CELERY_APP": "config.celery.app"}})
    yield {"TASKS_BACKEND": "celery", "CELERY_BROKER_URL": settings.CELERY_BROKER_URL}
    task_backends["default"] = kept


def restart_database() -> None:
    postgres = server("PostgreSQL")
    postgres.stop()
    postgres.start()
    connection.close()


def kill_broker() -> None:
    valkey: Any = server("Valkey")
    valkey.process.kill()
    valkey.process.wait()
    time.sleep(1)
    valkey.start()


def workers_of(pool: WorkerPool) -> list[int]:
    """Its workers, once there is one again."""
    found: list[int] = []

    def are_there() -> bool:
        found[:] = pool.workers()
        return bool(found)

    wait_for(are_there)
    return found


def calculate_under_fire(new_pool: Callable[[], WorkerPool]) -> None:
    """Every second a burst of calculations, and a worker killed at random in the midst of it.

    The very first is killed in the middle of a run for certain.
    """
    choose = random.Random(20261122)  # noqa: S311
    made = scenarios_make(users=USERS, each=EACH)
    start_surely(*made[0])
    with held_up(made[0][1]):
        pool = new_pool()
        send(pid_that_runs(Calculation.objects.get().pk), signal.SIGKILL)
    bursts = [made[second::SECONDS] for second in range(SECONDS)]

    def queue(burst: list[Any]) -> None:
        try:
            for user, scenario in burst:
                start_surely(user, scenario)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        for second, burst in enumerate(bursts):
            end = time.monotonic() + 1
            queued = thread.submit(queue, burst)
            if second == RESTART_DATABASE_AT:
                restart_database()
            if second == KILL_BROKER_AT:
                kill_broker()
            time.sleep(choose.uniform(0.02, 0.2))
            # A run whose third attempt was cut short as well would rightly be given up.
            wait_for(lambda: not Calculation.objects.active().filter(attempt=3).exists())
            send(choose.choice(workers_of(pool)), signal.SIGKILL)
            queued.result()
            time.sleep(max(0, end - time.monotonic()))
    wait_until_all_ended()

    assert Calculation.objects.filter(attempt__gt=1).exists()
    assert_each_succeeded_once(made)


def test_every_run_succeeds_exactly_once(new_pool: Callable[..., WorkerPool]) -> None:
    calculate_under_fire(new_pool)


def test_every_run_succeeds_exactly_once_on_celery(
    new_pool: Callable[..., WorkerPool], on_celery: dict[str, str]
) -> None:
    calculate_under_fire(partial(new_pool, **on_celery))
