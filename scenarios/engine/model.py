"""The method as one graph, and ``evaluate``: inputs in, every quantity out."""

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

import numpy as np

from scenarios.engine.constants import CONSTANTS
from scenarios.engine.fields import Declaration, Kind, camel_path, declarations, walk
from scenarios.engine.formula import Graph, Undefined, collect
from scenarios.engine.formulas import capital, carbon, cashflow, incentives, mass, operating, returns, schedule
from scenarios.engine.inputs import ScenarioInputs

# Raised whenever a result may differ for the same inputs; stored with every result.
ENGINE_VERSION = "2"


def _may_be_unknown(item: Declaration) -> bool:
    return item.spec.kind is Kind.NUMBER and item.spec.optional


# The keys of the inputs that stand alone, what reads all of them at once, and what those are that may not be known.
_ALONE = {path: item for path, item in walk(ScenarioInputs) if "[]" not in path}
_KEYS = tuple(item.spec.key for item in _ALONE.values())
_read = attrgetter(*_ALONE)
_UNKNOWN = tuple(
    (item.spec.key, Undefined(f"{camel_path(path)} is not known"))
    for path, item in _ALONE.items()
    if _may_be_unknown(item)
)
# Of each list of items the same: its attribute, the keys of a field each, what reads an item, and the uncertain fields.
_ITEMS = tuple(
    (
        group.attribute,
        tuple(item.spec.key for item in declarations(group.spec.group)),
        attrgetter(*(item.attribute for item in declarations(group.spec.group))),
        tuple(item for item in declarations(group.spec.group) if _may_be_unknown(item)),
    )
    for group in declarations(ScenarioInputs)
    if group.spec.kind is Kind.ITEMS
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
    values: dict[str, Any] = dict(zip(_KEYS, _read(inputs), strict=True))
    for key, unknown in _UNKNOWN:
        if values[key] is None:
            values[key] = unknown
    for group, keys, read, uncertain in _ITEMS:
        columns = list(zip(*map(read, getattr(inputs, group)), strict=True)) or [()] * len(keys)
        values.update(zip(keys, columns, strict=True))
        for item in uncertain:
            if any(value is None for value in values[item.spec.key]):
                values[item.spec.key] = tuple(
                    Undefined(f"{group}[{index}].{item.wire} is not known") if value is None else value
                    for index, value in enumerate(values[item.spec.key])
                )
    return values
