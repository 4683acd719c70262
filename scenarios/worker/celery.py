"""What workers do when the tasks are with Celery: its own pool of processes, each of them one of our workers."""

import logging
import signal
from datetime import timedelta

from celery.exceptions import OperationalError
from celery.signals import worker_process_init, worker_process_shutdown
from django.db.models.functions import Now

import accounts.tasks  # noqa: F401  so that Celery knows its tasks
from config.celery import app
from config.embedded.processes import end_with_parent
from scenarios import tasks
from scenarios.models import Calculation
from scenarios.services.workers import workers_alive
from scenarios.worker.process import BEAT_S, WorkerProcess, become, current

logger = logging.getLogger(__name__)

_LATE = timedelta(seconds=BEAT_S)


def run(concurrency: int) -> int:
    """Until a signal stops it, as Celery does: SIGTERM or SIGINT finishes what runs. The exit status."""
    ends_with_us = end_with_parent(signal.SIGTERM)

    def begin(**kwargs: object) -> None:
        ends_with_us()
        process = WorkerProcess(on_beat=wake_the_late)
        become(process)
        process.begin()

    worker_process_init.connect(begin, weak=False)
    worker_process_shutdown.connect(_end, weak=False)
    worker = app.Worker(
        concurrency=concurrency, pool="prefork", loglevel="WARNING", without_gossip=True, without_mingle=True,
        without_heartbeat=True, quiet=True,
    )  # fmt: skip
    worker.start()
    return int(worker.exitcode or 0)


def _end(**kwargs: object) -> None:
    process = current()
    process.stopping.set()
    process.end()


def wake_the_late() -> None:
    """Send tasks for runs that are due and waiting, as many as there are workers: theirs may have been lost.

    Each takes runs until none is due, so a few are enough; those too many find nothing to do.
    """
    late = Calculation.objects.due().filter(due_at__lt=Now() - _LATE, queued_at__lt=Now() - _LATE)
    try:
        for pk in list(late.values_list("pk", flat=True)[: workers_alive().count()]):
            tasks.calculate.enqueue(str(pk))
    except OperationalError as error:
        logger.warning("the broker is away, runs wait: %s", error)
