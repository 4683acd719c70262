"""The method as one graph, and ``evaluate``: inputs in, every quantity out."""

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

import numpy as np

from scenarios.engine.constants import CONSTANTS
from scenarios.engine.fields import Declaration, Kind, camel_path, walk
from scenarios.engine.formula import Graph, Undefined, collect
from scenarios.engine.formulas import capital, carbon, cashflow, incentives, mass, operating, returns, schedule
from scenarios.engine.inputs import ScenarioInputs

# Raised whenever a result may differ for the same inputs; stored with every result.
ENGINE_VERSION = "2"


def _is_number(item: Declaration) -> bool:
    return item.spec.kind is Kind.NUMBER


# Every input by key, with the function that reads it; for the items of a list, the list and what reads one item.
_ALONE = tuple(
    (item.spec.key, attrgetter(path), Undefined(f"{camel_path(path)} is not known") if _is_number(item) else None)
    for path, item in walk(ScenarioInputs)
    if "[]" not in path
)
_BY_ITEM = tuple(
    (item.spec.key, path.partition("[]")[0], attrgetter(item.attribute), item)
    for path, item in walk(ScenarioInputs)
    if "[]" in path
)

_FORMULAS = collect(mass, capital, operating, carbon, incentives, schedule, cashflow, returns)
GRAPH = Graph(_FORMULAS, CONSTANTS, [item.spec.key for _, item in walk(ScenarioInputs)])


def evaluate(inputs: ScenarioInputs, wanted: Iterable[str] | None = None) -> dict[str, Any]:
    """The quantities of the method by key (formulas, constants and inputs).

    Args:
        inputs: complete inputs; any number may be an array of shape (cases,), and then so is all that follows from it.
        wanted: keys of formulas; only they and what leads to them are computed. All of them by default.

    Returns:
        Floats or arrays; tuples by item; lists by year; ``Undefined`` with a reason for what has no value. In a batch
        NaN marks a case without a value. Row i of a batch equals case i alone to the last bit.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return GRAPH.evaluate(flatten(inputs), wanted)


def flatten(inputs: ScenarioInputs) -> dict[str, Any]:
    """Input quantities by key; a number that is not known is ``Undefined``, lists of items are tuples."""
    values: dict[str, Any] = {}
    for key, read, unknown in _ALONE:
        value = read(inputs)
        values[key] = unknown if value is None and unknown is not None else value
    for key, group, read, item in _BY_ITEM:
        found = tuple(map(read, getattr(inputs, group)))
        if _is_number(item) and any(value is None for value in found):
            found = tuple(
                Undefined(f"{group}[{index}].{item.wire} is not known") if value is None else value
                for index, value in enumerate(found)
            )
        values[key] = found
    return values
