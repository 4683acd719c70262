"""Formulas with names, and the graph they make.

A formula is a plain function whose parameters carry the names of the quantities it reads: inputs, constants or other
formulas. Its own name is the quantity it gives. The graph that follows from the names computes results and answers
"why" with the same functions, so the two cannot disagree.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from types import ModuleType
from typing import Any


@dataclass(frozen=True, slots=True)
class Undefined:
    """A quantity that has no value, and why. Arithmetic with it gives it back, so the first reason survives."""

    reason: str

    # numpy leaves arithmetic with an array to the methods below.
    __array_ufunc__ = None

    def _same(self, *_: object) -> "Undefined":
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _same
    __truediv__ = __rtruediv__ = __pow__ = __rpow__ = __neg__ = _same


@dataclass(frozen=True, slots=True)
class Constant:
    """A fixed number with its unit and source."""

    key: str
    value: float
    unit: str
    name: str
    source: str
    symbol: str = ""
    confidence: str = "confirmed"


@dataclass(frozen=True, slots=True)
class Formula:
    """A named function of the method.

    Attributes:
        key: the quantity it gives; the name of the function.
        inputs: the quantities it reads; the names of its parameters.
        name, symbol, words, unit, source: what the trace shows of it.
        accepts_undefined: whether it wants to see undefined inputs rather than be undefined with them.
    """

    key: str
    function: Callable[..., Any]
    inputs: tuple[str, ...]
    name: str
    symbol: str
    words: str
    unit: str
    source: str
    accepts_undefined: bool = False


def formula(
    name: str, unit: str, words: str, *, source: str, symbol: str = "", accepts_undefined: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a function as a formula of the method; it stays callable as it is."""

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        inputs = tuple(inspect.signature(function).parameters)
        found = Formula(function.__name__, function, inputs, name, symbol, words, unit, source, accepts_undefined)
        function.formula = found  # type: ignore[attr-defined]
        return function

    return declare


def collect(*modules: ModuleType) -> tuple[Formula, ...]:
    """The formulas the modules define, in their order."""
    return tuple(
        member.formula
        for module in modules
        for member in vars(module).values()
        if hasattr(member, "formula") and member.__module__ == module.__name__
    )


class Graph:
    """Formulas, constants and the names of given quantities, put in an order in which each finds what it reads.

    Raises:
        LookupError: a formula reads what nothing gives, or formulas go round in a circle.
    """

    def __init__(self, formulas: Iterable[Formula], constants: Iterable[Constant], given: Iterable[str]) -> None:
        self.formulas = {item.key: item for item in formulas}
        self.constants = {item.key: item for item in constants}
        self._values = {key: item.value for key, item in self.constants.items()}
        ordered = _ordered(self.formulas, {*self._values, *given})
        self._order = tuple(item.key for item in ordered)
        self._steps = {
            item.key: (item.key, item.function, _getter(item.inputs), item.accepts_undefined) for item in ordered
        }
        self._needed = lru_cache(maxsize=64)(self._steps_below)

    def _steps_below(self, wanted: frozenset[str]) -> tuple[Any, ...]:
        """The steps that lead to the quantities wanted, in order.

        Raises:
            LookupError: one of them is no formula.
        """
        if unknown := wanted - self.formulas.keys():
            raise LookupError(f"there is no formula {', '.join(sorted(unknown))}")
        needed, waiting = set(wanted), list(wanted)
        while waiting:
            below = {key for key in self.formulas[waiting.pop()].inputs if key in self.formulas} - needed
            needed |= below
            waiting += below
        return tuple(self._steps[key] for key in self._order if key in needed)

    def evaluate(self, given: Mapping[str, Any], wanted: Iterable[str] | None = None) -> dict[str, Any]:
        """Quantities by key, the given ones and constants among them: all, or those wanted and what leads to them."""
        values = {**self._values, **given}
        steps = self._steps.values() if wanted is None else self._needed(frozenset(wanted))
        for key, function, arguments_of, accepts_undefined in steps:
            arguments = arguments_of(values)
            if not accepts_undefined:
                for argument in arguments:
                    if type(argument) is Undefined:
                        values[key] = argument
                        break
                else:
                    values[key] = function(*arguments)
            else:
                values[key] = function(*arguments)
        return values


def _ordered(formulas: Mapping[str, Formula], known: set[str]) -> list[Formula]:
    ordered: list[Formula] = []
    waiting = list(formulas.values())
    while waiting:
        ready = [item for item in waiting if known.issuperset(item.inputs)]
        if not ready:
            item = waiting[0]
            missing = ", ".join(key for key in item.inputs if key not in known)
            raise LookupError(f"{item.key} reads {missing}, which nothing gives before it")
        ordered += ready
        known.update(item.key for item in ready)
        waiting = [item for item in waiting if item.key not in known]
    return ordered


def _getter(keys: tuple[str, ...]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    if len(keys) == 1:
        (only,) = keys
        return lambda values: (values[only],)
    return itemgetter(*keys)
