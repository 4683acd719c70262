"""Who is next, what those who wait are told, and what operators see."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db.models.functions import Now

from accounts.models import User
from projects.models import Project
from scenarios.models import Calculation, Scenario, Worker
from scenarios.services import calculation_progress, queue_state
from scenarios.services.execution import calculation_execute
from scenarios.services.runs import run_claim
from scenarios.services.workers import records_purge, worker_leave, worker_lost, worker_seen, workers_alive
from tests.factories import project_make, user_make
from tests.scenarios.cases import scenario_make
from tests.scenarios.runs import claim, expire, start, work

pytestmark = pytest.mark.django_db

type Counter = Callable[[int], AbstractContextManager[Any]]


def queue(user: User, count: int, *, project: Project | None = None) -> list[Calculation]:
    project = project or project_make(user=user)
    return [start(scenario_make(project=project, user=user), user=user) for _ in range(count)]


def test_one_run_of_one_user_is_among_the_next_whatever_another_has_queued(user: User, other_user: User) -> None:
    many = queue(user, 20)
    for _ in range(5):
        calculation_execute(calculation=claim())

    (one,) = queue(other_user, 1)

    order = [claim().pk for _ in range(3)]
    assert one.pk in order[:2]
    assert {many[5].pk, many[6].pk} >= set(order) - {one.pk}


def test_users_take_turns(db: None) -> None:
    users = [user_make() for _ in range(3)]
    owner = {run.pk: user for user in users for run in queue(user, 4)}

    served = [owner[claim().pk] for _ in range(12)]

    for start_of_round in range(0, 12, 3):
        assert set(served[start_of_round : start_of_round + 3]) == set(users)


def test_runs_of_one_user_come_in_order(user: User) -> None:
    queued = queue(user, 4)

    assert [claim().pk for _ in queued] == [run.pk for run in queued]


def test_who_was_idle_has_saved_nothing_up(user: User, other_user: User) -> None:
    """Having been away does not put somebody before everybody else for a hundred runs."""
    queue(user, 8)
    for _ in range(4):
        claim()
    late = {run.pk for run in queue(other_user, 8)}

    served = [claim().pk in late for _ in range(8)]

    assert served.count(True) == 4


def test_a_run_that_waits_for_its_next_attempt_holds_nobody_back(user: User, other_user: User) -> None:
    first, second = queue(user, 2)
    expire(claim())
    worker_lost(worker=Calculation.objects.get(pk=first.pk).worker)

    assert claim().pk == second.pk
    assert run_claim(model=Calculation, worker=uuid4()) is None


def test_position_and_message(user: User, other_user: User, scenario: Scenario) -> None:
    queue(other_user, 2)
    mine = start(scenario, user=user)
    worker_seen(worker=uuid4(), running=None)
    worker_seen(worker=uuid4(), running=None)

    waiting = calculation_progress(scenario=scenario)
    claim()
    next_one = calculation_progress(scenario=scenario)
    claim()
    running = calculation_progress(scenario=scenario)
    work()

    # Turns are 0 and 1 for the other user, and 0 for this one, who came later.
    assert waiting is not None
    assert (waiting.position, waiting.workers, waiting.message) == (2, 2, "1 run is calculated before this one.")
    assert next_one is not None
    assert (next_one.position, next_one.message) == (1, "Next to be calculated.")
    assert running is not None
    assert (running.calculation.pk, running.position, running.message) == (mine.pk, None, "Calculating.")


def test_without_a_worker_it_says_that_the_run_is_kept(user: User, scenario: Scenario) -> None:
    start(scenario, user=user)
    worker_seen(worker=uuid4(), running=None)
    Worker.objects.update(seen_at=Now() - timedelta(minutes=1))

    progress = calculation_progress(scenario=scenario)

    assert progress is not None
    assert (progress.workers, progress.message) == (0, "No worker is running: your run waits and is kept.")


def test_a_run_whose_worker_died_says_so_while_it_waits(user: User, scenario: Scenario) -> None:
    start(scenario, user=user)
    worker_seen(worker=uuid4(), running=None)
    worker_lost(worker=claim().worker)

    progress = calculation_progress(scenario=scenario)

    assert progress is not None
    assert "interrupted; it is tried again (attempt 2 of 3)" in progress.message
    assert "before this one" not in progress.message


def test_what_is_not_calculating_has_no_progress(calculated: Scenario) -> None:
    assert calculation_progress(scenario=calculated) is None


def test_progress_takes_one_query_however_long_the_queue(
    user: User, other_user: User, scenario: Scenario, django_assert_num_queries: Counter
) -> None:
    queue(other_user, 30)
    start(scenario, user=user)

    with django_assert_num_queries(1) as captured:
        calculation_progress(scenario=scenario)

    for large in ("inputs", "resolved_inputs", "result"):
        assert f'"{large}"' not in captured.captured_queries[0]["sql"]


def test_state_of_the_queue(user: User, django_assert_num_queries: Counter) -> None:
    runs = queue(user, 4)
    worker_seen(worker=uuid4(), running=None)
    calculation_execute(calculation=claim())
    claim()
    worker_lost(worker=claim().worker)

    with django_assert_num_queries(3):
        state = queue_state()

    assert (state.queued, state.running, state.delayed, state.finished_last_minute, state.workers) == (2, 1, 1, 1, 1)
    assert state.oldest_queued_at == runs[2].queued_at


def test_an_empty_queue(db: None) -> None:
    state = queue_state()

    assert (state.queued, state.running, state.oldest_queued_at, state.workers) == (0, 0, None, 0)


def test_workers_come_and_go(db: None) -> None:
    here, gone = uuid4(), uuid4()
    for worker in (here, gone):
        worker_seen(worker=worker, running=None)

    worker_leave(worker=gone)

    assert [row.pk for row in workers_alive()] == [here]
    Worker.objects.update(seen_at=Now() - timedelta(days=2))
    records_purge()
    assert not Worker.objects.exists()


def test_a_heartbeat_moves_the_lease_of_what_runs_on(user: User) -> None:
    queue(user, 1)
    held = claim()
    expire(held)

    worker_seen(worker=held.worker, running=held)

    assert Calculation.objects.filter(pk=held.pk, lease_until__gt=Now()).exists()
