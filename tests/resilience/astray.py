"""A worker pool that goes astray. Started by a test, as a program, told how: endless, frozen or slow to begin."""

import os
import signal
import sys
import time
from typing import Any

import django

# What a run that never ends is given three times.
MOST_S = 1.0


def endless(inputs: Any) -> None:
    """Never come back from a plant that runs 40 years."""
    while inputs.finance.lifetime == 40:
        pass


def most_seconds(run: Any) -> float:
    """Others take as long as they need, however slow the machine."""
    return MOST_S if run.resolved_inputs["finance.lifetime"]["value"] == 40 else 120.0


def begin_when_told_to_stop() -> None:
    """Between its fork and the first it does, until SIGTERM has come, which waits for the worker to take signals."""
    while signal.SIGTERM not in signal.sigpending():
        time.sleep(0.01)


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
        Calculation.most_seconds = property(most_seconds)
    if way == "slow":
        pool.end_with_parent = lambda number: begin_when_told_to_stop
    pool.Pool(1, serve).run()


main(sys.argv[1])
