"""Scenarios, their calculations, and what is read of several of them at once."""

from scenarios.api.views.calculations import CalculationViewSet
from scenarios.api.views.comparison import ComparisonView
from scenarios.api.views.scenarios import ScenarioViewSet
from scenarios.api.views.shared import SharedView
from scenarios.api.views.units import UnitsView

__all__ = ["CalculationViewSet", "ComparisonView", "ScenarioViewSet", "SharedView", "UnitsView"]
