"""How an input is declared: one ``Spec`` in the metadata of a dataclass field says everything there is to say about it.

The API schema, unit conversion, bounds, forms, help and trace all read these declarations; nothing about an input is
written down a second time.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import MISSING, dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

# In a batch an array of one float a case.
type Number = float | NDArray[np.float64]


class Kind(StrEnum):
    NUMBER = "number"
    INTEGER = "integer"
    SERIES = "series"
    CHOICE = "choice"
    TEXT = "text"
    FLAG = "flag"
    GROUP = "group"
    ITEMS = "items"


@dataclass(frozen=True, slots=True)
class Spec:
    """The declaration of one input.

    Attributes:
        kind: what sort of value it takes.
        key: its name among the engine's quantities; parameters of formulas carry this name.
        unit: the unit a bare number is in; ``{utility}`` stands for the unit its utility is counted in,
            ``{incentive}`` for the one that the kind of the incentive is paid in.
        symbol: as written in method.md.
        help: one sentence for the person who fills it in.
        minimum, maximum: inclusive bounds; above, below: exclusive bounds.
        choices: the words a choice may take.
        optional: None is an answer ("not known"); what depends on it is then undefined, with a reason.
        settable: False for values that only master data supply.
        whole: also takes one number for the whole series.
        group: the dataclass of a group, or of each item of a list.
    """

    kind: Kind
    key: str = ""
    unit: str = "1"
    symbol: str = ""
    help: str = ""
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    below: float | None = None
    choices: tuple[str, ...] = ()
    optional: bool = False
    settable: bool = True
    whole: bool = False
    group: Any = None


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declared field: its snake_case name, its name on the wire, its spec and its default (MISSING if none)."""

    attribute: str
    name: str
    wire: str
    spec: Spec
    default: Any


def _declare(spec: Spec, default: Any) -> Any:
    if default is MISSING:
        return dataclasses.field(metadata={"spec": spec})
    return dataclasses.field(default=default, metadata={"spec": spec})


def number(key: str, unit: str, *, default: Any = MISSING, **rest: Any) -> Any:
    """A float, or in a batch an array of one float a case."""
    return _declare(Spec(Kind.NUMBER, key, unit, **rest), default)


def integer(key: str, unit: str, *, default: Any = MISSING, **rest: Any) -> Any:
    return _declare(Spec(Kind.INTEGER, key, unit, **rest), default)


def series(key: str, unit: str, *, default: Any = MISSING, **rest: Any) -> Any:
    """A list of numbers, one a year."""
    return _declare(Spec(Kind.SERIES, key, unit, **rest), default)


def choice(key: str, choices: tuple[str, ...], *, default: Any = MISSING, **rest: Any) -> Any:
    return _declare(Spec(Kind.CHOICE, key, choices=choices, **rest), default)


def text(key: str, *, default: Any = MISSING, **rest: Any) -> Any:
    return _declare(Spec(Kind.TEXT, key, **rest), default)


def flag(key: str, *, default: Any = MISSING, **rest: Any) -> Any:
    return _declare(Spec(Kind.FLAG, key, **rest), default)


def group(declared: type, **rest: Any) -> Any:
    """A nested group; where every one of its fields has a default, so has the group."""
    has_defaults = all(item.default is not MISSING for item in declarations(declared))
    return _declare(Spec(Kind.GROUP, group=declared, **rest), declared() if has_defaults else MISSING)


def items(declared: type, *, default: Any = MISSING, **rest: Any) -> Any:
    """A list of groups of one sort."""
    return _declare(Spec(Kind.ITEMS, group=declared, **rest), default)


def with_utility(unit: str, counted: str) -> str:
    """``unit`` with what a utility is ``counted`` in put in its place; the fine unit of the tonne is the kilogram."""
    if "{" not in unit:
        return unit
    fine = "kg" if counted == "t" else counted
    return unit.replace("{utility-fine}", fine).replace("{utility}", counted)


@lru_cache(maxsize=1024)
def camel(name: str) -> str:
    """The wire name of a declared name: ``load_hours`` is ``loadHours``."""
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)


@lru_cache(maxsize=4096)
def camel_path(path: str) -> str:
    """The wire path of a declared path: ``feedstocks[0].carbon_content`` is ``feedstocks[0].carbonContent``."""
    return ".".join(camel(part) for part in path.split("."))


@cache
def declarations(declared: type) -> tuple[Declaration, ...]:
    """The declared fields of an inputs dataclass, in order."""
    found = []
    for item in dataclasses.fields(declared):
        name = item.name.rstrip("_")  # `yield` is a Python keyword
        found.append(Declaration(item.name, name, camel(name), item.metadata["spec"], item.default))
    return tuple(found)


def walk(declared: type, prefix: str = "") -> Iterator[tuple[str, Declaration]]:
    """Every leaf declaration below ``declared`` with its path; items of a list stand once, as ``feedstocks[]``."""
    for item in declarations(declared):
        path = f"{prefix}{item.name}"
        if item.spec.kind is Kind.GROUP:
            yield from walk(item.spec.group, f"{path}.")
        elif item.spec.kind is Kind.ITEMS:
            yield from walk(item.spec.group, f"{path}[].")
        else:
            yield path, item
