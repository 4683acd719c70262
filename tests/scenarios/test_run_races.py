"""Workers, people and the reaper at once on one run: exactly one of them decides, and the scenario agrees with it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from projects.models import Project
from scenarios.choices import RunState
from scenarios.models import Calculation, Scenario
from scenarios.services import calculation_cancel, calculation_start
from scenarios.services.execution import calculation_execute
from scenarios.services.idempotency import KeyReused
from scenarios.services.running import NotActive
from scenarios.services.runs import run_claim
from scenarios.services.workers import runs_recover, worker_lost
from tests.scenarios.cases import HEFA, SMALL, calculate, scenario_make
from tests.scenarios.racing import together
from tests.scenarios.runs import claim, expire, start, work

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 8


@pytest.fixture(autouse=True)
def _masterdata(masterdata: None) -> None:
    """The product's own, committed."""


def take() -> Calculation | None:
    return run_claim(model=Calculation, worker=uuid4())


def put_off() -> None:
    """What is queued for its next attempt is not due before the next round, however long that takes to begin."""
    Calculation.objects.filter(state=RunState.QUEUED).update(due_at=Now() + timedelta(hours=1))


def agree(scenario: Scenario) -> str:
    """The state of the only run, with which its scenario must agree."""
    scenario.refresh_from_db()
    run = Calculation.objects.get(scenario=scenario)
    expected = {
        RunState.QUEUED: ("calculating", None),
        RunState.RUNNING: ("calculating", None),
        RunState.SUCCEEDED: ("calculated", run.pk),
        RunState.ERRORED: ("failed", run.pk),
        RunState.CANCELLED: ("draft", None),
    }
    assert (scenario.status, scenario.current_id) == expected[RunState(run.state)]
    assert (run.result is not None) == (run.state == RunState.SUCCEEDED)
    return run.state


def test_a_run_is_claimed_by_one(project: Project, user: User) -> None:
    for _ in range(ROUNDS):
        start(scenario_make(project=project, user=user), user=user)

        claimed = together(take, take, take)

        assert sum(run is not None for run in claimed) == 1


def test_as_many_are_claimed_as_there_are(project: Project, user: User) -> None:
    runs = {start(scenario_make(project=project, user=user), user=user).pk for _ in range(4)}

    claimed = together(take, take, take, take)

    assert {run.pk for run in claimed if run is not None} == runs


def cancelled(run: Calculation) -> bool:
    try:
        calculation_cancel(calculation=run)
    except NotActive:
        return False
    return True


def test_cancelled_or_finished_but_not_both(project: Project, user: User) -> None:
    for _ in range(ROUNDS):
        scenario = scenario_make(project=project, user=user)
        run = start(scenario, user=user)
        held = claim()

        was_cancelled, was_finished = together(
            lambda run=run: cancelled(run), lambda held=held: calculation_execute(calculation=held)
        )

        assert was_cancelled != was_finished
        assert agree(scenario) == ("cancelled" if was_cancelled else "succeeded")


def test_cancelled_while_it_is_claimed(project: Project, user: User) -> None:
    for _ in range(ROUNDS):
        scenario = scenario_make(project=project, user=user)
        run = start(scenario, user=user)

        _, held = together(lambda run=run: cancelled(run), take)

        assert held is None or not calculation_execute(calculation=held)
        assert agree(scenario) == "cancelled"


def test_finished_late_or_tried_again_but_not_both(project: Project, user: User) -> None:
    for _ in range(ROUNDS):
        scenario = scenario_make(project=project, user=user)
        start(scenario, user=user)
        held = claim()
        expire(held)

        was_finished, recovered = together(lambda held=held: calculation_execute(calculation=held), runs_recover)

        assert (was_finished, recovered) in {(True, 0), (False, 1)}
        assert agree(scenario) == ("succeeded" if was_finished else "queued")
        put_off()


def test_two_reapers_take_a_run_from_its_worker_once(project: Project, user: User) -> None:
    for _ in range(ROUNDS):
        run = start(scenario_make(project=project, user=user), user=user)
        held = claim()
        expire(held)

        together(runs_recover, runs_recover, lambda held=held: worker_lost(worker=held.worker))

        run.refresh_from_db()
        assert (run.state, run.attempt) == ("queued", 2)
        put_off()


