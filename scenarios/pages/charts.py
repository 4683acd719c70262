"""The charts of a result: pure functions of its tree (scenarios/engine/results.py), None where nothing can be drawn.

Money is told in ``currency``. The functions that give items of a sum serve the comparison of scenarios as well.
"""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any, Final

from config.charts import Chart, Mark, Series
from config.figures import DOLLARS, Currency, rounded, told

type Tree = Mapping[str, Any]
# Names with their parts of a sum; None where a part has no value.
type Items = list[tuple[str, float | None]]

OTHER_VARIABLE: Final = "Other variable"
INDIRECT_OPEX: Final = "Indirect OPEX"
CAPITAL: Final = "Capital"
LCOP: Final = "LCOP"
NET_LCOP: Final = "Net LCOP"
INTENSITY: Final = "Carbon intensity"
CARBON_REVENUE: Final = "Carbon revenue"
# Rows that a chart of the usual height has no room for on a phone.
_MANY: Final = 8
STAGES: Final = {
    "core": "Core (CORSIA)",
    "process": "Process",
    "transport": "Transport",
    "landUseChange": "Land-use change",
    "avoided": "Avoided elsewhere",
}


def opex_items(result: Tree) -> Items:
    """The cost of a steady year by item, in USD/year; they sum to the total OPEX."""
    found = result["technoEconomics"]["opexBreakdown"]
    items: Items = [*found["feedstocks"].items(), *found["utilities"].items()]
    return [*items, (OTHER_VARIABLE, found["otherVariable"]), (INDIRECT_OPEX, found["indirectOpex"])]


def lcop_items(result: Tree) -> Items:
    """The levelised cost by item, in USD per tonne of liquid fuel; they sum to the LCOP. Empty where that is None."""
    economics = result["technoEconomics"]
    if economics["lcop"] is None:
        return []
    made = economics["totalProduction"]
    bought = [(name, value / made) for name, value in opex_items(result) if value is not None]
    yearly = economics["totalCapitalInvestment"] * economics["capitalRecoveryFactor"]
    return [*bought, (CAPITAL, yearly / made)]


def carbon_items(result: Tree) -> Items:
    """The carbon intensity by stage, in gCO2e/MJ; they sum to it."""
    items: Items = []
    for stage, found in result["carbon"]["stages"].items():
        items += found.items() if isinstance(found, Mapping) else [(STAGES[stage], found)]
    return items


def lcop_waterfall(result: Tree, currency: Currency = DOLLARS) -> Chart | None:
    """From the first item of the levelised cost over the LCOP, less co-products, down to the net LCOP."""
    economics = result["technoEconomics"]
    items = _without_zeros(lcop_items(result))
    lcop, net = economics["lcop"], economics["netLcop"]
    if not items:
        return None
    steps: Items = [*items, (LCOP, lcop)]
    totals, words = [LCOP], [f"The levelised cost is {_told(lcop, 'USD/t', currency)}: {_shares(items, lcop)}."]
    note = ""
    if net is not None:
        product = result["financials"]["minimumSellingPrice"]["product"]
        sold = economics["revenueBreakdown"].items()
        others = [(name, -value / economics["totalProduction"]) for name, value in sold if name != product and value]
        left = lcop + sum(value for _, value in others)
        steps += others
        if others:
            back = _told(lcop - left, "USD/t", currency)
            steps.append((f"{product} alone", net - left))
            words.append(f"{_listed([name for name, _ in others])} bring back {back} of fuel.")
            note = (
                f"LCOP counts every tonne of fuel, net LCOP every tonne of {product}: “{product} alone” is what that"
                " change adds."
            )
        steps.append((NET_LCOP, net))
        totals.append(NET_LCOP)
        words.append(f"What is left is borne by {product}: net LCOP is {_told(net, 'USD/t', currency)} of it.")
    return Chart(
        key="lcop",
        title="From cost items to net LCOP",
        description=" ".join(words),
        categories=[name for name, _ in steps],
        series=[Series("Cost per tonne", [_shown(value, "USD/t", currency) for _, value in steps])],
        unit=_unit("USD/t", currency),
        kind="waterfall",
        totals=totals,
        axis_name="Item",
        note=note,
    )


def cost_and_revenue(result: Tree, currency: Currency = DOLLARS) -> Chart:
    """What a steady year costs and earns, by item."""
    economics = result["technoEconomics"]
    costs = [(name, value) for name, value in opex_items(result) if value != 0]
    earned = [*economics["revenueBreakdown"].items()]
    if economics["carbonRevenue"]:
        earned.append((CARBON_REVENUE, economics["carbonRevenue"]))
    paid = (item for item in result["financials"]["incentives"] if item["fullYear"] and item["total"])
    earned += [(item["incentive"], item["fullYear"]) for item in paid]
    words = []
    if economics["totalOpex"] is not None:
        told_costs = _told(economics["totalOpex"], "USD/year", currency)
        words.append(f"A full year costs {told_costs}: {_shares(costs, economics['totalOpex'])}.")
    if economics["totalRevenue"] is not None:
        told_sales = _told(economics["totalRevenue"], "USD/year", currency)
        sold = economics["revenueBreakdown"].items()
        words.append(f"It sells for {told_sales}: {_shares([*sold], economics['totalRevenue'])}.")
    spent, received = ([_shown(value, "USD/year", currency) for _, value in items] for items in (costs, earned))
    return Chart(
        key="opex",
        title="Operating cost and revenue of a full year",
        description=" ".join(words) or "Neither cost nor revenue is defined.",
        categories=[name for name, _ in (*costs, *earned)],
        series=[
            Series("Cost", [*spent, *([None] * len(earned))], stack="item", role="reference"),
            Series("Revenue", [*([None] * len(costs)), *received], stack="item", role="good"),
        ],
        unit=_unit("USD/year", currency),
        kind="rows",
        axis_name="Item",
        height="tall" if len(costs) + len(earned) > _MANY else "",
    )  # fmt: skip


