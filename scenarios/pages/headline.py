"""The headline figures as people are shown them."""

from dataclasses import dataclass
from typing import Any

from scenarios.models import Calculation
from scenarios.services.execution import HEADLINE_PATHS


@dataclass(frozen=True, slots=True)
class Kpi:
    """A headline figure: its column, its label and the unit it is shown in.

    ``unit`` "%" takes a fraction. ``is_more_better``: which direction is good.
    """

    name: str
    label: str
    unit: str
    is_more_better: bool = False

    @property
    def path(self) -> str:
        """Where it stands in a result."""
        return HEADLINE_PATHS[self.name]

    @property
    def direction(self) -> str:
        return "more is better" if self.is_more_better else "less is better"


KPIS = (
    Kpi("tci_usd", "Total capital investment", "USD"),
    Kpi("lcop_usd_per_t", "Levelised cost (LCOP)", "USD/t"),
    Kpi("minimum_selling_price_usd_per_t", "Minimum selling price", "USD/t"),
    Kpi("npv_usd", "Net present value (NPV)", "USD", is_more_better=True),
    Kpi("irr", "Internal rate of return (IRR)", "%", is_more_better=True),
    Kpi("payback_years", "Payback", "years"),
    Kpi("carbon_intensity_g_per_mj", "Carbon intensity", "gCO2e/MJ"),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A headline figure of one result; ``reason`` says why it has no value."""

    kpi: Kpi
    value: float | None
    reason: str = ""


def figures_of(result: Calculation, reasons: dict[str, Any] | None = None) -> list[Figure]:
    """The headline figures of a calculation; ``reasons`` are those of its result, by path."""
    told = reasons or {}
    return [Figure(kpi, getattr(result, kpi.name), reason_for(kpi.path, told)) for kpi in KPIS]


def reason_for(path: str, reasons: dict[str, Any]) -> str:
    """Why a value has none: told of it, or of what it stands under."""
    while path:
        if path in reasons:
            return str(reasons[path])
        path = path.rpartition(".")[0]
    return ""
