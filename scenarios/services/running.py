"""Having a scenario calculated: at once, or in the background, where it can be cancelled and tried again."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from config.database.written import Statement, insertion
from scenarios.choices import RunState, ScenarioStatus, Trigger
from scenarios.engine import ENGINE_VERSION
from scenarios.engine.resolution import Resolution
from scenarios.models import Calculation, Scenario
from scenarios.services.defaults import inputs_resolve
from scenarios.services.execution import outcome
from scenarios.services.idempotency import calculation_of_key, key_keep
from scenarios.services.runs import runs_cancel
from scenarios.services.scenarios import known_result, scenario_save, scenario_settle, version_read
from scenarios.services.snapshots import resolution_hash, snapshot

WAITING = "Waiting for a worker."
REPLACED = "A later calculation of the same scenario took its place."
CANCELLED = "Cancelled."


class NotActive(RuntimeError):  # noqa: N818 - says what it is, as Http404 does
    """A run that has ended, by its ``state``, cannot be cancelled."""

    def __init__(self, state: str) -> None:
        self.state = state
        super().__init__(f"the run has {state}")


class CannotRetry(RuntimeError):  # noqa: N818
    """A run that has not gone wrong, or whose scenario is being calculated already."""


def calculation_run(
    *, scenario: Scenario, user: User | None, inputs: Mapping[str, Any] | None = None, trigger: str = Trigger.USER
) -> Calculation:
    """Calculate a scenario whose row the caller has locked, on ``inputs`` (which then replace the saved ones) or those.

    The same inputs under the same engine give the stored result again. A run that is queued or running for the scenario
    is cancelled. An error of ours is a row in state errored.

    Raises:
        InputError: the inputs cannot be calculated; nothing is changed then.
    """
    given = scenario.inputs if inputs is None else dict(inputs)
    resolution, masterdata_version = inputs_resolve(given, masterdata_version=version_read(scenario))
    digest = resolution_hash(resolution)
    _replace_active(scenario)
    calculation = known_result(scenario, digest, whole=True)
    if calculation is None:
        calculation = _new(scenario, user, given, resolution, digest, masterdata_version, trigger)
        calculation.started_at = timezone.now()
        for name, value in outcome(calculation_id=calculation.pk, inputs=resolution.inputs).items():
            setattr(calculation, name, value)
        calculation.finished_at = timezone.now()
        _show(scenario, given, digest, calculation, insertion(calculation))
    else:
        _show(scenario, given, digest, calculation)
    return calculation


def calculation_start(
    *,
    scenario: Scenario,
    user: User | None,
    inputs: Mapping[str, Any] | None = None,
    trigger: str = Trigger.USER,
    idempotency_key: str | None = None,
) -> Calculation:
    """Queue a calculation of a scenario whose row the caller has locked, on ``inputs`` or the saved ones.

    Inputs with a stored result give that result at once, and those already queued or running that same run. Others
    replace what is queued or running, which is cancelled and says so. A worker is woken once this is committed.

    Raises:
        InputError: the inputs cannot be calculated; nothing is changed then.
        KeyReused: ``idempotency_key`` came with another request; nothing is changed then.
    """
    if user is None or idempotency_key is None:
        return _start(scenario, user, inputs, trigger)
    earlier = calculation_of_key(user=user, key=idempotency_key, scenario_id=scenario.pk, inputs=inputs)
    if earlier is not None:
        return earlier
    calculation = _start(scenario, user, inputs, trigger)
    key_keep(user=user, key=idempotency_key, calculation=calculation, inputs=inputs)
    return calculation


def _start(scenario: Scenario, user: User | None, inputs: Mapping[str, Any] | None, trigger: str) -> Calculation:
    given = scenario.inputs if inputs is None else dict(inputs)
    resolution, masterdata_version = inputs_resolve(given, masterdata_version=version_read(scenario))
    digest = resolution_hash(resolution)
    active = _active(scenario)
    if active is not None and (active.inputs_hash, active.engine_version) == (digest, ENGINE_VERSION):
        if scenario.inputs != given:
            scenario.current_id = _still_current(scenario, digest)
            scenario.inputs, scenario.inputs_hash = given, digest
            scenario_save(scenario)
        return active
    _replace_active(scenario)
    # A draft of these very inputs would show their result if there were one.
    is_new = scenario.status == ScenarioStatus.DRAFT and scenario.inputs_hash == digest
    calculation = None if is_new else known_result(scenario, digest)
    if calculation is not None:
        _show(scenario, given, digest, calculation)
        return calculation
    calculation = _new(scenario, user, given, resolution, digest, masterdata_version, trigger)
    scenario.current_id = _still_current(scenario, digest)
    scenario.inputs, scenario.inputs_hash = given, digest
    _queue(scenario, calculation)
    return calculation


def _new(
    scenario: Scenario,
    user: User | None,
    given: Mapping[str, Any],
    resolution: Resolution,
    digest: str,
    version: int,
    trigger: str,
) -> Calculation:
    return Calculation(
        scenario=scenario, user=user, trigger=trigger, inputs=given, resolved_inputs=snapshot(resolution),
        inputs_hash=digest, engine_version=ENGINE_VERSION, masterdata_version=version,
    )  # fmt: skip


def _queue(scenario: Scenario, calculation: Calculation) -> None:
    """Store a new run and its locked scenario, and have a worker woken once that is committed."""
    calculation.state, calculation.message = RunState.QUEUED, WAITING
    calculation.turn = Calculation.objects.next_turn(calculation.user)
    scenario.status = ScenarioStatus.CALCULATING
    scenario_save(scenario, insertion(calculation))
    # Robust: a broker that is away loses nobody's run, which is stored and found without it.
    transaction.on_commit(partial(_wake, calculation.pk), robust=True)


def _wake(calculation_id: UUID) -> None:
    # Tasks call services; the one way back is here.
    from scenarios.tasks import calculate

    calculate.enqueue(str(calculation_id))


def _show(
    scenario: Scenario, given: Mapping[str, Any], digest: str, calculation: Calculation, *before: Statement
) -> None:
    succeeded = calculation.state == RunState.SUCCEEDED
    scenario.inputs, scenario.inputs_hash, scenario.current = given, digest, calculation
    scenario.status = ScenarioStatus.CALCULATED if succeeded else ScenarioStatus.FAILED
    scenario_save(scenario, *before)


def _still_current(scenario: Scenario, digest: str) -> UUID | None:
    """The result that stays in sight while the scenario is calculated anew: of the same inputs by an earlier engine."""
    has_result = scenario.status in (ScenarioStatus.CALCULATED, ScenarioStatus.CALCULATING)
    return scenario.current_id if has_result and scenario.inputs_hash == digest else None


def _active(scenario: Scenario) -> Calculation | None:
    """What is queued or running for a locked scenario; its status tells whether there is any."""
    if scenario.status != ScenarioStatus.CALCULATING:
        return None
    return Calculation.objects.filter(scenario=scenario).active().for_progress().first()


def _replace_active(scenario: Scenario) -> None:
    if scenario.status == ScenarioStatus.CALCULATING:
        runs_cancel(runs=Calculation.objects.filter(scenario=scenario), message=REPLACED)


@transaction.atomic
def calculation_cancel(*, calculation: Calculation, message: str = CANCELLED) -> None:
    """End a run that is queued or running; its scenario is a draft again, or calculated if it has a result.

    Raises:
        NotActive: it has ended already; nothing is changed then.
        Calculation.DoesNotExist: it has been deleted since it was read.
    """
    scenario_settle(scenario_id=calculation.scenario_id, status=ScenarioStatus.DRAFT)
    if not runs_cancel(runs=Calculation.objects.filter(pk=calculation.pk), message=message):
        raise NotActive(Calculation.objects.values_list("state", flat=True).get(pk=calculation.pk))


@transaction.atomic
def calculation_retry(*, calculation: Calculation) -> Calculation:
    """A new run of the same inputs, for the same user, in the place of one that errored or was cancelled.

    Raises:
        CannotRetry: it is not such a run, or its scenario is being calculated; nothing is changed then.
        Calculation.DoesNotExist, Scenario.DoesNotExist: it has been deleted since it was read.
    """
    scenario = Scenario.objects.select_for_update(of=("self",)).get(pk=calculation.scenario_id)
    old = Calculation.objects.defer("result").select_related("user").get(pk=calculation.pk)
    if old.state not in (RunState.ERRORED, RunState.CANCELLED):
        raise CannotRetry(f"the run has {old.state}")
    if scenario.status == ScenarioStatus.CALCULATING:
        raise CannotRetry("its scenario is being calculated already")
    if scenario.status != ScenarioStatus.CALCULATED:
        scenario.current = None
    again = Calculation(
        scenario=scenario, user=old.user, trigger=Trigger.OPERATOR, inputs=old.inputs,
        resolved_inputs=old.resolved_inputs, inputs_hash=old.inputs_hash, engine_version=old.engine_version,
        masterdata_version=old.masterdata_version,
    )  # fmt: skip
    _queue(scenario, again)
    return again
