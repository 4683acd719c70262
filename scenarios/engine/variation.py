"""Inputs with some values changed: the base of batches, sensitivities and breakevens."""

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from scenarios.engine.fields import Declaration, Kind, declarations
from scenarios.engine.inputs import ScenarioInputs

_STEP = re.compile(r"(\w+)(?:\[(\d+)\])?")


def varied(inputs: ScenarioInputs, values: Mapping[str, Any]) -> ScenarioInputs:
    """``inputs`` with values put at declared paths (``feedstocks[0].price``).

    A value may be an array of shape (cases,), which makes a batch of that many cases. Nothing is checked again.

    Raises:
        LookupError: a path leads nowhere.
    """
    for path, value in values.items():
        inputs = _put(inputs, path, path.split("."), value)
    return inputs


def declared_at(inputs: ScenarioInputs, path: str) -> tuple[Declaration, Any]:
    """The declaration of a leaf and its value in ``inputs``.

    Raises:
        LookupError: the path leads nowhere, or not to a leaf.
    """
    owner: Any = inputs
    *groups, last = path.split(".")
    for step in groups:
        item, index = _step(owner, path, step)
        owner = getattr(owner, item.attribute)
        owner = owner if index is None else owner[index]
    item, index = _step(owner, path, last)
    if index is not None or item.spec.kind in (Kind.GROUP, Kind.ITEMS):
        raise LookupError(f"{path} is not a single input")
    return item, getattr(owner, item.attribute)


def _step(owner: Any, path: str, step: str) -> tuple[Declaration, int | None]:
    """The declaration that one step of a path names, and the place in its list."""
    found = _STEP.fullmatch(step)
    declared: Any = type(owner)
    item = next((item for item in declarations(declared) if found and item.name == found[1]), None)
    if item is None or found is None or (found[2] is not None) != (item.spec.kind is Kind.ITEMS):
        raise LookupError(f"there is no input {path}")
    if found[2] is None:
        return item, None
    if int(found[2]) >= len(getattr(owner, item.attribute)):
        raise LookupError(f"there is no input {path}")
    return item, int(found[2])


def _put(owner: Any, path: str, steps: list[str], value: Any) -> Any:
    item, index = _step(owner, path, steps[0])
    if len(steps) == 1:
        return dataclasses.replace(owner, **{item.attribute: value})
    below = getattr(owner, item.attribute)
    if index is None:
        return dataclasses.replace(owner, **{item.attribute: _put(below, path, steps[1:], value)})
    entries = list(below)
    entries[index] = _put(entries[index], path, steps[1:], value)
    return dataclasses.replace(owner, **{item.attribute: tuple(entries)})
