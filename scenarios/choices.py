"""The words of scenarios and calculations."""

from django.db import models


class ScenarioStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    CALCULATING = "calculating", "Calculating"
    CALCULATED = "calculated", "Calculated"
    FAILED = "failed", "Failed"


class CalculationState(models.TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed: the model refused the inputs"
    ERRORED = "errored", "Errored: we broke"
    CANCELLED = "cancelled", "Cancelled"


class Trigger(models.TextChoices):
    USER = "user", "A person or program, over HTTP"
    COMMAND = "command", "A management command"


FINISHED_STATES = (
    CalculationState.SUCCEEDED,
    CalculationState.FAILED,
    CalculationState.ERRORED,
    CalculationState.CANCELLED,
)
