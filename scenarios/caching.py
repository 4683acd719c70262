"""What changes of scenarios outdate."""

from config.cache.rows import outdates, row_tag
from scenarios.models import Scenario


def scenario_tag(key: object) -> str:
    """One scenario, with its status and its current result."""
    return row_tag("scenario", key)


def scenarios_tag(project_id: object) -> str:
    """All scenarios of a project: which there are, their order, and what is listed of each."""
    return row_tag("scenarios", project_id)


def connect() -> None:
    outdates(Scenario, lambda scenario: (scenario_tag(scenario.pk), scenarios_tag(scenario.project_id)))
