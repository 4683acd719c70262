"""The headline figures of inputs as they stand, beside those of the last result."""

from dataclasses import dataclass
from typing import Any

from scenarios.engine import evaluate
from scenarios.engine.formula import Undefined
from scenarios.engine.resolution import Resolution
from scenarios.models import Calculation

# Label, quantity, column of a calculation, unit as it is shown, whether more of it is better (None: neither).
_FIGURES = (
    ("Total capital investment", "tci_usd", "tci_usd", "USD", None),
    ("Operating cost", "total_opex_usd_per_y", "opex", "USD/year", None),
    ("Levelised cost (LCOP)", "lcop_usd_per_t", "lcop_usd_per_t", "USD/t", False),
    ("Minimum selling price", "minimum_selling_price_usd_per_t", "minimum_selling_price_usd_per_t", "USD/t", False),
    ("Net present value", "{basis}_npv_usd", "npv_usd", "USD", True),
    ("Internal rate of return", "{basis}_irr", "irr", "%", True),
    ("Payback", "{basis}_payback_years", "payback_years", "years", False),
    ("Carbon intensity", "carbon_intensity_g_per_mj", "carbon_intensity_g_per_mj", "gCO2e/MJ", False),
)
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
    keys = [key.format(basis=basis) for _, key, *_ in _FIGURES]
    values = evaluate(resolution.inputs, keys)
    return [
        _preview(label, values[key], None if last is None else getattr(last, column), unit, more_is_better)
        for key, (label, _, column, unit, more_is_better) in zip(keys, _FIGURES, strict=True)
    ]


def _preview(label: str, value: Any, before: float | None, unit: str, more_is_better: bool | None) -> Preview:
    if isinstance(value, Undefined):
        return Preview(label, unit, None, value.reason, None, None)
    number = float(value)
    change = None if before is None else number - before
    if change is not None and abs(change) <= _SAME * max(abs(number), abs(before or 0)):
        change = 0.0
    is_better = None if not change or more_is_better is None else (change > 0) is more_is_better
    return Preview(label, unit, number, "", change, is_better)