def cash_flow_by_year(result: Tree, currency: Currency = DOLLARS, basis: str = "") -> Chart | None:
    """The flow of each year with its running sums; ``basis`` "unlevered" or "levered", that of the scenario if none."""
    financials = result["financials"]
    basis = basis or financials["basis"]
    rows = financials["cashFlowTable"]
    if not rows:
        return None
    figures = financials[basis]

    def column(name: str) -> list[float | None]:
        return [_shown(row[basis][name], "USD", currency) for row in rows]

    years = [row["year"] for row in rows]
    marks = []
    if figures["paybackYears"] is not None:
        reached = min(max(ceil(figures["paybackYears"]), years[0]), years[-1])
        marks.append(Mark(reached, f"Payback {rounded(figures['paybackYears'])} years"))
    return Chart(
        key="cash-flow",
        title=f"Cash flow by year, {basis}",
        description=_flow_in_words(rows, figures, basis, currency),
        categories=years,
        series=[
            Series("Cash flow", column("cashFlow")),
            Series("Cumulative", column("cumulative"), kind="line"),
            Series("Cumulative, discounted", column("cumulativeDiscounted"), kind="line", is_dashed=True),
        ],
        unit=_unit("USD", currency),
        marks=marks,
        axis_name="Year of operation",
    )


def _flow_in_words(rows: Sequence[Tree], figures: Tree, basis: str, currency: Currency) -> str:
    spent = sum(row[basis]["cashFlow"] or 0 for row in rows if row["year"] < 1)
    last = rows[-1]
    words = [f"Up to the start, {_told(-spent, 'USD', currency)} is spent."]
    if last[basis]["cumulative"] is not None:
        words.append(f"After year {last['year']} the flows sum to {_told(last[basis]['cumulative'], 'USD', currency)},")
        words.append(f"discounted to {_told(last[basis]['cumulativeDiscounted'], 'USD', currency)}.")
    for name, what in (("paybackYears", "The outlay"), ("discountedPaybackYears", "Discounted, it")):
        if figures[name] is None:
            words.append(f"{what} is not paid back.")
        else:
            words.append(f"{what} is paid back after {rounded(figures[name], 3)} years.")
    return " ".join(words)


def carbon_by_stage(result: Tree, fossil_comparator: float | None = None) -> Chart:
    """The stages up to the carbon intensity, with what the fuel replaces as a mark."""
    carbon = result["carbon"]
    items = carbon_items(result)
    shown = [(name, value) for name, value in items if value != 0]
    intensity = carbon["carbonIntensity"]
    if intensity is None:
        words = ["The carbon intensity is not defined, since a stage has no value."]
    else:
        words = [f"The fuel carries {_told(intensity, 'gCO2e/MJ')}: {_parts(shown, 'gCO2e/MJ')}."]
    if fossil_comparator is not None and carbon["reduction"] is not None:
        less, side = abs(carbon["reduction"]), "less" if carbon["reduction"] >= 0 else "more"
        words.append(f"That is {_percent(less)} {side} than the fossil comparator of {rounded(fossil_comparator)}.")
    return Chart(
        key="carbon",
        title="Carbon intensity by stage",
        description=" ".join(words),
        categories=[*(name for name, _ in shown), INTENSITY],
        series=[Series("Carbon", [*(value for _, value in shown), intensity])],
        unit="gCO2e/MJ",
        kind="waterfall",
        totals=[INTENSITY],
        marks=() if fossil_comparator is None else (_fossil(fossil_comparator),),
        axis_name="Stage",
    )


def _fossil(comparator: float) -> Mark:
    return Mark(comparator, f"Fossil {rounded(comparator)}", "value")


def production(result: Tree) -> Chart:
    """What a steady year makes, by product."""
    economics = result["technoEconomics"]
    made = economics["production"]
    whole = economics["totalProduction"]
    return Chart(
        key="production",
        title="Production of a full year",
        description=f"The plant makes {_told(whole, 't/year')} of liquid fuel: {_parts([*made.items()], 't/year')}.",
        categories=[*made],
        series=[Series("Made", [*made.values()])],
        unit="t/year",
        kind="rows",
        axis_name="Product",
        height="short",
    )


def _shown(value: float | None, unit: str, currency: Currency) -> float | None:
    return None if value is None else currency.shown(value, unit)[0]


def _unit(unit: str, currency: Currency) -> str:
    return currency.shown(0.0, unit)[1]


def _told(value: float, unit: str, currency: Currency = DOLLARS) -> str:
    return " ".join(told(*currency.shown(value, unit))).strip()


def _percent(share: float) -> str:
    return f"{rounded(share * 100, 2)} %"


def _without_zeros(items: Items) -> Items:
    return [(name, value) for name, value in items if value != 0]


def _largest_first(items: Items) -> list[tuple[str, float]]:
    known = [(name, value) for name, value in items if value]
    return sorted(known, key=lambda item: -abs(item[1]))


def _shares(items: Items, whole: float) -> str:
    """ "Used cooking oil 75 %, Hydrogen 15 %": the items by size, as shares of what they sum to."""
    if not whole:
        return "there is nothing to share"
    return ", ".join(f"{name} {_percent(value / whole)}" for name, value in _largest_first(items)) or "nothing"


def _parts(items: Items, unit: str) -> str:
    return ", ".join(f"{name} {_told(value, unit)}" for name, value in _largest_first(items)) or "nothing"


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
