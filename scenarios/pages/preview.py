"""The headline figures of inputs as they stand, beside those of the last result."""

from dataclasses import dataclass
from typing import Any

from scenarios.engine import evaluate
from scenarios.engine.formula import Undefined
from scenarios.engine.resolution import Resolution
from scenarios.models import Calculation
from scenarios.pages.kpis import KPIS, Kpi
from scenarios.pages.words import sentence

# Where each stands in a result, the quantity of it, and the attribute of a calculation that has it.
_FIGURES = (
    ("technoEconomics.totalCapitalInvestment", "tci_usd", "tci_usd"),
    ("technoEconomics.totalOpex", "total_opex_usd_per_y", "opex"),
    ("technoEconomics.lcop", "lcop_usd_per_t", "lcop_usd_per_t"),
    ("financials.minimumSellingPrice.usdPerT", "minimum_selling_price_usd_per_t", "minimum_selling_price_usd_per_t"),
    ("financials.npv", "{basis}_npv_usd", "npv_usd"),
    ("financials.irr", "{basis}_irr", "irr"),
    ("financials.paybackYears", "{basis}_payback_years", "payback_years"),
    ("carbon.carbonIntensity", "carbon_intensity_g_per_mj", "carbon_intensity_g_per_mj"),
)
# More or less of them is a matter of size, neither better nor worse.
_OF_SIZE = frozenset({"technoEconomics.totalCapitalInvestment", "technoEconomics.totalOpex"})
# Less than this share of the figure is no change worth telling.
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Preview:
    """One figure: ``value`` None has a ``reason``; ``change`` against the last result, None where there is none."""

    label: str
    unit: str
    value: Any
    reason: str
    change: float | None
    is_better: bool | None

    @property
    def change_size(self) -> float:
        """Of a percentage in percentage points."""
        return abs(self.change or 0.0) * (100 if self.unit == "%" else 1)

    @property
    def change_unit(self) -> str:
        return "points" if self.unit == "%" else self.unit

    @property
    def grew(self) -> bool:
        return self.change is not None and self.change > 0


def preview_of(resolution: Resolution, last: Calculation | None) -> list[Preview]:
    """The figures of complete inputs; nothing is stored."""
    basis = resolution.inputs.finance.basis
    keys = [key.format(basis=basis) for _, key, _ in _FIGURES]
    values = evaluate(resolution.inputs, keys)
    return [
        _preview(KPIS[path], values[key], None if last is None else getattr(last, column))
        for key, (path, _, column) in zip(keys, _FIGURES, strict=True)
    ]


def _preview(kpi: Kpi, value: Any, before: float | None) -> Preview:
    if isinstance(value, Undefined):
        return Preview(kpi.name, kpi.unit, None, sentence(value.reason), None, None)
    number = float(value)
    change = None if before is None else number - before
    if change is not None and abs(change) <= _SAME * max(abs(number), abs(before or 0)):
        change = 0.0
    is_better = None if not change or kpi.path in _OF_SIZE else (change > 0) is kpi.is_more_better
    return Preview(kpi.name, kpi.unit, number, "", change, is_better)
