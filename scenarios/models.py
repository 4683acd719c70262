"""Scenarios of a project, and the calculations that were made of them."""

import uuid

from django.conf import settings
from django.db import models

from projects.models import Project
from scenarios.choices import FINISHED_STATES, CalculationState, ScenarioStatus, Trigger
from scenarios.querysets import HEADLINE, CalculationQuerySet, ScenarioQuerySet
from scenarios.storage import StoredJSON


class Scenario(models.Model):
    """One case of a project: a set of inputs, and the calculation made of them last.

    ``inputs`` are kept as they were sent (wire names, units and all). ``inputs_hash`` stands for the complete inputs
    they amount to, empty while something is missing. ``version`` moves with every change and is what ``If-Match``
    compares.
    """

    my_role: str  # of the user asked for, by ``visible_to``

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # The unique constraint below begins with the project, and serves what an index of its own would.
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="scenarios", db_index=False)
    name = models.CharField(max_length=200)
    order = models.PositiveIntegerField(help_text="Place within the project, from 0.")
    status = models.CharField(max_length=20, choices=ScenarioStatus, default=ScenarioStatus.DRAFT)
    inputs = models.JSONField(decoder=StoredJSON, default=dict)
    inputs_hash = models.CharField(max_length=64, blank=True, default="")
    # Goes with its scenario, never before it: what is shown as calculated has its result.
    current = models.ForeignKey(
        "Calculation", on_delete=models.RESTRICT, null=True, blank=True, related_name="+", editable=False
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="created_scenarios"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        ordering = ["project", "order"]
        indexes = [models.Index("status", name="scenarios_status")]
        constraints = [
            # Deferred, so that a move may pass through a state in which two share a place.
            models.UniqueConstraint(
                fields=["project", "order"], name="scenarios_order_unique", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(condition=models.Q(status__in=ScenarioStatus.values), name="scenarios_status_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def calculated(self) -> "Calculation | None":
        """The calculation of the present inputs, once it has succeeded."""
        return self.current if self.status == ScenarioStatus.CALCULATED else None


def _finite_headline() -> list[models.CheckConstraint]:
    """No KPI column ever holds NaN or infinity; NaN sorts above every number in PostgreSQL."""
    bounds = {"gt": float("-inf"), "lt": float("inf")}
    return [
        models.CheckConstraint(
            condition=models.Q(**{f"{name}__isnull": True})
            | models.Q(**{f"{name}__{test}": bound for test, bound in bounds.items()}),
            name=f"calculations_{name[:40]}_finite",
        )
        for name in HEADLINE
    ]


class Calculation(models.Model):
    """One run of the engine: the only truth about it.

    ``inputs`` is what was sent, ``resolved_inputs`` every value by path with its origin: enough to repeat the run and
    to explain it after the master data have changed. ``failed`` means that the model refused the inputs, ``errored``
    that we broke.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, related_name="calculations", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    trigger = models.CharField(max_length=20, choices=Trigger, default=Trigger.USER)
    state = models.CharField(max_length=20, choices=CalculationState, default=CalculationState.QUEUED)
    inputs = models.JSONField(decoder=StoredJSON)
    resolved_inputs = models.JSONField(decoder=StoredJSON)
    inputs_hash = models.CharField(max_length=64)
    engine_version = models.CharField(max_length=20)
    masterdata_version = models.PositiveBigIntegerField()
    attempt = models.PositiveSmallIntegerField(default=1)
    progress = models.FloatField(default=0)
    queued_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=40, blank=True, default="")
    message = models.CharField(max_length=500, blank=True, default="")
    problems = models.JSONField(decoder=StoredJSON, default=list, blank=True)
    result = models.JSONField(decoder=StoredJSON, null=True, blank=True)
    npv_usd = models.FloatField(null=True, blank=True)
    irr = models.FloatField(null=True, blank=True)
    payback_years = models.FloatField(null=True, blank=True)
    minimum_selling_price_usd_per_t = models.FloatField(null=True, blank=True)
    lcop_usd_per_t = models.FloatField(null=True, blank=True)
    tci_usd = models.FloatField(null=True, blank=True)
    carbon_intensity_g_per_mj = models.FloatField(null=True, blank=True)

    objects = CalculationQuerySet.as_manager()

    class Meta:
        ordering = ["-queued_at"]
        indexes = [
            models.Index("scenario", models.F("queued_at").desc(), name="calculations_scenario_queued"),
            models.Index("scenario", "inputs_hash", "engine_version", name="calculations_reuse"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=CalculationState.values), name="calculations_state_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=CalculationState.SUCCEEDED) | models.Q(result__isnull=False),
                name="calculations_success_has_result",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=FINISHED_STATES) | models.Q(finished_at__isnull=False),
                name="calculations_finished_has_time",
            ),
            *_finite_headline(),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.queued_at:%Y-%m-%d %H:%M}"
