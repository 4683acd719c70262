"""Scenarios for tests, and what must not change when a write is refused."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.models import User
from projects.models import Project
from scenarios.models import Scenario
from scenarios.services import calculation_run, scenario_create

PROJECTS = "/api/v1/projects"
SCENARIOS = "/api/v1/scenarios"
CALCULATIONS = "/api/v1/calculations"

# Complete by the defaults of the first design of the pathway.
HEFA: Mapping[str, Any] = {"pathway": "HEFA-SPK", "country": "MYS"}
# The same at half the size, written with a unit.
SMALL: Mapping[str, Any] = {**HEFA, "plant": {"capacity": {"value": 250, "unit": "kt/year"}}}


def scenario_make(
    *, project: Project, user: User, name: str = "Base", inputs: Mapping[str, Any] | None = None
) -> Scenario:
    return scenario_create(project=project, user=user, name=name, inputs=HEFA if inputs is None else inputs)


def calculate(scenario: Scenario, *, user: User, inputs: Mapping[str, Any] | None = None) -> Scenario:
    with transaction.atomic():
        locked = Scenario.objects.select_for_update().get(pk=scenario.pk)
        calculation_run(scenario=locked, user=user, inputs=inputs)
    return locked


def state_of(scenario: Scenario) -> dict[str, Any]:
    """Everything stored of a scenario and its calculations, to see that a refused write left it alone."""
    rows = Scenario.objects.filter(pk=scenario.pk).values()
    return {"scenario": rows.get(), "calculations": list(scenario.calculations.order_by("pk").values())}


def nulls(tree: Any, path: str = "") -> list[str]:
    """The path of every null in a JSON tree; entries of a list go by the path of the list."""
    if tree is None:
        return [path]
    if isinstance(tree, dict):
        return [found for key, value in tree.items() for found in nulls(value, f"{path}.{key}" if path else key)]
    if isinstance(tree, list):
        return [found for value in tree for found in nulls(value, path)]
    return []


def covered(path: str, entries: Mapping[str, Any]) -> bool:
    """Whether ``entries`` has the path or one above it."""
    parts = path.split(".")
    return any(".".join(parts[:count]) in entries for count in range(1, len(parts) + 1))
