"""The calculations of scenarios, and the keys under which clients ask for them."""

from django.conf import settings
from django.db import models

from scenarios.choices import ACTIVE_STATES, RunState, Trigger
from scenarios.models.run import Run, run_constraints, run_indexes
from scenarios.models.scenario import Scenario
from scenarios.querysets import HEADLINE, CalculationQuerySet
from scenarios.storage import ResultJSON, StoredJSON


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


class Calculation(Run):
    """One run of the engine: the only truth about it.

    ``inputs`` is what was sent, ``resolved_inputs`` every value by path with its origin: enough to repeat the run and
    to explain it after the master data have changed.
    """

    my_role: str  # in the team of its scenario, by ``visible_to``
    position: int | None  # in the queue, from 1, where it was asked for

    claimed_columns = ("scenario_id", "inputs_hash", "resolved_inputs")

    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, related_name="calculations", db_index=False)
    trigger = models.CharField(max_length=20, choices=Trigger, default=Trigger.USER)
    inputs = models.JSONField(decoder=StoredJSON)
    resolved_inputs = models.JSONField(encoder=ResultJSON, decoder=StoredJSON)
    inputs_hash = models.CharField(max_length=64)
    engine_version = models.CharField(max_length=20)
    masterdata_version = models.PositiveBigIntegerField()
    result = models.JSONField(encoder=ResultJSON, decoder=StoredJSON, null=True, blank=True)
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
            *run_indexes("calculations"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["scenario"],
                condition=models.Q(state__in=ACTIVE_STATES),
                name="calculations_one_active_per_scenario",
            ),
            *run_constraints("calculations"),
            models.CheckConstraint(
                condition=~models.Q(state=RunState.SUCCEEDED) | models.Q(result__isnull=False),
                name="calculations_success_has_result",
            ),
            *_finite_headline(),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.queued_at:%Y-%m-%d %H:%M}"


class IdempotencyKey(models.Model):
    """What a client's request for a calculation led to, so that the same request sent again leads to the same.

    ``request_hash`` stands for what was asked. Kept for a day.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.DB_CASCADE, db_index=False)
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    # Not a foreign key: who deletes a scenario need not look for keys that are gone tomorrow.
    calculation = models.UUIDField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_keys_unique")]

    def __str__(self) -> str:
        return self.key
