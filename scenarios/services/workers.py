"""The processes that take runs from the queue: that they live, and what happens to the runs of those that do not."""

import os
import socket
from datetime import timedelta
from uuid import UUID

from django.db.models import IntegerField, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from scenarios.models import Calculation, Run, Worker
from scenarios.services.execution import calculation_lost
from scenarios.services.idempotency import keys_purge
from scenarios.services.runs import run_renew, runs_expired, runs_held_by

# A worker that has not been seen for this long is not counted on.
UNSEEN = timedelta(seconds=10)
# How long one that is gone stays on record.
RECORDED = timedelta(days=1)


def worker_seen(*, worker: UUID, running: Run | None) -> None:
    """This process lives, as ``worker``, and its lease on what it is ``running`` moves on."""
    if not Worker.objects.filter(pk=worker).update(seen_at=Now(), stopped_at=None):
        Worker.objects.create(id=worker, host=socket.gethostname(), pid=os.getpid())
    if running is not None:
        run_renew(run=running)


def worker_leave(*, worker: UUID) -> None:
    """The worker has stopped in order."""
    Worker.objects.filter(pk=worker).update(stopped_at=Now())


def worker_lost(*, worker: UUID) -> int:
    """What a worker that is known to be dead held is queued again at once; how many runs that were."""
    held = runs_held_by(model=Calculation, worker=worker)
    lost = sum(calculation_lost(calculation=run, expired=False) for run in held)
    worker_leave(worker=worker)
    return lost


def workers_alive() -> QuerySet[Worker]:
    return Worker.objects.filter(stopped_at__isnull=True, seen_at__gt=Now() - UNSEEN)


def workers_counted() -> RawSQL:
    """How many ``workers_alive`` there are, as part of another query."""
    alive = f"""(
        SELECT count(*) FROM "{Worker._meta.db_table}"
        WHERE stopped_at IS NULL AND seen_at > statement_timestamp() - %s
    )"""  # noqa: S608  the name of our own table
    return RawSQL(alive, [UNSEEN], IntegerField())  # noqa: S611


def workers_problem() -> str | None:
    """For /health/ready: without a worker, runs are taken in and kept, and wait."""
    return None if workers_alive().exists() else "none is running, calculations wait"


def runs_recover() -> int:
    """Queue again, or give up, the runs whose workers let the lease pass; how many those were.

    Several may do this at once: each run is compared before it is written.
    """
    return sum(calculation_lost(calculation=run, expired=True) for run in runs_expired(model=Calculation))


def records_purge() -> None:
    """Forget workers long gone and idempotency keys of yesterday."""
    Worker.objects.filter(seen_at__lt=Now() - RECORDED).delete()
    keys_purge()
