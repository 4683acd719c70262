"""What can be done with scenarios. Functions take domain objects and keywords, and own their transactions."""

from scenarios.services.calculations import (
    calculation_diff,
    calculation_explain,
    inputs_calculate,
    inputs_preview,
)
from scenarios.services.comparison import scenarios_compare
from scenarios.services.defaults import inputs_examine, inputs_resolve
from scenarios.services.examples import EXAMPLE, example_create
from scenarios.services.queue import (
    Progress,
    QueueState,
    calculation_progress,
    calculations_progress,
    queue_outcomes,
    queue_state,
)
from scenarios.services.running import calculation_cancel, calculation_retry, calculation_run, calculation_start
from scenarios.services.scenarios import (
    scenario_create,
    scenario_delete,
    scenario_draft,
    scenario_duplicate,
    scenario_keep,
    scenario_move,
    scenario_update,
    scenarios_copy,
)
from scenarios.services.sharing import project_shown

__all__ = [
    "EXAMPLE",
    "Progress",
    "QueueState",
    "calculation_cancel",
    "calculation_diff",
    "calculation_explain",
    "calculation_progress",
    "calculation_retry",
    "calculation_run",
    "calculation_start",
    "calculations_progress",
    "example_create",
    "inputs_calculate",
    "inputs_examine",
    "inputs_preview",
    "inputs_resolve",
    "project_shown",
    "queue_outcomes",
    "queue_state",
    "scenario_create",
    "scenario_delete",
    "scenario_draft",
    "scenario_duplicate",
    "scenario_keep",
    "scenario_move",
    "scenario_update",
    "scenarios_compare",
    "scenarios_copy",
]
