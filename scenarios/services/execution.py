"""What a run of the engine gives, for those who wait for it and for workers alike, and how it reaches its scenario."""

import logging
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import DataError, IntegrityError, transaction

from scenarios.choices import RunState, ScenarioStatus
from scenarios.engine import ENGINE_VERSION, evaluate
from scenarios.engine.inputs import ScenarioInputs
from scenarios.engine.replay import rebuild
from scenarios.engine.results import report
from scenarios.models import Calculation
from scenarios.querysets import HEADLINE
from scenarios.services.runs import GIVEN_UP, MOST_ATTEMPTS, WORKER_DIED, run_finish, run_is_held, run_retry
from scenarios.services.scenarios import scenario_settle
from scenarios.services.snapshots import origins_of

logger = logging.getLogger(__name__)

BROKE = "The calculation broke on our side. Your inputs are kept; please try again or tell us."
OTHER_ENGINE = (
    "These inputs were completed by an earlier version of the method, which had others: calculate them again."
)
_BROKEN = {"state": RunState.ERRORED, "error_code": "internal", "message": BROKE}

# Until a row that somebody has locked is asked for again.
_MOMENT_S = 0.02

# Where the headline columns stand in a result.
HEADLINE_PATHS = {
    "npv_usd": "financials.npv",
    "irr": "financials.irr",
    "payback_years": "financials.paybackYears",
    "minimum_selling_price_usd_per_t": "financials.minimumSellingPrice.usdPerT",
    "lcop_usd_per_t": "technoEconomics.lcop",
    "tci_usd": "technoEconomics.totalCapitalInvestment",
    "carbon_intensity_g_per_mj": "carbon.carbonIntensity",
}


def headline(result: Mapping[str, Any]) -> dict[str, float | None]:
    """The headline figures of a result, by column."""
    figures = {}
    for name in HEADLINE:
        place: Any = result
        for step in HEADLINE_PATHS[name].split("."):
            place = place[step]
        figures[name] = place
    return figures


def outcome(*, calculation_id: UUID, inputs: ScenarioInputs) -> dict[str, Any]:
    """The columns in which a calculation of complete inputs ends: with its result, or errored with a safe message."""
    try:
        result = report(evaluate(inputs))
        figures = headline(result)
    except Exception:  # whatever broke, the run must say that it did
        logger.exception("calculation %s broke", calculation_id)
        return _BROKEN
    done = {"state": RunState.SUCCEEDED, "progress": 1.0, "message": "Calculated.", "result": result}
    return {**done, **figures, "engine_version": ENGINE_VERSION}


def calculation_execute(*, calculation: Calculation) -> bool:
    """Calculate what a worker has claimed and store what came of it; False when the worker no longer holds it.

    The inputs are those stored with it, so the result is the same whatever happened to the master data since.

    Raises:
        django.db.Error: the database went away; the run is held until its lease passes.
    """
    try:
        inputs = rebuild(origins_of(calculation.resolved_inputs)).inputs
    except LookupError as error:
        logger.warning("calculation %s has the inputs of another engine: %s", calculation.pk, error)
        columns: dict[str, Any] = {"state": RunState.FAILED, "error_code": "other_engine", "message": OTHER_ENGINE}
    else:
        columns = outcome(calculation_id=calculation.pk, inputs=inputs)
    try:
        return calculation_finish(calculation=calculation, columns=columns)
    except (DataError, IntegrityError, TypeError, ValueError):
        logger.exception("the result of calculation %s cannot be stored", calculation.pk)
        return calculation_finish(calculation=calculation, columns=_BROKEN)


def calculation_finish(*, calculation: Calculation, columns: Mapping[str, Any], expired: bool = False) -> bool:
    """Write the end of a run that is still held (see ``run_finish``) and what it means for its scenario, or nothing."""
    while not (is_ended := _finished(calculation, columns, expired)):
        if not run_is_held(run=calculation, expired=expired):
            break
        time.sleep(_MOMENT_S)
    return is_ended


def _finished(calculation: Calculation, columns: Mapping[str, Any], expired: bool) -> bool:
    """The scenario comes first, as everywhere but where rows are deleted, runs before their scenario.

    Waiting for one another would end with an error for one of them. So a run whose row somebody has locked counts as
    not finished, and what has been done to the scenario is undone until that row is free or gone.
    """
    status = ScenarioStatus.CALCULATED if columns["state"] == RunState.SUCCEEDED else ScenarioStatus.FAILED
    with transaction.atomic():
        scenario_settle(
            scenario_id=calculation.scenario_id, status=status, calculation_id=calculation.pk,
            inputs_hash=calculation.inputs_hash,
        )  # fmt: skip
        is_ended = run_finish(run=calculation, expired=expired, **columns)
        if not is_ended:
            transaction.set_rollback(True)
    return is_ended


def calculation_lost(*, calculation: Calculation, expired: bool) -> bool:
    """Queue a run again whose worker is gone, or give it up after the last attempt; False when it was not lost.

    ``expired``: only if its lease is still over, since a worker may be slow rather than gone.
    """
    if calculation.attempt < MOST_ATTEMPTS:
        return run_retry(run=calculation, expired=expired)
    message = GIVEN_UP.format(most=MOST_ATTEMPTS)
    columns = {"state": RunState.ERRORED, "error_code": WORKER_DIED, "message": message}
    return calculation_finish(calculation=calculation, columns=columns, expired=expired)
