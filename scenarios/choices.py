"""The words of scenarios and calculations."""

from django.db import models


class ScenarioStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    CALCULATING = "calculating", "Calculating"
    CALCULATED = "calculated", "Calculated"
    FAILED = "failed", "Failed"


class RunState(models.TextChoices):
    """Of a calculation, and of whatever else is computed in the background."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed: the model refused the inputs"
    ERRORED = "errored", "Errored: we broke"
    CANCELLED = "cancelled", "Cancelled"


class Trigger(models.TextChoices):
    USER = "user", "A person or program, over HTTP"
    COMMAND = "command", "A management command"
    OPERATOR = "operator", "An operator, who had it tried again"


ACTIVE_STATES = (RunState.QUEUED, RunState.RUNNING)
FINISHED_STATES = (
    RunState.SUCCEEDED,
    RunState.FAILED,
    RunState.ERRORED,
    RunState.CANCELLED,
)
