"""Running the engine on a scenario, and explaining and comparing what it gave."""

import logging
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from accounts.models import User
from scenarios.choices import CalculationState, ScenarioStatus, Trigger
from scenarios.engine import ENGINE_VERSION, evaluate
from scenarios.engine.replay import rebuild
from scenarios.engine.resolution import Resolution
from scenarios.engine.results import kpi_keys, report
from scenarios.engine.trace import explain
from scenarios.models import Calculation, Scenario
from scenarios.querysets import HEADLINE
from scenarios.services.defaults import inputs_resolve
from scenarios.services.scenarios import known_result, scenario_save
from scenarios.services.snapshots import origins_of, resolution_hash, snapshot

logger = logging.getLogger(__name__)

BROKE = "The calculation broke on our side. Your inputs are kept; please try again or tell us."

# Where the headline columns stand in a result.
_HEADLINE_PATHS = {
    "npv_usd": ("financials", "npv"),
    "irr": ("financials", "irr"),
    "payback_years": ("financials", "paybackYears"),
    "minimum_selling_price_usd_per_t": ("financials", "minimumSellingPrice", "usdPerT"),
    "lcop_usd_per_t": ("technoEconomics", "lcop"),
    "tci_usd": ("technoEconomics", "totalCapitalInvestment"),
    "carbon_intensity_g_per_mj": ("carbon", "carbonIntensity"),
}


class UnknownKpi(LookupError):  # noqa: N818 - says what it is, as Http404 does
    """A name that is no result; ``known`` are the results that can be explained."""

    def __init__(self, name: str, known: list[str]) -> None:
        self.name = name
        self.known = known
        super().__init__(f"there is no result {name}")


class EarlierEngine(RuntimeError):  # noqa: N818
    """A result of an engine whose formulas were others: it can be shown, not explained."""


def calculation_run(
    *, scenario: Scenario, user: User | None, inputs: Mapping[str, Any] | None = None, trigger: str = Trigger.USER
) -> Calculation:
    """Calculate a scenario whose row the caller has locked, on ``inputs`` (which then replace the saved ones) or those.

    The same inputs under the same engine give the stored result again. An error of ours is a row in state errored.

    Raises:
        InputError: the inputs cannot be calculated; nothing is changed then.
    """
    given = scenario.inputs if inputs is None else dict(inputs)
    resolution, masterdata_version = inputs_resolve(given)
    digest = resolution_hash(resolution)
    calculation = known_result(scenario, digest)
    if calculation is None:
        calculation = _run(scenario, user, given, resolution, digest, masterdata_version, trigger)
    succeeded = calculation.state == CalculationState.SUCCEEDED
    scenario.inputs, scenario.inputs_hash, scenario.current = given, digest, calculation
    scenario.status = ScenarioStatus.CALCULATED if succeeded else ScenarioStatus.FAILED
    scenario_save(scenario)
    return calculation


def _run(
    scenario: Scenario,
    user: User | None,
    inputs: Mapping[str, Any],
    resolution: Resolution,
    digest: str,
    masterdata_version: int,
    trigger: str,
) -> Calculation:
    calculation = Calculation(
        scenario=scenario, user=user, trigger=trigger, inputs=inputs, resolved_inputs=snapshot(resolution),
        inputs_hash=digest, engine_version=ENGINE_VERSION, masterdata_version=masterdata_version,
        started_at=timezone.now(),
    )  # fmt: skip
    try:
        result = report(evaluate(resolution.inputs))
    except Exception:  # whatever broke, the run must say that it did
        logger.exception("calculation %s of scenario %s broke", calculation.pk, scenario.pk)
        calculation.state, calculation.error_code, calculation.message = CalculationState.ERRORED, "internal", BROKE
    else:
        calculation.state, calculation.progress, calculation.result = CalculationState.SUCCEEDED, 1.0, result
        calculation.message = "Calculated."
        for name, value in headline(result).items():
            setattr(calculation, name, value)
    calculation.finished_at = timezone.now()
    calculation.save(force_insert=True)
    return calculation


def headline(result: Mapping[str, Any]) -> dict[str, float | None]:
    """The headline figures of a result, by column."""
    figures = {}
    for name in HEADLINE:
        place: Any = result
        for step in _HEADLINE_PATHS[name]:
            place = place[step]
        figures[name] = place
    return figures


def inputs_calculate(*, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The result of inputs that are not saved; nothing is stored.

    Raises:
        InputError: the inputs cannot be calculated.
    """
    resolution, _ = inputs_resolve(inputs)
    return {**report(evaluate(resolution.inputs)), "resolvedInputs": snapshot(resolution)}


def inputs_preview(*, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """``inputs_calculate`` without the yearly table."""
    result = inputs_calculate(inputs=inputs)
    result["financials"].pop("cashFlowTable")
    return result


def calculation_explain(*, calculation: Calculation, kpi: str) -> dict[str, Any]:
    """Why a number of a stored result is what it is, from the inputs stored with it.

    Raises:
        UnknownKpi: no such result.
        EarlierEngine: the result comes from an engine that counted otherwise.
    """
    if calculation.engine_version != ENGINE_VERSION:
        raise EarlierEngine(f"calculated by engine {calculation.engine_version}, this is {ENGINE_VERSION}")
    resolution = rebuild(origins_of(calculation.resolved_inputs))
    keys = kpi_keys(resolution.inputs.finance.basis)
    if kpi not in keys:
        raise UnknownKpi(kpi, sorted(keys))
    return explain(keys[kpi], evaluate(resolution.inputs, [keys[kpi]]), resolution.values)


def calculation_diff(*, before: Calculation, after: Calculation) -> dict[str, Any]:
    """What changed between two runs: inputs by wire path, and the headline figures."""
    old, new = before.resolved_inputs, after.resolved_inputs
    changed = [
        {"path": path, "before": old.get(path, {}).get("value"), "after": new.get(path, {}).get("value")}
        for path in dict.fromkeys([*old, *new])
        if old.get(path, {}).get("value") != new.get(path, {}).get("value")
    ]
    figures = {name: (getattr(before, name), getattr(after, name)) for name in HEADLINE}
    return {"inputs": changed, "kpis": figures}
