"""Scenarios of a project side by side."""

from collections.abc import Iterable, Mapping
from typing import Any

from scenarios.models import Scenario
from scenarios.querysets import HEADLINE

# What is better: more or less of it.
BEST = {
    "npv_usd": max,
    "irr": max,
    "payback_years": min,
    "minimum_selling_price_usd_per_t": min,
    "lcop_usd_per_t": min,
    "tci_usd": min,
    "carbon_intensity_g_per_mj": min,
}
_FLOW = ("year", "cashFlow", "cumulative", "discounted", "cumulativeDiscounted")


def scenarios_compare(*, scenarios: Iterable[Scenario]) -> dict[str, Any]:
    """KPIs with the best of each, the inputs that differ, cash flows, cost shares and carbon of each scenario.

    A scenario without a result for its present inputs takes part with nulls.
    """
    compared = list(scenarios)
    runs = {str(s.pk): s.calculated for s in compared}
    results = {key: run.result if run else None for key, run in runs.items()}
    kpis = {name: {key: getattr(run, name) if run else None for key, run in runs.items()} for name in HEADLINE}
    return {
        "scenarios": [{"id": str(s.pk), "name": s.name, "status": s.status, "order": s.order} for s in compared],
        "kpis": kpis,
        "best": {name: _best(name, values) for name, values in kpis.items()},
        "inputs": _differences({key: run.resolved_inputs for key, run in runs.items() if run}),
        "cashFlows": {
            key: [{name: row[name] for name in _FLOW} for row in result["financials"]["cashFlowTable"]]
            if result
            else None
            for key, result in results.items()
        },
        "lcopShares": {
            key: result["technoEconomics"]["lcopShares"] if result else None for key, result in results.items()
        },
        "carbon": {key: result["carbon"] if result else None for key, result in results.items()},
    }


def _best(name: str, values: dict[str, float | None]) -> list[str]:
    """Every scenario with the best value; nobody where fewer than two have one."""
    known = {key: value for key, value in values.items() if value is not None}
    if len(known) < 2:
        return []
    best = BEST[name](known.values())
    return [key for key, value in known.items() if value == best]


def _differences(snapshots: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The inputs, by wire path, that are not the same in all scenarios."""
    paths = dict.fromkeys(path for taken in snapshots.values() for path in taken)
    rows = []
    for path in paths:
        values = {key: taken.get(path, {}).get("value") for key, taken in snapshots.items()}
        if any(value != next(iter(values.values())) for value in values.values()):
            unit = next(taken[path]["unit"] for taken in snapshots.values() if path in taken)
            rows.append({"path": path, "unit": unit, "values": values})
    return rows
