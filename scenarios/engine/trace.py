"""Why a number is what it is: the part of the graph below it, with every value, unit and source."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from scenarios.engine.fields import Declaration, camel_path, walk, with_utility
from scenarios.engine.formula import Undefined
from scenarios.engine.incentive import AMOUNT_UNITS
from scenarios.engine.inputs import ScenarioInputs
from scenarios.engine.model import GRAPH
from scenarios.engine.origins import ResolvedValue

_ITEM_NAMES = {
    "feedstock": "feedstock_name",
    "utility": "utility_name",
    "product": "product_name",
    "incentive": "incentive_name",
}


@lru_cache(maxsize=1)
def _declared() -> dict[str, tuple[str, Declaration]]:
    return {item.spec.key: (path, item) for path, item in walk(ScenarioInputs)}


def explain(key: str, values: Mapping[str, Any], origins: Mapping[str, ResolvedValue]) -> dict[str, Any]:
    """The tree below one quantity.

    Args:
        key: a formula of the graph.
        values: what ``evaluate`` gave for one case.
        origins: by path, where each input came from (``Resolution.values``).

    Returns:
        A node {key, kind, name, symbol, formula, unit, source, value, inputs}. A quantity that stands in several places
        is written out in the first and named (``sameAs``) in the others.
    """
    return _Tree(values, origins).node(key)


class _Tree:
    def __init__(self, values: Mapping[str, Any], origins: Mapping[str, ResolvedValue]) -> None:
        self.values = values
        self.origins = origins
        self.seen: set[str] = set()

    def node(self, key: str) -> dict[str, Any]:
        if key in GRAPH.formulas:
            return self.formula(key)
        if key in GRAPH.constants:
            return self.constant(key)
        return self.given(key)

    def formula(self, key: str) -> dict[str, Any]:
        item = GRAPH.formulas[key]
        node: dict[str, Any] = {"key": key, "kind": "formula", "name": item.name, "unit": self.unit(item.unit)}
        node |= self.value(key)
        if key in self.seen:
            return {**node, "sameAs": key}
        self.seen.add(key)
        node |= {"symbol": item.symbol, "formula": item.words, "source": item.source}
        node["inputs"] = [self.node(name) for name in item.inputs]
        return node

    def constant(self, key: str) -> dict[str, Any]:
        item = GRAPH.constants[key]
        return {
            "key": key, "kind": "constant", "name": item.name, "symbol": item.symbol, "unit": item.unit,
            "value": item.value, "origin": "constant", "source": item.source, "confidence": item.confidence,
        }  # fmt: skip

    def given(self, key: str) -> dict[str, Any]:
        path, item = _declared()[key]
        node: dict[str, Any] = {
            "key": key, "kind": "input", "name": item.spec.help, "symbol": item.spec.symbol,
            "unit": self.unit(item.spec.unit),
        }  # fmt: skip
        if "[]" not in path:
            return {**node, "path": camel_path(path), **self.value(key), **self.origin(path)}
        count = len(self.values[key])
        leaves = []
        for index in range(count):
            here = path.replace("[]", f"[{index}]")
            found = self.values[key][index]
            leaf = {"path": camel_path(here), **self.origin(here)}
            if isinstance(found, Undefined):
                leaf |= {"value": None, "reason": found.reason}
            else:
                leaf.setdefault("value", _plain(found))
            leaves.append(leaf)
        return {**node, "path": camel_path(path), "items": leaves}

    def origin(self, path: str) -> dict[str, Any]:
        found = self.origins.get(path)
        if found is None:
            return {"origin": "default"}
        return {
            "origin": found.origin, "source": found.source, "confidence": found.confidence,
            "value": _plain(found.value), "unit": found.unit,
        }  # fmt: skip

    def value(self, key: str) -> dict[str, Any]:
        """The value, by name for quantities by item and by year for series; None with a reason where undefined."""
        found = self.values[key]
        if isinstance(found, Undefined):
            return {"value": None, "reason": found.reason}
        if isinstance(found, tuple) and key in GRAPH.formulas:
            names = self._names_of(key, len(found))
            if names is not None:
                by_name = dict(zip(names, found, strict=True))
                reasons = {name: value.reason for name, value in by_name.items() if isinstance(value, Undefined)}
                values = {name: _plain(value) for name, value in by_name.items()}
                return {"value": values, "reasons": reasons} if reasons else {"value": values}
        return {"value": _plain(found)}

    def unit(self, unit: str) -> str | dict[str, str]:
        """The unit; by name where it depends on what a utility is counted in, or an incentive paid for."""
        if "{" not in unit:
            return unit
        if unit == "{incentive}":
            kinds = zip(self.values["incentive_name"], self.values["incentive_kind"], strict=True)
            return {name: AMOUNT_UNITS[kind] for name, kind in kinds}
        counted = zip(self.values["utility_name"], self.values["utility_unit"], strict=True)
        return {name: with_utility(unit, one) for name, one in counted}

    def _names_of(self, key: str, count: int) -> tuple[str, ...] | None:
        for group, names in _ITEM_NAMES.items():
            if key.startswith(group) and len(self.values[names]) == count:
                return self.values[names]
        names = self.values["product_name"]
        return names if len(names) == count else None


def _plain(value: Any) -> Any:
    """Numbers as JSON knows them; what is not finite is null."""
    if isinstance(value, Undefined):
        return None
    if isinstance(value, np.ndarray):
        return [_plain(float(entry)) for entry in value.ravel() if np.isfinite(entry)]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return None
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value
