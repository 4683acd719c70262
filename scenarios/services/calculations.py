"""Calculating inputs that are not saved, and explaining and comparing results."""

from collections.abc import Mapping
from typing import Any

from scenarios.engine import ENGINE_VERSION, evaluate
from scenarios.engine.replay import rebuild
from scenarios.engine.results import kpi_keys, report
from scenarios.engine.trace import explain
from scenarios.models import Calculation
from scenarios.querysets import HEADLINE
from scenarios.services.defaults import inputs_resolve
from scenarios.services.snapshots import origins_of, snapshot


class UnknownKpi(LookupError):  # noqa: N818 - says what it is, as Http404 does
    """A name that is no result; ``known`` are the results that can be explained."""

    def __init__(self, name: str, known: list[str]) -> None:
        self.name = name
        self.known = known
        super().__init__(f"there is no result {name}")


class EarlierEngine(RuntimeError):  # noqa: N818
    """A result of an engine whose formulas were others: it can be shown, not explained."""


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
