"""The life of a background calculation: queued, claimed, finished, cancelled; what its scenario shows."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import User
from masterdata.models import CountryFigure
from projects.models import Project
from scenarios.choices import ScenarioStatus
from scenarios.engine import InputError
from scenarios.models import Calculation, Scenario
from scenarios.services import (
    calculation_cancel,
    calculation_start,
    scenario_delete,
    scenario_update,
)
from scenarios.services.execution import calculation_execute, calculation_lost
from scenarios.services.running import REPLACED, NotActive
from scenarios.services.runs import MOST_ATTEMPTS
from tests.scenarios.cases import HEFA, SMALL, calculate, scenario_make, state_of
from tests.scenarios.runs import claim, shown, start, work

pytestmark = pytest.mark.django_db

type Counter = Callable[[int], AbstractContextManager[Any]]


def test_a_queued_run_is_calculated_and_shown(scenario: Scenario, user: User) -> None:
    run = start(scenario, user=user, inputs=SMALL)
    assert (run.state, shown(scenario)) == ("queued", ("calculating", None))
    version = Scenario.objects.get(pk=scenario.pk).version

    assert work() == 1

    run.refresh_from_db()
    after = Scenario.objects.get(pk=scenario.pk)
    assert (run.state, run.attempt, run.progress, run.lease_until) == ("succeeded", 1, 1.0, None)
    assert run.queued_at <= run.started_at <= run.finished_at
    assert (after.status, after.current_id, after.inputs) == ("calculated", run.pk, SMALL)
    assert after.version == version + 1
    assert run.result["financials"]["npv"] == run.npv_usd


@pytest.mark.parametrize("inputs", [HEFA, SMALL, {**HEFA, "country": "USA"}, {"pathway": "ATJ-SPK", "country": "BRA"}])
def test_a_worker_gives_what_waiting_gives_whatever_happened_to_the_master_data(
    project: Project, user: User, inputs: dict[str, Any]
) -> None:
    at_once = calculate(scenario_make(project=project, user=user, inputs=inputs), user=user).current
    run = start(scenario_make(project=project, user=user, inputs=inputs), user=user)
    CountryFigure.objects.update(value=F("value") * 1.5)

    work()

    stored = Calculation.objects.values("result", "resolved_inputs", "inputs_hash", "npv_usd", "irr", "lcop_usd_per_t")
    assert stored.get(pk=run.pk) == stored.get(pk=at_once.pk)


def test_known_inputs_give_the_stored_result_at_once(calculated: Scenario, user: User) -> None:
    run = start(calculated, user=user)

    assert (run.pk, run.state) == (calculated.current_id, "succeeded")
    assert shown(calculated) == ("calculated", run.pk)
    assert Calculation.objects.count() == 1


def test_the_same_inputs_while_calculating_are_the_same_run(scenario: Scenario, user: User) -> None:
    first = start(scenario, user=user, inputs=SMALL)

    again = start(scenario, user=user, inputs=SMALL)
    claimed = claim()
    while_running = start(scenario, user=user)

    assert first.pk == again.pk == while_running.pk == claimed.pk
    assert Calculation.objects.count() == 1


@pytest.mark.parametrize("running", [False, True])
def test_other_inputs_while_calculating_replace_the_older_run(scenario: Scenario, user: User, running: bool) -> None:
    old = start(scenario, user=user, inputs=HEFA)
    held = claim() if running else None

    new = start(scenario, user=user, inputs=SMALL)

    old.refresh_from_db()
    assert (old.state, old.message) == ("cancelled", REPLACED)
    assert held is None or not calculation_execute(calculation=held)
    assert shown(scenario) == ("calculating", None)
    assert work() == 1
    assert shown(scenario) == ("calculated", new.pk)


def test_calculating_at_once_replaces_a_queued_run(scenario: Scenario, user: User) -> None:
    queued = start(scenario, user=user, inputs=SMALL)

    done = calculate(scenario, user=user, inputs=SMALL)

    queued.refresh_from_db()
    assert (queued.state, queued.message) == ("cancelled", REPLACED)
    assert shown(scenario) == ("calculated", done.current_id)
    assert work() == 0


def test_inputs_that_cannot_be_calculated_change_nothing(scenario: Scenario, user: User) -> None:
    start(scenario, user=user, inputs=SMALL)
    before = state_of(scenario)

    with pytest.raises(InputError):
        start(scenario, user=user, inputs={**HEFA, "plant": {"capacity": -5}})

    assert state_of(scenario) == before


def test_what_is_edited_while_calculating_is_a_draft_after(scenario: Scenario, user: User) -> None:
    run = start(scenario, user=user, inputs=HEFA)
    scenario_update(scenario=Scenario.objects.get(pk=scenario.pk), inputs=SMALL)
    assert shown(scenario) == ("calculating", None)

    work()

    run.refresh_from_db()
    assert run.state == "succeeded"
    assert shown(scenario) == ("draft", None)


def test_an_edit_that_is_taken_back_while_calculating_is_calculated_after(scenario: Scenario, user: User) -> None:
    run = start(scenario, user=user, inputs=HEFA)
    for inputs in (SMALL, HEFA):
        scenario_update(scenario=Scenario.objects.get(pk=scenario.pk), inputs=inputs)

    work()

    assert shown(scenario) == ("calculated", run.pk)


def test_an_edit_back_to_known_inputs_while_calculating_is_calculated_after(calculated: Scenario, user: User) -> None:
    start(calculated, user=user, inputs=SMALL)
    scenario_update(scenario=Scenario.objects.get(pk=calculated.pk), inputs=HEFA)

    work()

    assert shown(calculated) == ("calculated", calculated.current_id)


def test_edited_and_asked_again_while_calculating_is_the_same_run(scenario: Scenario, user: User) -> None:
    run = start(scenario, user=user, inputs=HEFA)
    scenario_update(scenario=Scenario.objects.get(pk=scenario.pk), inputs=SMALL)

    assert start(scenario, user=user, inputs=HEFA).pk == run.pk

    work()
    assert shown(scenario) == ("calculated", run.pk)


def test_a_scenario_deleted_while_it_is_calculated_is_gone(scenario: Scenario, user: User) -> None:
    start(scenario, user=user)
    held = claim()

    scenario_delete(scenario=Scenario.objects.get(pk=scenario.pk))

    assert not calculation_execute(calculation=held)
    assert not Calculation.objects.exists()


@pytest.mark.parametrize("running", [False, True])
def test_a_cancelled_run_writes_nothing_and_its_scenario_is_a_draft(
    scenario: Scenario, user: User, running: bool
) -> None:
    run = start(scenario, user=user)
    held = claim() if running else None

    calculation_cancel(calculation=run)

    assert held is None or not calculation_execute(calculation=held)
    run.refresh_from_db()
    assert (run.state, run.result, run.lease_until) == ("cancelled", None, None)
    assert shown(scenario) == ("draft", None)
    assert work() == 0


def test_cancelling_leaves_a_result_of_the_present_inputs_in_sight(calculated: Scenario, user: User) -> None:
    run = start(calculated, user=user, inputs=SMALL)
    scenario_update(scenario=Scenario.objects.get(pk=calculated.pk), inputs=HEFA)

    calculation_cancel(calculation=run)

    assert shown(calculated) == ("calculated", calculated.current_id)


def test_what_has_ended_is_not_cancelled(scenario: Scenario, user: User) -> None:
    done = start(scenario, user=user, inputs=HEFA)
    work()
    start(scenario, user=user, inputs=SMALL)
    before = state_of(scenario)

    with pytest.raises(NotActive) as refused:
        calculation_cancel(calculation=done)

    assert refused.value.state == "succeeded"
    assert state_of(scenario) == before


def test_a_result_by_an_earlier_engine_stays_in_sight_until_there_is_a_new_one(
    calculated: Scenario, user: User
) -> None:
    Calculation.objects.update(engine_version="0")

    run = start(calculated, user=user)
    assert shown(calculated) == ("calculating", calculated.current_id)

    calculation_cancel(calculation=run)
    assert shown(calculated) == ("calculated", calculated.current_id)


def test_inputs_of_another_engine_fail_with_a_reason(scenario: Scenario, user: User) -> None:
    run = start(scenario, user=user)
    resolved = run.resolved_inputs
    del resolved["plant.capacity"]
    Calculation.objects.update(resolved_inputs=resolved)

    work()

    run.refresh_from_db()
    assert (run.state, run.error_code, run.result) == ("failed", "other_engine", None)
    assert "calculate them again" in run.message
    assert shown(scenario) == ("failed", run.pk)


def test_a_scenario_cannot_have_two_active_runs(scenario: Scenario, user: User) -> None:
    run = start(scenario, user=user)
    run.pk, run.turn = uuid4(), 0

    with pytest.raises(IntegrityError), transaction.atomic():
        run.save(force_insert=True)


@pytest.mark.parametrize("columns", [{"state": "running"}, {"state": "succeeded"}, {"state": "dreaming"}])
def test_a_state_without_what_belongs_to_it_is_refused(scenario: Scenario, user: User, columns: dict[str, str]) -> None:
    start(scenario, user=user)

    with pytest.raises(IntegrityError), transaction.atomic():
        Calculation.objects.update(**columns)


def test_queries(scenario: Scenario, user: User, django_assert_num_queries: Counter) -> None:
    start(scenario, user=user, inputs=HEFA)
    work()

    with transaction.atomic():
        locked = Scenario.objects.select_for_update().get(pk=scenario.pk)
        # master data version, the same result known?, insert, audit and update together
        with django_assert_num_queries(3):
            run = calculation_start(scenario=locked, user=user, inputs=SMALL)
    with django_assert_num_queries(1):
        held = claim()
    # savepoint, scenario, run, release
    with django_assert_num_queries(4):
        assert calculation_execute(calculation=held)
    assert held.pk == run.pk


def test_statuses_follow_the_runs(scenario: Scenario, user: User) -> None:
    """Calculating exactly while a run is active, whatever comes of it."""
    for lifetime, end in enumerate(("work", "cancel", "lost"), start=21):
        run = start(scenario, user=user, inputs={**HEFA, "finance": {"lifetime": lifetime}})
        assert shown(scenario)[0] == ScenarioStatus.CALCULATING
        if end == "work":
            work()
        elif end == "cancel":
            calculation_cancel(calculation=run)
        else:
            Calculation.objects.filter(pk=run.pk).update(attempt=MOST_ATTEMPTS)
            calculation_lost(calculation=claim(), expired=False)
        assert shown(scenario)[0] != ScenarioStatus.CALCULATING
        assert not Calculation.objects.active().exists()
