"""The value of one input at which NPV is zero (method.md 23)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scenarios.engine.fields import Kind, Spec
from scenarios.engine.formula import Undefined
from scenarios.engine.inputs import ScenarioInputs
from scenarios.engine.model import evaluate
from scenarios.engine.variation import declared_at, varied

# What may not move alone: the others of its kind would have to follow.
_SHARED = ("feedstocks[", "products[")
_SUMMED = frozenset({"share", "yield"})
# Multiples of the present value that are looked at first, then points between two that differ in sign.
_STEPS = np.concatenate([np.geomspace(1e-6, 1, 120, endpoint=False), np.geomspace(1, 1e6, 121)])
_POINTS = 65
_ROUNDS = 12
_PRECISION = 1e-13


@dataclass(frozen=True, slots=True)
class Breakeven:
    """Where NPV is zero.

    Attributes:
        value: the value nearest to the present one; None where there is none.
        values: every one that was found, ascending.
        reason: why there is none.
    """

    value: float | None
    values: tuple[float, ...]
    reason: str = ""


def breakeven(inputs: ScenarioInputs, path: str) -> Breakeven:
    """The value of the input at ``path`` at which NPV is zero, all else as it is.

    NPV is that of the flow that counts (``finance.basis``). The whole range the input may take is looked at, in
    multiples of its present value.

    Args:
        inputs: one case.
        path: declared path of a number, such as ``feedstocks[0].price`` or ``plant.capacity``.

    Raises:
        LookupError: there is no such input.
        ValueError: it is no number, or one that cannot move alone (shares and yields sum to 1).
    """
    item, present = declared_at(inputs, path)
    spec = item.spec
    if spec.kind not in (Kind.NUMBER, Kind.SERIES) or isinstance(present, tuple) or not spec.settable:
        raise ValueError(f"{path} is not a number that can be varied")
    if path.startswith(_SHARED) and item.name in _SUMMED:
        raise ValueError(f"{path} cannot move alone: it shares a sum with others")
    if present is None:
        return Breakeven(None, (), f"{path} is not known")
    candidates = _candidates(spec, float(present))
    worth = _npv(inputs, path, candidates)
    if not np.isfinite(worth).any():
        return Breakeven(None, (), "NPV is not defined")
    found = _crossings(inputs, path, candidates, worth)
    if not found:
        known = worth[np.isfinite(worth)]
        if np.ptp(known) <= 1e-12 * np.abs(known).max():
            return Breakeven(None, (), f"NPV does not depend on {path}")
        side = "above" if known[0] > 0 else "below"
        return Breakeven(None, (), f"NPV stays {side} zero for every value {path} may take")
    return Breakeven(min(found, key=lambda value: abs(value - present)), tuple(found))


def _candidates(spec: Spec, present: float) -> NDArray[np.float64]:
    """Values across the declared bounds, ascending: multiples of the present one, both signs, zero and the bounds."""
    size = abs(present) or 1.0
    low = spec.minimum if spec.minimum is not None else spec.above
    high = spec.maximum if spec.maximum is not None else spec.below
    low, high = -np.inf if low is None else low, np.inf if high is None else high
    values = np.concatenate([-size * _STEPS, [0.0, present], size * _STEPS, [low, high]])
    inside = np.isfinite(values) & (values >= low) & (values <= high)
    if spec.above is not None:
        inside &= values > spec.above
    if spec.below is not None:
        inside &= values < spec.below
    return np.unique(values[inside])


def _npv(inputs: ScenarioInputs, path: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """NPV at each value, NaN where it has none."""
    key = f"{inputs.finance.basis}_npv_usd"
    found = evaluate(varied(inputs, {path: values}), [key])[key]
    return np.broadcast_to(np.nan if isinstance(found, Undefined) else found, values.shape)


def _crossings(
    inputs: ScenarioInputs, path: str, values: NDArray[np.float64], worth: NDArray[np.float64]
) -> list[float]:
    """Every zero between neighbours of different sign, each narrowed down by a batch of points a round."""
    found = [float(value) for value in values[worth == 0]]
    signs = np.sign(worth)
    for index in np.flatnonzero(signs[:-1] * signs[1:] < 0):
        low, high = values[index], values[index + 1]
        for _ in range(_ROUNDS):
            points = np.linspace(low, high, _POINTS)
            gains = np.sign(_npv(inputs, path, points))
            turn = int(np.flatnonzero(gains != gains[0])[0])
            low, high = points[turn - 1], points[turn]
            if high - low <= _PRECISION * max(abs(low), abs(high)):
                break
        found.append(float((low + high) / 2))
    return sorted(found)
