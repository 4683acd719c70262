"""Scenarios of a project."""

import uuid
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models

from projects.models import Project
from scenarios.choices import ScenarioStatus
from scenarios.querysets import ScenarioQuerySet
from scenarios.storage import StoredJSON

if TYPE_CHECKING:
    from scenarios.models.calculation import Calculation


class Scenario(models.Model):
    """One case of a project: a set of inputs, and the calculation made of them last.

    ``inputs`` are kept as they were sent (wire names, units and all). ``inputs_hash`` stands for the complete inputs
    they amount to, empty while something is missing. ``version`` moves with every change and is what ``If-Match``
    compares. The status is ``calculating`` exactly while one of the calculations is queued or running; ``current`` is
    then an earlier result of the present inputs, if there is one.
    """

    my_role: str  # of the user asked for, by ``visible_to``
    masterdata_version: int  # at the time it was locked, by ``locked_scenario``
    # Name and inputs as they were read or last saved, for whoever saves it next to say what has changed.
    known: tuple[str, Any]

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

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **kwargs: Any) -> Self:
        row = super().from_db(db, field_names, values, **kwargs)
        read = row.__dict__
        if "inputs" in read and "name" in read:
            row.known = read["name"], read["inputs"]
        return row

    @property
    def calculated(self) -> "Calculation | None":
        """The calculation of the present inputs, once it has succeeded."""
        return self.current if self.status == ScenarioStatus.CALCULATED else None
