"""One worker killed, frozen or stopped in the middle of one run."""

import signal
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from scenarios.choices import RunState
from scenarios.models import Calculation, Scenario, Worker
from scenarios.services import queue_state
from tests.resilience.pools import WorkerPool, send, wait_for
from tests.resilience.runs import (
    assert_each_succeeded_once,
    held_up,
    pid_that_runs,
    scenarios_make,
    start,
    wait_until_all_ended,
)

pytestmark = [pytest.mark.resilience, pytest.mark.django_db(transaction=True)]

# Within which a killed worker's run is calculated by another.
RECOVERED_S = 15


def state_of(run: Calculation) -> tuple[str, int]:
    row = Calculation.objects.values_list("state", "attempt").get(pk=run.pk)
    return row[0], row[1]


def test_the_run_of_a_killed_worker_is_calculated_by_another(new_pool: Callable[..., WorkerPool]) -> None:
    made = scenarios_make(users=1, each=1)
    run = start(*made[0])
    with held_up(made[0][1]):
        new_pool(2)
        send(pid_that_runs(run.pk), signal.SIGKILL)

    wait_until_all_ended(timeout_s=RECOVERED_S)

    assert state_of(run) == (RunState.SUCCEEDED, 2)
    assert_each_succeeded_once(made)


def test_the_run_of_a_killed_host_is_calculated_by_another(new_pool: Callable[..., WorkerPool]) -> None:
    """Nobody saw the worker die: its lease passes."""
    made = scenarios_make(users=1, each=1)
    run = start(*made[0])
    with held_up(made[0][1]):
        host = new_pool(1)
        pid = pid_that_runs(run.pk)
        new_pool(1)
        host.process.kill()
        send(pid, signal.SIGKILL)

    wait_until_all_ended(timeout_s=RECOVERED_S)

    assert state_of(run) == (RunState.SUCCEEDED, 2)
    assert_each_succeeded_once(made)


def test_a_run_left_behind_is_calculated_by_the_next_start(new_pool: Callable[..., WorkerPool]) -> None:
    made = scenarios_make(users=1, each=1)
    run = start(*made[0])
    with held_up(made[0][1]):
        host = new_pool(1)
        pid = pid_that_runs(run.pk)
        host.process.kill()
        send(pid, signal.SIGKILL)
    new_pool(1)

    wait_until_all_ended(timeout_s=RECOVERED_S)

    assert state_of(run) == (RunState.SUCCEEDED, 2)
    assert_each_succeeded_once(made)


def test_inputs_that_kill_every_worker_are_given_up_and_others_are_calculated(
    new_pool: Callable[..., WorkerPool],
) -> None:
    (owner, poison), *others = scenarios_make(users=2, each=2)
    run = start(owner, poison)
    pool: WorkerPool | None = None
    killed: int | None = None
    for _ in range(3):
        # No attempt gets further than to its result.
        with held_up(poison):
            pool = pool or new_pool(2)
            killed = pid_that_runs(run.pk, other_than=killed)
            send(killed, signal.SIGKILL)
    wait_until_all_ended(timeout_s=RECOVERED_S)
    for user, scenario in others:
        start(user, scenario)
    wait_until_all_ended(timeout_s=RECOVERED_S)

    run.refresh_from_db()
    assert (run.state, run.attempt, run.error_code, run.result) == (RunState.ERRORED, 3, "worker_died", None)
    assert Scenario.objects.get(pk=poison.pk).status == "failed"
    assert Calculation.objects.filter(state=RunState.SUCCEEDED).count() == len(others)
    assert pool is not None
    assert pool.process.poll() is None


def test_a_run_that_never_ends_is_given_up_and_others_are_calculated(new_pool: Callable[..., WorkerPool]) -> None:
    (owner, endless), (other, usual) = scenarios_make(users=2, each=1)
    Scenario.objects.filter(pk=endless.pk).update(inputs={**endless.inputs, "finance": {"lifetime": 40}})
    runs = start(owner, endless), start(other, usual)

    new_pool(command=("-m", "tests.resilience.astray"))
    wait_until_all_ended(timeout_s=30)

    assert [state_of(run) for run in runs] == [(RunState.ERRORED, 3), (RunState.SUCCEEDED, 1)]
    assert Calculation.objects.get(pk=runs[0].pk).error_code == "worker_died"


