"""What all web processes share: made once, before the first of them is forked, instead of by each on first use.

A web process is replaced now and then; what each made anew cost as much as a thousand cached answers.
"""

import gc
from collections.abc import Callable

from django.urls import get_resolver

COLLECTED_AFTER = 10_000

_steps: list[Callable[[], object]] = []


def register(step: Callable[[], object]) -> None:
    """Have ``step`` done before web processes are forked. It opens no connection. Call from ready()."""
    _steps.append(step)


def preload() -> None:
    """Import every view, and do what the apps have registered."""
    get_resolver().reverse_dict  # noqa: B018  filled from the views on first use
    for step in _steps:
        step()
    settle_memory()


def settle_memory() -> None:
    """What stays for good is not looked through again: a collection would copy these pages into every process.

    A page or a run makes thousands of objects and next to no cycles: looked for after every 700 of them, as is the
    default, these took 6 to 9 % of its processor time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECTED_AFTER)
