"""What a share link shows: a project, its scenarios with their results, and these side by side; nobody of its team."""

from typing import Any
from uuid import UUID

from projects.models import Project
from scenarios.engine.fields import camel
from scenarios.models import Scenario
from scenarios.querysets import HEADLINE
from scenarios.services.comparison import scenarios_compare

MOST_SHOWN = 100
_PARTS = ("technoEconomics", "financials", "carbon", "units", "reasons")


def project_shown(*, project_id: UUID) -> dict[str, Any]:
    """The project as anybody may see it who has a link, in wire names; of more scenarios than a hundred the first.

    Raises:
        Project.DoesNotExist: it has been deleted since the link was looked at.
    """
    project = Project.objects.get(pk=project_id)
    scenarios = list(Scenario.objects.filter(project=project).with_result().order_by("order")[:MOST_SHOWN])
    compared = scenarios_compare(scenarios=scenarios)
    for part in ("kpis", "best"):
        compared[part] = {camel(name): compared[part][name] for name in HEADLINE}
    return {
        "project": {
            "name": project.name,
            "description": project.description,
            "stage": project.stage,
            "progress": project.progress,
            "updatedAt": project.updated_at,
        },
        "scenarios": [_scenario(scenario) for scenario in scenarios],
        "comparison": compared,
    }


def _scenario(scenario: Scenario) -> dict[str, Any]:
    run = scenario.calculated
    result = run.result if run else None
    return {
        "id": str(scenario.pk),
        "name": scenario.name,
        "order": scenario.order,
        "status": scenario.status,
        "calculatedAt": run.finished_at if run else None,
        **{part: result[part] if result else None for part in _PARTS},
        "resolvedInputs": run.resolved_inputs if run else None,
    }
