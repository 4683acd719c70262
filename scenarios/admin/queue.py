"""The queue as operators look at it when users ask why nothing happens."""

from typing import Any

from scenarios.models import Calculation, Worker
from scenarios.services import queue_outcomes, queue_state
from scenarios.services.workers import workers_alive

# Of each kind; the list of all calculations has the rest.
SHOWN = 50


def queue_context() -> dict[str, Any]:
    """What the page shows: a fixed number of queries, however long the queue."""
    alive = list(workers_alive())
    names = {worker.pk: str(worker) for worker in alive}
    pending = Calculation.objects.active().for_operators().order_by("-state", "turn", "queued_at")[:SHOWN]
    return {
        "title": "Queue",
        "state": queue_state(),
        "outcomes": queue_outcomes(),
        "alive": alive,
        "last_seen": None if alive else Worker.objects.order_by("-seen_at").first(),
        "pending": [(run, names.get(run.worker, "") if run.worker else "") for run in pending],
        "wrong": Calculation.objects.gone_wrong().for_operators()[:SHOWN],
        "shown": SHOWN,
    }
