"""Arithmetic that serves one case (floats) and a batch (arrays of one float a case) with the same bits.

Formulas are written with + - * / and the functions here. IEEE 754 gives those four the same result in Python and in
numpy; whatever is not one of them goes through numpy in both cases, so that row i of a batch equals case i alone.
"""

from collections.abc import Iterable
from itertools import accumulate
from typing import Any

import numpy as np

from scenarios.engine.formula import Undefined

# A float or an array; formulas are also run on quantities with units by the dimension test.
type Value = Any


def is_batch(*values: Value) -> bool:
    for value in values:  # noqa: SIM110  asked a hundred times in each calculation, and any() takes twice as long
        if isinstance(value, np.ndarray):
            return True
    return False


def maximum(a: Value, b: Value) -> Value:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.maximum(a, b)
    return a if a > b else b


def minimum(a: Value, b: Value) -> Value:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.minimum(a, b)
    return a if a < b else b


def where(condition: Value, a: Value, b: Value) -> Value:
    if isinstance(condition, np.ndarray):
        return np.where(condition, a, b)
    return a if condition else b


def throughout(condition: Value) -> bool:
    """Whether it holds in every case."""
    return bool(condition.all()) if isinstance(condition, np.ndarray) else bool(condition)


def quotient(a: Value, b: Value, reason: str) -> Value | Undefined:
    """``a / b`` for a ``b`` that has no meaning unless above zero: else undefined for ``reason``, NaN in a batch."""
    if isinstance(a, Undefined):
        return a
    if isinstance(b, Undefined):
        return b
    if isinstance(b, np.ndarray):
        return np.where(b > 0, a / b, np.nan)
    return Undefined(reason) if b <= 0 else a / b


def verdict(holds: Value, measured: Value) -> Value | Undefined:
    """Whether something ``holds`` of what was ``measured``: a flag, in a batch 1.0 or 0.0; NaN decides nothing."""
    if isinstance(measured, np.ndarray):
        return np.where(measured == measured, holds, np.nan)
    return holds if measured == measured else Undefined("the number is too large to be judged")


def provided(value: Value, holds: Value, measured: Value) -> Value | Undefined:
    """``value`` where something ``holds`` of what was ``measured``, else 0 of its kind; NaN decides nothing."""
    judged = verdict(holds, measured)
    if isinstance(judged, Undefined):
        return judged
    return where(judged != judged, measured, where(judged == 1, value, value * 0.0))


def power(base: Value, exponent: Value) -> Value:
    """``base ** exponent`` for a real exponent."""
    if is_batch(base, exponent):
        return np.power(base, exponent)
    return float(np.power(base, exponent))


def expm1(x: Value) -> Value:
    return np.expm1(x) if isinstance(x, np.ndarray) else float(np.expm1(x))


def log1p(x: Value) -> Value:
    return np.log1p(x) if isinstance(x, np.ndarray) else float(np.log1p(x))


def total(values: Iterable[Value]) -> Value:
    """The sum from left to right, rounded at each step, which Python's own is not; 0.0 for nothing."""
    rest = iter(values)
    result: Value = next(rest, 0.0)
    for value in rest:
        result = result + value
    return result


def running(values: Iterable[Value]) -> list[Value]:
    """Cumulative sums from left to right."""
    return list(accumulate(values))


def scaled(value: Value, share: Value) -> Value:
    """``value * share``, without the work where the share is exactly 1."""
    if type(share) is float and share == 1.0:
        return value
    return value * share
