"""One worker killed, frozen or stopped in the middle of one run."""

import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from scenarios.choices import RunState
from scenarios.models import Calculation, Scenario, Worker
from scenarios.services import queue_state
from tests.resilience.pools import WorkerPool, send
from tests.resilience.runs import (
    assert_each_succeeded_once,
    held_up,
    pid_that_runs,
    scenarios_make,
    start,
    wait_until_all_ended,
)
from tests.stack.product import PATIENCE_S, wait_for
from tests.waiting import wait_for_a_waiter

pytestmark = [pytest.mark.resilience, pytest.mark.django_db(transaction=True)]


def state_of(run: Calculation) -> tuple[str, int]:
    row = Calculation.objects.values_list("state", "attempt").get(pk=run.pk)
    return row[0], row[1]


def test_the_run_of_a_killed_worker_is_calculated_by_another(new_pool: Callable[..., WorkerPool]) -> None:
    made = scenarios_make(users=1, each=1)
    run = start(*made[0])
    with held_up(made[0][1]):
        new_pool(2)
        send(pid_that_runs(run.pk), signal.SIGKILL)

    wait_until_all_ended()

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

    wait_until_all_ended()

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

    wait_until_all_ended()

    assert state_of(run) == (RunState.SUCCEEDED, 2)
    assert_each_succeeded_once(made)


def test_inputs_that_kill_every_worker_are_given_up_and_others_are_calculated(
    new_pool: Callable[..., WorkerPool],
) -> None:
    (owner, poison), *others = scenarios_make(users=2, each=2)
    run = start(owner, poison)
    killed: int | None = None
    # No attempt gets further than to its result.
    with held_up(poison):
        pool = new_pool(2)
        for _ in range(3):
            killed = pid_that_runs(run.pk, other_than=killed)
            send(killed, signal.SIGKILL)
    wait_until_all_ended()
    for user, scenario in others:
        start(user, scenario)
    wait_until_all_ended()

    run.refresh_from_db()
    assert (run.state, run.attempt, run.error_code, run.result) == (RunState.ERRORED, 3, "worker_died", None)
    assert Scenario.objects.get(pk=poison.pk).status == "failed"
    assert Calculation.objects.filter(state=RunState.SUCCEEDED).count() == len(others)
    assert pool.process.poll() is None


def test_a_run_that_never_ends_is_given_up_and_others_are_calculated(new_pool: Callable[..., WorkerPool]) -> None:
    (owner, endless), (other, usual) = scenarios_make(users=2, each=1)
    Scenario.objects.filter(pk=endless.pk).update(inputs={**endless.inputs, "finance": {"lifetime": 40}})
    runs = start(owner, endless), start(other, usual)

    new_pool(command=("-m", "tests.resilience.astray", "endless"))
    wait_until_all_ended()

    assert [state_of(run) for run in runs] == [(RunState.ERRORED, 3), (RunState.SUCCEEDED, 1)]
    assert Calculation.objects.get(pk=runs[0].pk).error_code == "worker_died"


def test_a_frozen_worker_that_wakes_up_writes_nothing(new_pool: Callable[..., WorkerPool]) -> None:
    """Frozen between claiming a run and storing its result, which is most of what it does."""
    made = scenarios_make(users=3, each=4)
    for user, scenario in made:
        start(user, scenario)
    pool = new_pool(command=("-m", "tests.resilience.astray", "frozen"))
    wait_for(lambda: any(is_frozen(pid) for pid in pool.workers()))
    (pid,), run = pool.workers(), Calculation.objects.get(state=RunState.RUNNING).pk
    new_pool(1)
    wait_until_all_ended()
    taken = Calculation.objects.values().get(pk=run)

    send(pid, signal.SIGCONT)
    wait_for(lambda: f"{run} was taken" in pool.said())

    assert taken["attempt"] == 2
    assert Calculation.objects.values().get(pk=run) == taken
    assert_each_succeeded_once(made)


def is_frozen(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    return False


def test_sigterm_lets_what_runs_be_finished_and_takes_nothing_more(new_pool: Callable[..., WorkerPool]) -> None:
    (owner, first), (other, second) = scenarios_make(users=2, each=1)
    runs = start(owner, first), start(other, second)
    with held_up(first):
        pool = new_pool(1)
        pid_that_runs(runs[0].pk)
        pool.terminate()
        with pytest.raises(subprocess.TimeoutExpired):
            pool.process.wait(timeout=2)
    assert pool.process.wait(timeout=PATIENCE_S) == 0

    assert [state_of(run) for run in runs] == [(RunState.SUCCEEDED, 1), (RunState.QUEUED, 1)]


def test_sigterm_reaches_a_worker_that_has_not_begun_yet(new_pool: Callable[..., WorkerPool]) -> None:
    (made,) = scenarios_make(users=1, each=1)
    run = start(*made)
    pool = new_pool(command=("-m", "tests.resilience.astray", "slow"))
    wait_for(lambda: bool(pool.workers()))

    pool.terminate()

    assert pool.process.wait(timeout=PATIENCE_S) == 0
    assert state_of(run) == (RunState.QUEUED, 1)


def test_a_second_sigterm_does_not_wait_and_loses_nothing(new_pool: Callable[..., WorkerPool]) -> None:
    made = scenarios_make(users=1, each=1)
    run = start(*made[0])
    with held_up(made[0][1]):
        pool = new_pool(1)
        pid_that_runs(run.pk)
        # Two that came at once would be one.
        pool.terminate()
        pool.terminate()
        assert pool.process.wait(timeout=PATIENCE_S) == 0
        assert state_of(run)[0] == RunState.QUEUED
    new_pool(1)
    wait_until_all_ended()
    assert_each_succeeded_once(made)


def test_a_backlog_survives_a_drain(new_pool: Callable[..., WorkerPool]) -> None:
    made = scenarios_make(users=20, each=15)
    for user, scenario in made:
        start(user, scenario)
    # However slow this process is, some are left to be drained from.
    with held_up(*(scenario for _, scenario in made[20:])):
        pool = new_pool(2)
        wait_for_a_waiter(2)
        pool.terminate()

    assert pool.process.wait(timeout=PATIENCE_S) == 0
    left = queue_state()
    assert (left.running, left.workers) == (0, 0)
    assert 0 < left.queued < len(made)
    assert not Worker.objects.filter(stopped_at=None).exists()
    new_pool(2)
    wait_until_all_ended()
    assert not Calculation.objects.filter(attempt__gt=1).exists()
    assert_each_succeeded_once(made)
