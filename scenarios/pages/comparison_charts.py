"""The charts of a comparison: pure functions of named results, None where nothing can be drawn."""

from collections.abc import Mapping, Sequence
from typing import Any

from config.charts import Chart, Mark, Series
from config.figures import Currency, rounded, told
from scenarios.pages.charts import Items, Tree, carbon_items, lcop_items

# The results that are drawn, by the name of their scenario; names are made different before.
type Results = Mapping[str, Tree]


def lcop_by_item(results: Results, currency: Currency) -> Chart | None:
    """What a tonne costs in each scenario, by item."""
    items = {name: lcop_items(result) for name, result in results.items()}
    drawn = {name: found for name, found in items.items() if found}
    if not drawn:
        return None
    sums = {name: results[name]["technoEconomics"]["lcop"] for name in drawn}
    told_sums = ", ".join(f"{name} {_told(value, 'USD/t', currency)}" for name, value in sums.items())
    return Chart(
        key="compared-lcop",
        title="Levelised cost by item",
        description=f"The levelised cost of fuel: {told_sums}.",
        categories=list(drawn),
        series=_stacked(drawn, "USD/t", currency),
        unit=_unit("USD/t", currency),
        axis_name="Scenario",
        note=_left_out(items, drawn, "LCOP"),
    )


def cumulative_flows(results: Results, currency: Currency) -> Chart:
    """The cumulative discounted cash flow of each scenario over the years."""
    flows = {
        name: {row["year"]: row["cumulativeDiscounted"] for row in result["financials"]["cashFlowTable"]}
        for name, result in results.items()
    }
    years = sorted({year for flow in flows.values() for year in flow})
    ends = ", ".join(f"{name} {_last_told(flow, currency)}" for name, flow in flows.items())
    return Chart(
        key="compared-flows",
        title="Cumulative discounted cash flow",
        description=f"Where the discounted cash flows of each scenario have summed to in its last year: {ends}.",
        categories=years,
        series=[
            Series(name, [_shown(flow.get(year), "USD", currency) for year in years], kind="line")
            for name, flow in flows.items()
        ],
        unit=_unit("USD", currency),
        marks=(Mark(0, "", "value"),),
        axis_name="Year of operation",
    )


def _last_told(flow: Mapping[int, float | None], currency: Currency) -> str:
    last = flow[max(flow)] if flow else None
    return "not defined" if last is None else _told(last, "USD", currency)


def carbon_by_stage(results: Results, comparators: Sequence[float]) -> Chart | None:
    """The stages of each scenario's carbon intensity, against what the fuel replaces."""
    items = {name: carbon_items(result) for name, result in results.items()}
    drawn = {name: found for name, found in items.items() if any(value is not None for _, value in found)}
    if not drawn:
        return None
    sums = {name: results[name]["carbon"]["carbonIntensity"] for name in drawn}
    told_sums = ", ".join(
        f"{name} {'not defined' if value is None else _told(value, 'gCO2e/MJ')}" for name, value in sums.items()
    )
    fossil = " and ".join(_told(value, "gCO2e/MJ") for value in comparators)
    against = f" The fossil comparator is {fossil}." if fossil else ""
    return Chart(
        key="compared-carbon",
        title="Carbon intensity by stage",
        description=f"The carbon intensity of the fuel: {told_sums}.{against}",
        categories=list(drawn),
        series=_stacked(drawn, "gCO2e/MJ"),
        unit="gCO2e/MJ",
        marks=[Mark(value, f"Fossil {rounded(value)}", "value") for value in comparators],
        axis_name="Scenario",
    )


def value_against_price(results: Results, currency: Currency) -> Chart | None:
    """Net present value against the minimum selling price: what is wanted lies up and to the left."""
    values = {name: result["financials"]["npv"] for name, result in results.items()}
    prices = {name: result["financials"]["minimumSellingPrice"]["usdPerT"] for name, result in results.items()}
    drawn = [name for name in results if values[name] is not None and prices[name] is not None]
    if not drawn:
        return None
    words = "; ".join(
        f"{name}: {_told(values[name], 'USD', currency)} at {_told(prices[name], 'USD/t', currency)}" for name in drawn
    )
    return Chart(
        key="compared-value",
        title="Net present value against minimum selling price",
        description=f"Net present value at minimum selling price. {words}.",
        categories=drawn,
        series=[
            Series(
                "Minimum selling price",
                [_shown(prices[name], "USD/t", currency) for name in drawn],
                unit=_unit("USD/t", currency),
            ),
            Series(
                "Net present value",
                [_shown(values[name], "USD", currency) for name in drawn],
                unit=_unit("USD", currency),
            ),
        ],
        kind="points",
        axis_name="Scenario",
        note="Up and to the left is better: worth more, at a lower price.",
    )


def _stacked(items: Mapping[str, Items], unit: str, currency: Currency | None = None) -> list[Series]:
    """A series for each item that is not zero everywhere, standing on each other by scenario."""
    found = {name: dict(parts) for name, parts in items.items()}
    names = dict.fromkeys(item for parts in found.values() for item in parts)
    rows = {item: [parts.get(item) for parts in found.values()] for item in names}
    return [
        Series(item, [_shown(value, unit, currency) if currency else value for value in values], stack="all")
        for item, values in rows.items()
        if any(values)
    ]


def _left_out(all_of: Mapping[str, Any], drawn: Mapping[str, Any], what: str) -> str:
    missing = [name for name in all_of if name not in drawn]
    return f"Without {', '.join(missing)}, whose {what} is not defined." if missing else ""


def _shown(value: float | None, unit: str, currency: Currency) -> float | None:
    return None if value is None else currency.shown(value, unit)[0]


def _unit(unit: str, currency: Currency) -> str:
    return currency.shown(0.0, unit)[1]


def _told(value: float, unit: str, currency: Currency | None = None) -> str:
    return " ".join(told(*(currency.shown(value, unit) if currency else (value, unit)))).strip()
