"""Scenarios and calculations for support: inputs change where they are checked, results only by calculating."""

from django.contrib import admin

from scenarios.admin.calculations import CalculationAdmin
from scenarios.admin.scenarios import ScenarioAdmin

# The front page leads to the queue, which is no model.
admin.site.index_template = "scenarios/admin/index.html"

__all__ = ["CalculationAdmin", "ScenarioAdmin"]
