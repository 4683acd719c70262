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

RUNS = 1000
USERS = 50
CALLS = 100
WORKERS = 2
POLLING = 200


def measure() -> Iterator[tuple[str, float, str]]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        environment = {"RATELIMIT_ENABLE": "0", "WORKER_CONCURRENCY": "0"}
        with Product(Path(folder), environment=environment) as product:
            product.begin()
            wait_for(lambda: "is ready" in product.said(), timeout_s=90)
            command = [sys.executable, "-m", "tests.bench.queue", str(product.port)]
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


def _figures(port: int) -> Iterator[tuple[str, float, str]]:
    import django

    django.setup()
    from tests.factories import project_make, user_make

    users = [user_make() for _ in range(USERS)]
    places = [(user, project_make(user=user)) for user in users]
    made = [(places[index % USERS][0], _scenario(places[index % USERS], index)) for index in range(2 * RUNS + CALLS)]
    accepted = [_timed_start(*one) for one in made[:RUNS]]
    yield "a calculation accepted (service), median", statistics.median(accepted) * 1e3, "ms"
    with _workers() as pool:
        yield from _drained("")
        time.sleep(2)
        waited = [_waited(*one) for one in made[2 * RUNS :]]
        yield "from accepted to calculated, idle queue, median", statistics.median(waited) * 1e3, "ms"
        yield "from accepted to calculated, idle queue, 95 %", statistics.quantiles(waited, n=20)[18] * 1e3, "ms"
        pids = _worker_pids()
        yield "memory of a worker", max(_memory_mib(pid) for pid in pids), "MiB"
        before = _cpu_s(pool.pid, *pids)
        time.sleep(10)
        yield f"{WORKERS} idle workers and their supervisor, of a core", (_cpu_s(pool.pid, *pids) - before) * 10, "%"
    for one in made[RUNS : 2 * RUNS]:
        _timed_start(*one)
    with _pollers(port, made[RUNS : RUNS + POLLING]) as answered, _workers():
        yield from _drained(f", {POLLING} users polling")
    yield f"answers to {POLLING} users polling", answered[0], "1/s"
    yield "status while the queue is drained, median", answered[1], "ms"


@contextmanager
def _pollers(port: int, waiting: list[Any]) -> Iterator[list[float]]:
    """Asks for the status of ``waiting``; afterwards holds how many answers a second and their median in ms."""
    from accounts.tokens import token_pair

    asked = [
        (token_pair(user)["access_token"], f"/api/v1/scenarios/{scenario.pk}/calculate/status")
        for user, scenario in waiting
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.polling", str(port)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(asked))
    process.stdin.close()
    time.sleep(4)
    answered: list[float] = []
    try:
        yield answered
    finally:
        process.send_signal(signal.SIGTERM)
        answered.extend(json.loads(process.stdout.read()))
        process.wait(timeout=30)


def _drained(circumstances: str) -> Iterator[tuple[str, float, str]]:
    """How fast the workers, which have just begun, come to the end of the queue, and what it takes of processors."""
    from scenarios.models import Calculation
    from scenarios.services import queue_state

    runs = Calculation.objects.filter(trigger="user", state="succeeded")
    before = runs.count()
    _wait_for(lambda: len(_worker_pids()) == WORKERS and runs.count() > before + RUNS // 10)
    done, workers, database = runs.count(), _cpu_s(*_worker_pids()), _cpu_s(*_database_pids())
    _wait_for(lambda: not queue_state().queued)
    done = runs.count() - done
    workers, database = _cpu_s(*_worker_pids()) - workers, _cpu_s(*_database_pids()) - database
    _wait_for(lambda: not queue_state().running)
    latest = list(runs.order_by("-finished_at").values_list("started_at", "finished_at")[:RUNS])
    seconds = (latest[0][1] - min(started for started, _ in latest)).total_seconds()
    yield f"{RUNS} queued calculations drained by {WORKERS} workers{circumstances}", RUNS / seconds, "1/s"
    yield f"processor time of a worker for one of them{circumstances}", workers / done * 1e3, "ms"
    yield f"processor time of the database for one of them{circumstances}", database / done * 1e3, "ms"


def _wait_for(condition: Callable[[], bool], *, timeout_s: float = 120) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError("the workers do not come to an end")
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
    json.dump(list(_figures(int(sys.argv[1]))), sys.stdout)
