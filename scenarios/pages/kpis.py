"""The figures a result is told by: each with its unit, what it is, and the name under which it is explained."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scenarios.pages.headline import reason_for

type Tree = Mapping[str, Any]

NO_REASON = "There is no value."


@dataclass(frozen=True, slots=True)
class Kpi:
    """A figure of the result at ``path``, in ``unit`` ("%" for a fraction); ``trace`` explains it."""

    name: str
    path: str
    unit: str
    trace: str
    meaning: str
    also: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A value, or the reason why there is none."""

    value: Any
    unit: str
    reason: str


@dataclass(frozen=True, slots=True)
class Card:
    """A KPI with what this result says of it; ``also`` are the same in other units, ``note`` is a word on this one."""

    kpi: Kpi
    figure: Figure
    also: tuple[Figure, ...]
    note: str


COST = (
    Kpi(
        "Total capital investment", "technoEconomics.totalCapitalInvestment", "USD", "totalCapitalInvestment",
        "What building the plant takes, working capital included (TCI).",
    ),
    Kpi(
        "Operating cost", "technoEconomics.totalOpex", "USD/year", "totalOpex",
        "What a full year of operation takes: feedstock, utilities, other variable and fixed cost (OPEX).",
    ),
    Kpi(
        "Levelised cost", "technoEconomics.lcop", "USD/t", "lcop",
        "Operating cost and capital, spread over the plant's life, per tonne of all liquid fuel (LCOP).",
    ),
    Kpi(
        "Net levelised cost", "technoEconomics.netLcop", "USD/t", "netLcop",
        "The same per tonne of the priced product, after what the other products bring in.",
    ),
    Kpi(
        "Minimum selling price", "financials.minimumSellingPrice.usdPerT", "USD/t", "minimumSellingPrice",
        "The price of the priced product at which NPV is zero, after tax.",
        (("financials.minimumSellingPrice.usdPerL", "USD/l"), ("financials.minimumSellingPrice.usdPerGal", "USD/gal")),
    ),
)  # fmt: skip
RETURN = (
    Kpi(
        "Net present value", "financials.npv", "USD", "npv",
        "All cash flows after tax, discounted at the required return (NPV). Above zero the plant earns more than that.",
    ),
    Kpi(
        "Internal rate of return", "financials.irr", "%", "irr",
        "The discount rate at which NPV would be zero (IRR).",
    ),
    Kpi(
        "Payback", "financials.paybackYears", "years", "paybackYears",
        "Years from the end of construction until the outlay has come back.",
    ),
    Kpi(
        "Discounted payback", "financials.discountedPaybackYears", "years", "discountedPaybackYears",
        "The same with each year's flow discounted.",
    ),
    Kpi(
        "Profitability index", "financials.profitabilityIndex", "1", "profitabilityIndex",
        "Present value earned per unit of present value invested; worth building above 1.",
    ),
    Kpi(
        "Return on investment", "financials.returnOnInvestment", "%", "returnOnInvestment",
        "Average net flow of a year as share of the investment, not discounted (ROI).",
    ),
)  # fmt: skip
CARBON = (
    Kpi(
        "Carbon intensity", "carbon.carbonIntensity", "gCO2e/MJ", "carbonIntensity",
        "Greenhouse gas over the life cycle, per unit of energy in the fuel.",
    ),
    Kpi(
        "Reduction", "carbon.reduction", "%", "reduction",
        "How much less that is than the fossil comparator.",
    ),
    Kpi(
        "Abatement cost", "carbon.abatementCost", "USD/tCO2e", "abatementCost",
        "What a tonne of greenhouse gas avoided costs above fossil jet fuel, at equal energy.",
    ),
    Kpi(
        "Carbon conversion efficiency", "technoEconomics.carbonConversionEfficiency.total", "%",
        "carbonConversionEfficiency", "Share of the feedstock's carbon that ends up in the products.",
    ),
)  # fmt: skip
# All that can be explained beside the KPIs, with what it is called.
EXPLAINED = {
    "fixedCapitalInvestment": "Fixed capital investment",
    "workingCapital": "Working capital",
    "totalProduction": "Production",
    "totalRevenue": "Revenue",
    "carbonRevenue": "Carbon revenue",
    "capitalGrants": "Capital grants",
    "capitalRecoveryFactor": "Capital recovery factor",
    "fuelLowerHeatingValue": "Lower heating value of the fuel",
    "modifiedIrr": "Modified rate of return",
    "fuelEmissions": "Emissions of a tonne of fuel",
    "emissions": "Emissions of a year",
    "avoided": "Emissions avoided in a year",
    "productIntensity": "Emissions by product",
    "corsiaEmissionsReduction": "Emissions reduction under CORSIA",
    "corsiaEligible": "Eligible under CORSIA",
    "redEligible": "Meets the threshold of RED",
    "us45zEligible": "Below the ceiling of US 45Z",
    "blendAllowed": "Blend within the limit",
    "incentives": "Incentives in a full year",
    **{kpi.trace: kpi.name for kpi in (*COST, *RETURN, *CARBON)},
}


def at(result: Tree, path: str) -> Any:
    """What stands at a dotted path of the result."""
    found: Any = result
    for step in path.split("."):
        found = found[step]
    return found


def reason_of(result: Tree, path: str) -> str:
    """Why there is no value at ``path``: its own reason, or that of what it is part of."""
    reason = reason_for(path, result["reasons"])
    return f"{reason[:1].upper()}{reason[1:]}." if reason else NO_REASON


def figure_at(result: Tree, path: str, unit: str) -> Figure:
    value = at(result, path)
    return Figure(value, unit, "" if value is not None else reason_of(result, path))


def cards(result: Tree, kpis: tuple[Kpi, ...]) -> Iterator[Card]:
    """What a result says of each of ``kpis``."""
    for kpi in kpis:
        also = tuple(figure_at(result, path, unit) for path, unit in kpi.also)
        yield Card(kpi, figure_at(result, kpi.path, kpi.unit), also, _note(result, kpi))


def _note(result: Tree, kpi: Kpi) -> str:
    financials = result["financials"]
    if kpi.path == "financials.irr":
        return _of_rates(financials)
    if kpi.path in {"technoEconomics.netLcop", "financials.minimumSellingPrice.usdPerT"}:
        return f"Priced product: {financials['minimumSellingPrice']['product']}."
    return ""


def _of_rates(financials: Tree) -> str:
    """How many rates there are, and all of them where there are several."""
    roots = financials["irrRoots"]
    if financials["irrStatus"] == "none":
        return "No rate brings NPV to zero."
    if financials["irrStatus"] == "unique":
        return "The only rate there is."
    listed = ", ".join(f"{root:.2%}".replace("%", " %") for root in roots)
    chosen = "the one not below zero is shown" if financials["irr"] is not None else "so none of them is the answer"
    return f"NPV is zero at several rates ({listed}): {chosen}."
