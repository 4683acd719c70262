"""The figures a result is told by: each with its unit, what it is, and the name under which it is explained."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scenarios.models import Calculation
from scenarios.pages.words import sentence
from scenarios.services.execution import HEADLINE_PATHS

type Tree = Mapping[str, Any]

NO_REASON = "There is no value."
_COLUMNS = {path: column for column, path in HEADLINE_PATHS.items()}


@dataclass(frozen=True, slots=True)
class Kpi:
    """A figure of the result at ``path``, in ``unit`` ("%" for a fraction); ``trace`` explains it.

    ``is_more_better`` says which direction is good, None where neither is.
    """

    name: str
    path: str
    unit: str
    trace: str
    meaning: str
    also: tuple[tuple[str, str], ...] = ()
    abbreviation: str = ""
    is_more_better: bool | None = None

    @property
    def label(self) -> str:
        """The name where nothing explains it."""
        return f"{self.name} ({self.abbreviation})" if self.abbreviation else self.name

    @property
    def direction(self) -> str:
        if self.is_more_better is None:
            return ""
        return "more is better" if self.is_more_better else "less is better"

    @property
    def column(self) -> str:
        """The column of a calculation that has it, empty where none does."""
        return _COLUMNS.get(self.path, "")


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
        is_more_better=False,
    ),
    Kpi(
        "Operating cost", "technoEconomics.totalOpex", "USD/year", "totalOpex",
        "What a full year of operation takes: feedstock, utilities, other variable and fixed cost (OPEX).",
        is_more_better=False,
    ),
    Kpi(
        "Levelised cost", "technoEconomics.lcop", "USD/t", "lcop",
        "Operating cost and capital, spread over the plant's life, per tonne of all liquid fuel (LCOP).",
        abbreviation="LCOP", is_more_better=False,
    ),
    Kpi(
        "Net levelised cost", "technoEconomics.netLcop", "USD/t", "netLcop",
        "The same per tonne of the priced product, after what the other products bring in.",
        is_more_better=False,
    ),
    Kpi(
        "Minimum selling price", "financials.minimumSellingPrice.usdPerT", "USD/t", "minimumSellingPrice",
        "The price of the priced product at which NPV is zero, after tax.",
        (("financials.minimumSellingPrice.usdPerL", "USD/l"), ("financials.minimumSellingPrice.usdPerGal", "USD/gal")),
        is_more_better=False,
    ),
)  # fmt: skip
RETURN = (
    Kpi(
        "Net present value", "financials.npv", "USD", "npv",
        "All cash flows after tax, discounted at the required return (NPV). Above zero the plant earns more than that.",
        abbreviation="NPV", is_more_better=True,
    ),
    Kpi(
        "Internal rate of return", "financials.irr", "%", "irr",
        "The discount rate at which NPV would be zero (IRR).",
        abbreviation="IRR", is_more_better=True,
    ),
    Kpi(
        "Payback", "financials.paybackYears", "years", "paybackYears",
        "Years from the end of construction until the outlay has come back.",
        is_more_better=False,
    ),
    Kpi(
        "Discounted payback", "financials.discountedPaybackYears", "years", "discountedPaybackYears",
        "The same with each year's flow discounted.",
        is_more_better=False,
    ),
    Kpi(
        "Profitability index", "financials.profitabilityIndex", "1", "profitabilityIndex",
        "Present value earned per unit of present value invested; worth building above 1.",
        is_more_better=True,
    ),
    Kpi(
        "Return on investment", "financials.returnOnInvestment", "%", "returnOnInvestment",
        "Average net flow of a year as share of the investment, not discounted (ROI).",
        abbreviation="ROI", is_more_better=True,
    ),
)  # fmt: skip
CARBON = (
    Kpi(
        "Carbon intensity", "carbon.carbonIntensity", "gCO2e/MJ", "carbonIntensity",
        "Greenhouse gas over the life cycle, per unit of energy in the fuel.",
        is_more_better=False,
    ),
    Kpi(
        "Reduction", "carbon.reduction", "%", "reduction",
        "How much less that is than the fossil comparator.",
        is_more_better=True,
    ),
    Kpi(
        "Abatement cost", "carbon.abatementCost", "USD/tCO2e", "abatementCost",
        "What a tonne of greenhouse gas avoided costs above fossil jet fuel, at equal energy.",
        is_more_better=False,
    ),
    Kpi(
        "Carbon conversion efficiency", "technoEconomics.carbonConversionEfficiency.total", "%",
        "carbonConversionEfficiency", "Share of the feedstock's carbon that ends up in the products.",
        is_more_better=True,
    ),
)  # fmt: skip
# By where they stand in a result.
KPIS = {kpi.path: kpi for kpi in (*COST, *RETURN, *CARBON)}
# Those that are told of a scenario wherever it is listed.
HEADLINE = tuple(kpi for kpi in KPIS.values() if kpi.column)
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
    **{kpi.trace: kpi.name for kpi in KPIS.values()},
}


def at(result: Tree, path: str) -> Any:
    """What stands at a dotted path of the result."""
    found: Any = result
    for step in path.split("."):
        found = found[step]
    return found


def best_of(compared: Tree, name: str) -> Collection[str]:
    """The scenarios of a comparison with the best value; nobody where all have the same: nothing is to be chosen."""
    values = compared["kpis"][name].values()
    best: Collection[str] = compared["best"][name]
    return best if len({*values} - {None}) > 1 else ()


def reason_in(reasons: Tree, path: str) -> str:
    """Why there is no value at ``path``, in a sentence: its own reason, or that of what it is part of."""
    while path:
        if path in reasons:
            return sentence(str(reasons[path]))
        path = path.rpartition(".")[0]
    return NO_REASON


def reason_of(result: Tree, path: str) -> str:
    """The same of a result."""
    return reason_in(result["reasons"], path)


def figure_at(result: Tree, path: str, unit: str) -> Figure:
    value = at(result, path)
    return Figure(value, unit, "" if value is not None else reason_of(result, path))


def cards(result: Tree, kpis: tuple[Kpi, ...]) -> Iterator[Card]:
    """What a result says of each of ``kpis``."""
    for kpi in kpis:
        also = tuple(figure_at(result, path, unit) for path, unit in kpi.also)
        yield Card(kpi, figure_at(result, kpi.path, kpi.unit), also, _note(result, kpi))


def headline_cards(run: Calculation, reasons: Tree | None = None) -> list[Card]:
    """The headline figures of a run by its columns; ``reasons`` are those of its result, by path."""
    found = ((kpi, getattr(run, kpi.column)) for kpi in HEADLINE)
    return [
        Card(kpi, Figure(value, kpi.unit, "" if value is not None else reason_in(reasons or {}, kpi.path)), (), "")
        for kpi, value in found
    ]


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