def test_a_frozen_worker_that_wakes_up_writes_nothing(new_pool: Callable[..., WorkerPool]) -> None:
    made = scenarios_make(users=20, each=10)
    for user, scenario in made:
        start(user, scenario)
    pool = new_pool(1)
    pid, run = freeze_in_the_middle(pool)
    new_pool(1)
    wait_until_all_ended(timeout_s=RECOVERED_S + 10)
    taken = Calculation.objects.values().get(pk=run)

    send(pid, signal.SIGCONT)
    wait_for(lambda: f"{run} was taken" in pool.said(), timeout_s=10)

    assert taken["attempt"] == 2
    assert Calculation.objects.values().get(pk=run) == taken
    assert_each_succeeded_once(made)


def freeze_in_the_middle(pool: WorkerPool) -> tuple[int, Any]:
    """Stop the pool's one worker between claiming a run and storing its result, which is most of what it does."""
    frozen: list[tuple[int, Any]] = []

    def is_frozen() -> bool:
        for pid in pool.workers():
            send(pid, signal.SIGSTOP)
            held = Calculation.objects.filter(state=RunState.RUNNING).values_list("pk", flat=True)
            if not others_in_transactions() and (runs := list(held)):
                frozen.append((pid, runs[0]))
            else:
                send(pid, signal.SIGCONT)
        return bool(frozen)

    wait_for(is_frozen, timeout_s=30)
    return frozen[0]


def others_in_transactions() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend' AND state <> 'idle'"
        )
        return int(cursor.fetchone()[0])


def test_sigterm_lets_what_runs_be_finished_and_takes_nothing_more(new_pool: Callable[..., WorkerPool]) -> None:
    (owner, first), (other, second) = scenarios_make(users=2, each=1)
    runs = start(owner, first), start(other, second)
    with held_up(first):
        pool = new_pool(1)
        pid_that_runs(runs[0].pk)
        pool.terminate()
        with pytest.raises(subprocess.TimeoutExpired):
            pool.process.wait(timeout=2)
    assert pool.process.wait(timeout=20) == 0

    assert [state_of(run) for run in runs] == [(RunState.SUCCEEDED, 1), (RunState.QUEUED, 1)]


def test_a_second_sigterm_does_not_wait_and_loses_nothing(new_pool: Callable[..., WorkerPool]) -> None:
    made = scenarios_make(users=1, each=1)
    run = start(*made[0])
    with held_up(made[0][1]):
        pool = new_pool(1)
        pid_that_runs(run.pk)
        pool.terminate()
        time.sleep(0.5)
        pool.terminate()
        assert pool.process.wait(timeout=20) == 0
        assert state_of(run)[0] == RunState.QUEUED
    new_pool(1)
    wait_until_all_ended(timeout_s=RECOVERED_S)
    assert_each_succeeded_once(made)


def test_a_backlog_survives_a_drain(new_pool: Callable[..., WorkerPool]) -> None:
    made = scenarios_make(users=20, each=15)
    for user, scenario in made:
        start(user, scenario)
    pool = new_pool(2)
    wait_for(lambda: Calculation.objects.filter(state=RunState.SUCCEEDED).count() > 20, timeout_s=30)

    pool.terminate()

    assert pool.process.wait(timeout=20) == 0
    left = queue_state()
    assert (left.running, left.workers) == (0, 0)
    assert left.queued > 0
    assert not Worker.objects.filter(stopped_at=None).exists()
    new_pool(2)
    wait_until_all_ended(timeout_s=60)
    assert not Calculation.objects.filter(attempt__gt=1).exists()
    assert_each_succeeded_once(made)
