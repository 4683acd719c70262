"""Scenarios and calculations for support: inputs change where they are checked, results only by calculating."""

from config.operations import Page, register
from scenarios.admin.calculations import QUEUE, CalculationAdmin
from scenarios.admin.scenarios import ScenarioAdmin

register(
    Page(
        title="Queue",
        route=f"admin:{QUEUE}",
        description="Calculations that wait, run or went wrong, and the workers",
        may_open=lambda request: request.user.has_perm("scenarios.view_calculation"),
    )
)

__all__ = ["CalculationAdmin", "ScenarioAdmin"]