def test_given_up_or_finished_but_not_both(project: Project, user: User) -> None:
    for _ in range(ROUNDS):
        scenario = scenario_make(project=project, user=user)
        run = start(scenario, user=user)
        Calculation.objects.filter(pk=run.pk).update(attempt=3)
        held = claim()
        expire(held)

        was_finished, recovered = together(lambda held=held: calculation_execute(calculation=held), runs_recover)

        assert (was_finished, recovered) in {(True, 0), (False, 1)}
        assert agree(scenario) == ("succeeded" if was_finished else "errored")


def test_the_same_inputs_started_at_once_are_one_run(project: Project, user: User) -> None:
    for _ in range(ROUNDS):
        scenario = scenario_make(project=project, user=user)

        runs = together(*(lambda scenario=scenario: start(scenario, user=user) for _ in range(3)))

        assert len({run.pk for run in runs}) == 1
        assert agree(scenario) == "queued"


def test_one_key_at_once_is_one_run(project: Project, user: User) -> None:
    for number in range(ROUNDS):
        scenario = scenario_make(project=project, user=user)

        def ask(scenario: Scenario = scenario, key: str = f"key {number}") -> Calculation:
            return start(scenario, user=user, inputs=SMALL, idempotency_key=key)

        assert len({run.pk for run in together(ask, ask, ask)}) == 1
        assert agree(scenario) == "queued"


def test_one_key_at_once_for_two_scenarios_is_one_run(project: Project, user: User) -> None:
    for number in range(ROUNDS):
        pair = [scenario_make(project=project, user=user) for _ in range(2)]

        def ask(scenario: Scenario, key: str = f"key {number}") -> bool:
            try:
                with transaction.atomic():
                    locked = Scenario.objects.select_for_update().get(pk=scenario.pk)
                    calculation_start(scenario=locked, user=user, idempotency_key=key)
            except KeyReused:
                return False
            return True

        answers = together(*(lambda scenario=scenario, ask=ask: ask(scenario) for scenario in pair))

        assert sorted(answers) == [False, True]
        statuses = Scenario.objects.filter(pk__in=[scenario.pk for scenario in pair]).values_list("status", flat=True)
        assert sorted(statuses) == ["calculating", "draft"]
        assert Calculation.objects.filter(scenario__in=pair).count() == 1


def test_other_inputs_while_it_is_finished_leave_the_newer_run(project: Project, user: User) -> None:
    for _ in range(ROUNDS):
        scenario = scenario_make(project=project, user=user)
        old = start(scenario, user=user, inputs=HEFA)
        held = claim()

        new, was_finished = together(
            lambda scenario=scenario: start(scenario, user=user, inputs=SMALL),
            lambda held=held: calculation_execute(calculation=held),
        )

        old.refresh_from_db()
        assert old.state == ("succeeded" if was_finished else "cancelled")
        assert work() == 1
        scenario.refresh_from_db()
        assert (scenario.status, scenario.current_id, scenario.inputs) == ("calculated", new.pk, SMALL)


def test_calculated_at_once_while_a_worker_finishes_agrees(project: Project, user: User) -> None:
    for _ in range(ROUNDS):
        scenario = scenario_make(project=project, user=user)
        start(scenario, user=user)
        held = claim()

        together(
            lambda scenario=scenario: calculate(scenario, user=user),
            lambda held=held: calculation_execute(calculation=held),
        )

        scenario.refresh_from_db()
        assert scenario.status == "calculated"
        assert scenario.current.state == "succeeded"
        assert not Calculation.objects.active().exists()


def test_deleted_while_it_is_finished(project: Project, user: User) -> None:
    for _ in range(ROUNDS):
        scenario = scenario_make(project=project, user=user)
        start(scenario, user=user)
        held = claim()

        # As the admin and the deletion of a project do, which begin with the runs and lock the scenario after them.
        together(scenario.delete, lambda held=held: calculation_execute(calculation=held))

        assert not Scenario.objects.filter(pk=scenario.pk).exists()
        assert not Calculation.objects.exists()
