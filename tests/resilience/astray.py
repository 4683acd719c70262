"""A worker pool that goes astray. Started by a test, as a program, told how: endless, frozen or slow to begin."""

import os
import signal
import sys
import time
from typing import Any

import django

# Enough for a usual run on a slow machine, and what a run that never ends is given three times.
MOST_S = 4.0
# From a worker's fork to the first it does.
BEGINS_AFTER_S = 1.0


def endless(inputs: Any) -> None:
    """Never come back from a plant that runs 40 years."""
    while inputs.finance.lifetime == 40:
        pass


def frozen(inputs: Any) -> None:
    """Stop the whole process as a machine that hangs, once; it goes on when somebody wakes it."""
    if not _frozen:
        _frozen.append(os.getpid())
        os.kill(os.getpid(), signal.SIGSTOP)


_frozen: list[int] = []


def main(way: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from scenarios.models import Calculation
    from scenarios.services import execution
    from scenarios.worker import pool
    from scenarios.worker.database import serve

    evaluate = execution.evaluate
    go_astray = {"endless": endless, "frozen": frozen, "slow": lambda inputs: None}[way]

    def evaluate_or_not(inputs: Any) -> Any:
        go_astray(inputs)
        return evaluate(inputs)

    execution.evaluate = evaluate_or_not
    if way == "endless":
        Calculation.most_seconds = MOST_S
    if way == "slow":
        pool.end_with_parent = lambda number: lambda: time.sleep(BEGINS_AFTER_S)
    pool.Pool(1, serve).run()


main(sys.argv[1])
