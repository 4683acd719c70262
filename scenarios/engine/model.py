"""The method as one graph, and ``evaluate``: inputs in, every quantity out."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from scenarios.engine.constants import CONSTANTS
from scenarios.engine.fields import Declaration, Kind, camel_path, declarations
from scenarios.engine.formula import Graph, Undefined, collect
from scenarios.engine.formulas import capital, carbon, cashflow, mass, operating, returns, schedule
from scenarios.engine.inputs import ScenarioInputs

# Raised whenever a result may differ for the same inputs; stored with every result.
ENGINE_VERSION = "1"


@lru_cache(maxsize=1)
def given_keys() -> tuple[str, ...]:
    """The quantities that are inputs, in the order of their declaration."""
    return tuple(item.spec.key for _, item in _leaves())


@lru_cache(maxsize=1)
def _leaves() -> tuple[tuple[tuple[str, ...], Declaration], ...]:
    """Every leaf with the attributes that lead to it; items of a list count once."""
    found: list[tuple[tuple[str, ...], Declaration]] = []
    for item in declarations(ScenarioInputs):
        if item.spec.group is None:
            found.append(((item.attribute,), item))
            continue
        found += [((item.attribute, *path), leaf) for path, leaf in _below(item.spec.group)]
    return tuple(found)


def _below(declared: type) -> list[tuple[tuple[str, ...], Declaration]]:
    found: list[tuple[tuple[str, ...], Declaration]] = []
    for item in declarations(declared):
        if item.spec.kind is Kind.GROUP:
            found += [((item.attribute, *path), leaf) for path, leaf in _below(item.spec.group)]
        else:
            found.append(((item.attribute,), item))
    return found


GRAPH = Graph(collect(mass, capital, operating, carbon, schedule, cashflow, returns), CONSTANTS, given_keys())


def evaluate(inputs: ScenarioInputs) -> dict[str, Any]:
    """Every quantity of the method by key (formulas, constants and inputs).

    Args:
        inputs: complete inputs; any number may be an array of shape (cases,), and then so is all that follows from it.

    Returns:
        Floats or arrays; tuples by item; lists by year; ``Undefined`` with a reason for what has no value. In a batch
        NaN marks a case without a value. Row i of a batch equals case i alone to the last bit.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return GRAPH.evaluate(flatten(inputs))


def flatten(inputs: ScenarioInputs) -> dict[str, Any]:
    """Input quantities by key; a number that is not known is ``Undefined``, lists of items are tuples."""
    values: dict[str, Any] = {}
    for (head, *path), item in _leaves():
        found = getattr(inputs, head)
        if isinstance(found, tuple):
            values[item.spec.key] = tuple(
                _known(getattr(entry, path[0]), item, f"{head}[{index}].{item.name}")
                for index, entry in enumerate(found)
            )
            continue
        for attribute in path:
            found = getattr(found, attribute)
        values[item.spec.key] = _known(found, item, ".".join((head, *path)))
    return values


def _known(value: Any, item: Declaration, path: str) -> Any:
    if value is None and item.spec.kind is Kind.NUMBER:
        return Undefined(f"{camel_path(path)} is not known")
    return value


def quantity(values: Mapping[str, Any], key: str) -> Any:
    """A quantity, with ``Undefined`` turned to None."""
    found = values[key]
    return None if isinstance(found, Undefined) else found
