"""Inputs from a stored resolution: the same values by path, without asking any defaults again."""

from collections.abc import Mapping
from dataclasses import MISSING
from typing import Any

from scenarios.engine.fields import Kind, camel_path, declarations
from scenarios.engine.inputs import ScenarioInputs
from scenarios.engine.origins import ResolvedValue
from scenarios.engine.resolution import Resolution


def rebuild(values: Mapping[str, ResolvedValue]) -> Resolution:
    """The resolution that gave ``values``, keyed by wire path (``feedstocks[0].carbonContent``).

    Raises:
        LookupError: a value is missing that has no default; the stored inputs are those of another engine.
    """
    found: dict[str, ResolvedValue] = {}
    return Resolution(_group(ScenarioInputs, "", values, found), found)


def _group(declared: type, prefix: str, values: Mapping[str, ResolvedValue], found: dict[str, ResolvedValue]) -> Any:
    arguments: dict[str, Any] = {}
    for item in declarations(declared):
        path = prefix + item.name
        if item.spec.kind is Kind.GROUP:
            arguments[item.attribute] = _group(item.spec.group, f"{path}.", values, found)
        elif item.spec.kind is Kind.ITEMS:
            arguments[item.attribute] = _items(item.spec.group, path, values, found)
        elif (stored := values.get(camel_path(path))) is not None:
            found[path] = stored._replace(path=path)
            arguments[item.attribute] = stored.value
        elif item.default is MISSING:
            raise LookupError(f"the stored inputs have no {camel_path(path)}")
    return declared(**arguments)


def _items(
    declared: type, path: str, values: Mapping[str, ResolvedValue], found: dict[str, ResolvedValue]
) -> tuple[Any, ...]:
    name = declarations(declared)[0].wire
    made: list[Any] = []
    while f"{camel_path(path)}[{len(made)}].{name}" in values:
        made.append(_group(declared, f"{path}[{len(made)}].", values, found))
    return tuple(made)
