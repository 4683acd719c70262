"""The queue of calculations: how long accepting one takes, and one on an idle queue, and how many are drained a second.

Measured inside the product's own environment, in a process of its own: `python -m tests.bench.queue` is that process.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.bench.hefa import HEFA
from tests.stack.product import ROOT, Product, wait_for

RUNS = 1500
USERS = 50
CALLS = 100
WORKERS = 2


def measure() -> Iterator[tuple[str, float, str]]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        environment = {"RATELIMIT_ENABLE": "0", "WORKER_CONCURRENCY": "0", "GUNICORN_WORKERS": "1"}
        with Product(Path(folder), environment=environment) as product:
            product.begin()
            wait_for(lambda: "is ready" in product.said(), timeout_s=90)
            command = [sys.executable, "-m", "tests.bench.queue"]
            done = subprocess.run(
                command, cwd=ROOT, env=product.environment, stdout=subprocess.PIPE, text=True, check=True
            )
            yield from json.loads(done.stdout)
            product.stop()


@contextmanager
def _workers() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "manage.py", "worker", "--concurrency", str(WORKERS)], cwd=ROOT)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _figures() -> Iterator[tuple[str, float, str]]:
    import django

    django.setup()
    from scenarios.models import Worker
    from tests.factories import project_make, user_make

    users = [user_make() for _ in range(USERS)]
    projects = [(user, project_make(user=user)) for user in users]
    scenarios = [(projects[index % USERS], _scenario(projects[index % USERS], index)) for index in range(RUNS + CALLS)]
    accepted = [_timed_start(user, scenario) for (user, _), scenario in scenarios[:RUNS]]
    yield "a calculation accepted (service), median", statistics.median(accepted) * 1e3, "ms"
    with _workers() as pool:
        _wait_for(lambda: Worker.objects.filter(stopped_at=None).count() == WORKERS)
        yield from _drained()
        time.sleep(2)
        waited = [_waited(user, scenario) for (user, _), scenario in scenarios[RUNS:]]
        yield "from accepted to calculated, idle queue, median", statistics.median(waited) * 1e3, "ms"
        yield "from accepted to calculated, idle queue, 95 %", statistics.quantiles(waited, n=20)[18] * 1e3, "ms"
        pids = _worker_pids()
        yield "memory of a worker", max(_memory_mib(pid) for pid in pids), "MiB"
        before = _cpu_s(pool.pid, *pids)
        time.sleep(10)
        yield f"{WORKERS} idle workers and their supervisor, of a core", (_cpu_s(pool.pid, *pids) - before) * 10, "%"


def _drained() -> Iterator[tuple[str, float, str]]:
    """How fast the workers, which have just begun, come to the end of the queue, and what it takes of processors."""
    from django.db import connection

    from scenarios.models import Calculation
    from scenarios.services import queue_state

    table = Calculation._meta.db_table
    succeeded = Calculation.objects.filter(state="succeeded", trigger="user").order_by("finished_at")
    _wait_for(lambda: succeeded.count() >= RUNS // 10)
    done, workers, database = succeeded.count(), _cpu_s(*_worker_pids()), _cpu_s(*_database_pids())
    _wait_for(lambda: not queue_state().queued)
    workers, database = _cpu_s(*_worker_pids()) - workers, _cpu_s(*_database_pids()) - database
    done = succeeded.count() - done
    _wait_for(lambda: not queue_state().running)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), extract(epoch FROM max(finished_at) - min(started_at)) FROM {table}"  # noqa: S608
            " WHERE state = 'succeeded' AND trigger = 'user'"
        )
        count, seconds = cursor.fetchone()
    yield f"{count} queued calculations drained by {WORKERS} workers", count / float(seconds), "1/s"
    yield "processor time of a worker for one of them", workers / done * 1e3, "ms"
    yield "processor time of the database for one of them", database / done * 1e3, "ms"


def _wait_for(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.1)


def _worker_pids() -> list[int]:
    from scenarios.models import Worker

    return list(Worker.objects.filter(stopped_at=None).values_list("pid", flat=True))


def _database_pids() -> list[int]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        return [row[0] for row in cursor.fetchall()]


def _scenario(place: Any, index: int) -> Any:
    from scenarios.services import scenario_create

    user, project = place
    finance = {**HEFA["finance"], "discountRate": 0.05 + index * 1e-5}  # type: ignore[dict-item]
    return scenario_create(project=project, user=user, name=f"Case {index}", inputs={**HEFA, "finance": finance})


def _timed_start(user: Any, scenario: Any) -> float:
    from django.db import transaction

    from scenarios.models import Scenario
    from scenarios.services import calculation_start

    start = time.perf_counter()
    with transaction.atomic():
        locked = Scenario.objects.select_for_update().get(pk=scenario.pk)
        calculation_start(scenario=locked, user=user)
    return time.perf_counter() - start


def _waited(user: Any, scenario: Any) -> float:
    """Seconds from before it is accepted to when it is seen to be calculated, looked for every two milliseconds."""
    from scenarios.models import Scenario

    start = time.perf_counter()
    _timed_start(user, scenario)
    while Scenario.objects.values_list("status", flat=True).get(pk=scenario.pk) == "calculating":
        time.sleep(0.002)
    return time.perf_counter() - start


def _memory_mib(pid: int) -> float:
    """Resident, what it shares with the others counted in full."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _cpu_s(*pids: int) -> float:
    """Processor time of these processes so far."""
    ticks = 0
    for pid in pids:
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    json.dump(list(_figures()), sys.stdout)
