"""One worker, in this process: the turns it takes, and the runs it cannot end."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction

from accounts.models import User
from projects.models import Project
from scenarios.choices import RunState
from scenarios.models import Calculation, Scenario
from scenarios.services import runs
from scenarios.tasks import calculate
from scenarios.worker import process as processes
from scenarios.worker.process import WorkerProcess, become
from tests.scenarios.cases import scenario_make
from tests.scenarios.runs import claim, start
from tests.waiting import wait_for_a_waiter

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker(masterdata: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkerProcess]:
    """This process as a worker, without a heartbeat."""
    monkeypatch.setattr(processes, "_current", None)
    # As many runs as there are, however long they take.
    monkeypatch.setattr(processes, "SLICE_S", 60.0)
    # But none for the second time.
    monkeypatch.setattr(runs, "PAUSES", (timedelta(minutes=1),))
    worker = WorkerProcess()
    become(worker)
    yield worker
    worker.end()


def queue(project: Project, user: User, count: int) -> list[Calculation]:
    return [start(scenario_make(project=project, user=user), user=user) for _ in range(count)]


def state_of(run: Calculation) -> tuple[str, int]:
    run.refresh_from_db(fields=["state", "attempt"])
    return run.state, run.attempt


def test_one_task_calculates_all_that_is_due_and_a_second_nothing(
    worker: WorkerProcess, project: Project, user: User
) -> None:
    runs = queue(project, user, 3)

    assert calculate.call(str(runs[1].pk)) == 3
    assert calculate.call(str(runs[2].pk)) == 0

    done = Calculation.objects.filter(state=RunState.SUCCEEDED, worker=worker.worker)
    assert {run.pk for run in done} == {run.pk for run in runs}


def test_a_worker_that_is_to_stop_takes_nothing(worker: WorkerProcess, project: Project, user: User) -> None:
    (run,) = queue(project, user, 1)
    worker.stopping.set()

    assert worker.take_turns() == 0

    assert state_of(run) == (RunState.QUEUED, 1)


def test_what_a_worker_still_holds_when_it_ends_is_put_back(
    worker: WorkerProcess, project: Project, user: User
) -> None:
    (run,) = queue(project, user, 1)
    claim()
    Calculation.objects.update(worker=worker.worker)

    worker.end()

    assert state_of(run) == (RunState.QUEUED, 1)


def test_what_was_interrupted_by_a_lost_connection_is_put_back(
    worker: WorkerProcess, project: Project, user: User
) -> None:
    """The connection ends while the worker waits to store the result; then the database is there again."""
    (run,) = queue(project, user, 1)

    def work() -> int:
        try:
            with pytest.raises(OperationalError):
                worker.take_turns()
            connection.close()
            return worker.take_turns()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            Scenario.objects.select_for_update().get(pk=run.scenario_id)
            working = thread.submit(work)
            whoever_waits("pg_terminate_backend")
        assert working.result() == 1

    assert state_of(run) == (RunState.SUCCEEDED, 1)


def whoever_waits(meets: str) -> None:
    """What the other connection to the database meets with that waits for a lock of this one."""
    wait_for_a_waiter()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {meets}(pid) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"  # noqa: S608
        )


def test_a_run_that_the_database_refuses_loses_an_attempt_and_the_next_is_calculated(
    worker: WorkerProcess, project: Project, user: User
) -> None:
    """Somebody holds its scenario for longer than a statement may take: the server says that it cancels it."""
    refused, usual = queue(project, user, 2)

    def work() -> int:
        try:
            return worker.take_turns()
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as thread:
        Scenario.objects.select_for_update().get(pk=refused.scenario_id)
        working = thread.submit(work)
        whoever_waits("pg_cancel_backend")
        assert working.result() == 2

    assert (state_of(refused), state_of(usual)) == ((RunState.QUEUED, 2), (RunState.SUCCEEDED, 1))
