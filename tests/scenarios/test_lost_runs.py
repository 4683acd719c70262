"""Runs that come to nothing by no fault of their inputs: a lost worker, a refused result; and trying again."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from scenarios.choices import Trigger
from scenarios.models import Calculation, Scenario
from scenarios.services import (
    calculation_cancel,
    calculation_retry,
    runs,
)
from scenarios.services.execution import calculation_execute, calculation_lost
from scenarios.services.running import CannotRetry
from scenarios.services.runs import MOST_ATTEMPTS, run_claim, run_release
from scenarios.services.workers import runs_recover
from tests.scenarios.cases import HEFA, SMALL, state_of
from tests.scenarios.runs import claim, expire, make_due, shown, start, work

pytestmark = pytest.mark.django_db

type Counter = Callable[[int], AbstractContextManager[Any]]


def test_a_run_whose_lease_has_passed_is_tried_again_by_another_and_the_first_writes_nothing(
    scenario: Scenario, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Longer than this test, however slow the machine.
    monkeypatch.setattr(runs, "PAUSES", (timedelta(minutes=1),))
    run = start(scenario, user=user)
    slow = claim()
    assert runs_recover() == 0  # it is held
    expire(run)

    assert runs_recover() == 1

    run.refresh_from_db()
    assert (run.state, run.attempt, run.worker) == ("queued", 2, None)
    assert run.due_at > timezone.now()
    assert "attempt 2 of 3" in run.message
    assert run_claim(model=Calculation, worker=uuid4()) is None  # not before its pause is over
    make_due()
    quick = claim()
    assert not calculation_execute(calculation=slow)
    assert calculation_execute(calculation=quick)
    assert not calculation_execute(calculation=slow)
    assert shown(scenario) == ("calculated", run.pk)


def test_the_same_worker_does_not_hold_what_it_has_lost_and_claimed_again(scenario: Scenario, user: User) -> None:
    start(scenario, user=user)
    first = claim()
    calculation_lost(calculation=first, expired=False)
    make_due()
    second = run_claim(model=Calculation, worker=first.worker)

    assert not calculation_execute(calculation=first)
    assert second is not None
    assert calculation_execute(calculation=second)


def test_a_run_that_kills_every_worker_is_given_up(scenario: Scenario, user: User) -> None:
    run = start(scenario, user=user)
    for _ in range(MOST_ATTEMPTS):
        make_due()
        expire(claim())
        assert runs_recover() == 1

    run.refresh_from_db()
    assert (run.state, run.error_code, run.attempt) == ("errored", "worker_died", MOST_ATTEMPTS)
    assert shown(scenario) == ("failed", run.pk)
    make_due()
    assert work() == 0


def test_a_lease_renewed_meanwhile_is_not_taken(scenario: Scenario, user: User) -> None:
    start(scenario, user=user)
    held = claim()

    assert not calculation_lost(calculation=held, expired=True)

    assert calculation_execute(calculation=held)


def test_a_released_run_loses_no_attempt(scenario: Scenario, user: User) -> None:
    start(scenario, user=user)
    held = claim()

    assert run_release(run=held)

    assert not run_release(run=held)
    again = claim()
    assert again.attempt == 1
    assert calculation_execute(calculation=again)


def test_a_result_that_cannot_be_stored_is_an_error_of_ours(
    scenario: Scenario, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database refuses what is not finite, whatever computed it."""
    run = start(scenario, user=user)
    monkeypatch.setattr("scenarios.services.execution.headline", lambda result: {"npv_usd": float("inf")})

    work()

    run.refresh_from_db()
    assert (run.state, run.error_code, run.result) == ("errored", "internal", None)
    assert shown(scenario) == ("failed", run.pk)


@pytest.mark.parametrize("cancelled", [False, True])
def test_an_operator_has_it_tried_again(scenario: Scenario, user: User, cancelled: bool) -> None:
    run = start(scenario, user=user, inputs=SMALL)
    if cancelled:
        calculation_cancel(calculation=run)
    else:
        Calculation.objects.update(attempt=MOST_ATTEMPTS)
        expire(claim())
        runs_recover()

    again = calculation_retry(calculation=run)

    assert shown(scenario) == ("calculating", None)
    assert (again.state, again.trigger, again.user, again.attempt) == ("queued", Trigger.OPERATOR, user, 1)
    work()
    assert shown(scenario) == ("calculated", again.pk)


def test_only_what_went_wrong_is_tried_again_and_only_once(scenario: Scenario, user: User) -> None:
    done = start(scenario, user=user, inputs=HEFA)
    work()
    stopped = start(scenario, user=user, inputs=SMALL)
    calculation_cancel(calculation=stopped)
    calculation_retry(calculation=stopped)
    before = state_of(scenario)

    for run in (done, stopped):
        with pytest.raises(CannotRetry):
            calculation_retry(calculation=run)

    assert state_of(scenario) == before
