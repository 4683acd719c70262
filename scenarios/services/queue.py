"""How a run stands in the queue, and how the queue stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Min, Q
from django.db.models.functions import Now
from django.utils import timezone

from scenarios.choices import FINISHED_STATES, RunState
from scenarios.models import Calculation, Scenario
from scenarios.services.runs import MOST_ATTEMPTS
from scenarios.services.workers import workers_alive, workers_counted

NO_WORKER = "No worker is running: your run waits and is kept."


@dataclass(frozen=True, kw_only=True)
class Progress:
    """``position``: 1 for the next to be taken, None once it runs. ``workers``: how many processes take runs now."""

    calculation: Calculation
    position: int | None
    workers: int
    message: str

    @property
    def progress(self) -> float:
        """The fraction that is done, 0 to 1."""
        return self.calculation.progress


def calculation_progress(*, scenario: Scenario) -> Progress | None:
    """Why a scenario is still being calculated, or None when it is not; one query."""
    return calculations_progress(scenarios=[scenario.pk]).get(scenario.pk)


def calculations_progress(*, scenarios: Iterable[UUID]) -> dict[UUID, Progress]:
    """The same for those of several scenarios that are being calculated, by scenario; one query."""
    runs = Calculation.objects.filter(scenario__in=list(scenarios)).active().for_progress().with_place()
    return {run.scenario_id: _progress(run, run.workers) for run in runs.annotate(workers=workers_counted())}


def _progress(run: Calculation, workers: int) -> Progress:
    position = run.ahead + 1 if run.state == RunState.QUEUED else None
    message = _message(run, position, workers)
    return Progress(calculation=run, position=position, workers=workers, message=message)


def _message(run: Calculation, position: int | None, workers: int) -> str:
    if position is None:
        return run.message if run.attempt == 1 else f"{run.message} Attempt {run.attempt} of {MOST_ATTEMPTS}."
    if not workers:
        why = NO_WORKER
    elif run.due_at > timezone.now():
        why = run.message
    elif position == 1:
        why = "Next to be calculated."
    else:
        why = f"{position - 1} {'run is' if position == 2 else 'runs are'} calculated before this one."
    return f"{run.message} {why}" if run.attempt > 1 and why != run.message else why


@dataclass(frozen=True, kw_only=True)
class QueueState:
    """The queue as operators see it. ``oldest_queued_at`` is None when nothing waits; counts are of all users."""

    queued: int
    running: int
    delayed: int
    oldest_queued_at: datetime | None
    finished_last_minute: int
    workers: int


def queue_state() -> QueueState:
    """Three queries, each over an index of active or just finished runs."""
    queued = Q(state=RunState.QUEUED)
    counts = Calculation.objects.active().aggregate(
        queued=Count("pk", filter=queued),
        running=Count("pk", filter=Q(state=RunState.RUNNING)),
        delayed=Count("pk", filter=queued & Q(due_at__gt=Now())),
        oldest_queued_at=Min("queued_at", filter=queued),
    )
    recent = Calculation.objects.filter(finished_at__gt=Now() - timedelta(minutes=1)).count()
    return QueueState(**counts, finished_last_minute=recent, workers=workers_alive().count())


def queue_outcomes() -> dict[str, int]:
    """How many runs of the last day ended in which state; one query over the index of finished runs."""
    ended = Calculation.objects.filter(finished_at__gt=Now() - timedelta(days=1))
    counted = dict(ended.order_by().values_list("state").annotate(n=Count("*")))
    return {state.value: counted.get(state, 0) for state in FINISHED_STATES}
