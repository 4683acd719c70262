"""What a worker does all day when the tasks are in the database."""

import logging

from django.db import Error, connection

from config.tasks import Bell, run_next
from scenarios.worker.process import WorkerProcess

logger = logging.getLogger(__name__)

# How long a run can wait that nobody was woken for: one whose task was lost, or whose pause is over.
POLL_S = 1.0
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0


def serve(process: WorkerProcess) -> None:
    """Take tasks, and runs without one, until the process is to stop; outlives the database."""
    bell = Bell()
    pause_s = FIRST_PAUSE_S
    while not process.stopping.is_set():
        try:
            if not run_next() and not process.take_turns():
                bell.wait(POLL_S)
            pause_s = FIRST_PAUSE_S
        except Error as error:
            logger.warning("the database is away, trying again in %.1f s: %s", pause_s, str(error).strip())
            connection.close()
            process.stopping.wait(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
