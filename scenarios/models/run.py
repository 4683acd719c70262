"""The life of a run, whatever it computes, and the processes that run it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from scenarios.choices import FINISHED_STATES, RunState

# Of a run that waits; part of the partial indexes below.
_QUEUED = models.Q(state=RunState.QUEUED)
_RUNNING = models.Q(state=RunState.RUNNING)


class Run(models.Model):
    """What happens to a run from queue to end; only scenarios/services/runs.py writes these columns.

    ``turn`` is its place in a queue that is fair between users, ``due_at`` the earliest start. While it runs,
    ``worker`` holds it until ``lease_until`` and moves that on. ``worker`` and ``attempt`` are the fence: who does not
    hold both any more writes nothing. All times but ``queued_at`` are the database's, which all hosts share.
    ``failed`` means that the model refused the inputs, ``errored`` that we broke.
    """

    ahead: int  # runs that are taken before this one, by ``with_place``

    # The columns that a worker gets of a run it claims.
    claimed_columns: tuple[str, ...] = ()
    # A process that takes longer for one has gone astray.
    most_seconds = 120.0

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    state = models.CharField(max_length=20, choices=RunState, default=RunState.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=1)
    turn = models.PositiveBigIntegerField(default=0)
    progress = models.FloatField(default=0)
    queued_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # Not a foreign key: claiming a run must not touch the row of its worker, and that row may go before the run.
    worker = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=40, blank=True, default="")
    message = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        abstract = True


def run_indexes(prefix: str) -> list[models.Index]:
    """What claiming, queueing fairly, recovering and counting need; the first three hold active runs alone."""
    return [
        models.Index("turn", "queued_at", name=f"{prefix}_turns", condition=_QUEUED),
        models.Index("user", models.F("turn").desc(), name=f"{prefix}_user_turns", condition=_QUEUED),
        models.Index("lease_until", name=f"{prefix}_leases", condition=_RUNNING),
        models.Index("finished_at", name=f"{prefix}_finished", condition=models.Q(finished_at__isnull=False)),
    ]


def run_constraints(prefix: str) -> list[models.BaseConstraint]:
    """A state is one of ours, what runs is held by somebody, and what has ended says when."""
    held = models.Q(worker__isnull=False, lease_until__isnull=False)
    return [
        models.CheckConstraint(condition=models.Q(state__in=RunState.values), name=f"{prefix}_state_known"),
        models.CheckConstraint(condition=~_RUNNING | held, name=f"{prefix}_running_is_held"),
        models.CheckConstraint(
            condition=~models.Q(state__in=FINISHED_STATES) | models.Q(finished_at__isnull=False),
            name=f"{prefix}_finished_has_time",
        ),
    ]


class Worker(models.Model):
    """One process that takes runs from the queue; alive while ``seen_at`` keeps moving."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    stopped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"
