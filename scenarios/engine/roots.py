"""All internal rates of return of a cash flow: the real roots above -1 of sum CF_t / (1+r)^t.

With x = 1/(1+r) they are the positive roots of the polynomial whose coefficients are the flows. Roots with r >= 0 lie
in (0, 1]; the others are the roots below 1 of the reversed polynomial in y = 1 + r. Both are sought in the unit
interval, where powers cannot overflow.

One change of sign means exactly one root (Descartes); it is found by a safeguarded Newton step on the logarithm of
later over earlier flows against log x, whose slope is at least 1 everywhere. More changes are taken down one at a
time: (t - s) c_t, the coefficients of d/dx (x^-s p) up to a power of x, flips the signs below exponent s and so has
one change less; between its roots x^-s p is monotone and has at most one root.

Flows come as a list of years, each a float or an array of one float a case; the arithmetic is the same for both.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenarios.engine.numeric import Value, is_batch

type Array = NDArray[np.float64]

MAX_STEPS = 200
# After a Newton step of this relative size the next one would be below rounding.
SETTLED = 1e-8
# A flow below this share of the greatest before it is rounding, not money. Later ones do not count: in a flow that
# grows for long the first years are small and yet decide the rate.
NOISE = 8 * float(np.finfo(float).eps)
TINY = 1e-300
_START = 0.85
WORTH_KEEPING = 0.7


def rates_of_return(flows: Sequence[Value]) -> Array:
    """Every rate above -1 at which the flows have no net present value.

    Args:
        flows: years; floats, or arrays of shape (cases,).

    Returns:
        Shape (roots, cases), ascending along the first axis and padded with NaN; cases is 1 for floats.
    """
    if not is_batch(*flows):
        return _rates_of_case(tuple(map(float, flows)))
    columns = _columns(flows)
    greatest = np.zeros(len(columns[0]))
    for index, column in enumerate(columns):
        greatest = np.maximum(greatest, np.abs(column))
        columns[index] = _without_noise(column, NOISE * greatest)
    changes = _count_changes(columns)
    once, often = changes == 1, np.flatnonzero(changes > 1)
    if once.all():
        return single_rate(columns)[np.newaxis]
    found = np.full((1, len(changes)), np.nan)
    if once.any():
        found[0, once] = single_rate([column[once] for column in columns])
    if len(often):
        found = _with_several(found, often, np.stack([column[often] for column in columns]))
    return found


def _without_noise(column: Array, limit: Array) -> Array:
    money = np.abs(column) > limit
    return column if money.all() else np.where(money, column, 0.0)


def _count_changes(columns: Sequence[Array]) -> NDArray[np.int64]:
    """How often the flows of each case change sign; years without a flow do not count."""
    last = np.sign(columns[0])
    changes = np.zeros(last.shape, dtype=np.int64)
    for column in columns[1:]:
        sign = np.sign(column)
        changes += sign * last < 0
        last = np.where(sign == 0, last, sign)
    return changes


def _with_several(found: Array, members: NDArray[np.int64], table: Array) -> Array:
    """``found`` with the rates of the ``members``, whose flows stand in ``table`` and change sign more than once."""
    patterns, group_of = np.unique(np.sign(table), axis=1, return_inverse=True)
    for index in range(patterns.shape[1]):
        group = np.flatnonzero(group_of.ravel() == index)
        rates = _several(table[:, group], patterns[:, index])
        if rates.shape[0] > found.shape[0]:
            padding = np.full((rates.shape[0] - found.shape[0], found.shape[1]), np.nan)
            found = np.concatenate([found, padding])
        found[: rates.shape[0], members[group]] = rates
    return found


def single_rate(flows: Sequence[Value]) -> Value:
    """The rate of flows that change sign exactly once: a float, or shape (cases,)."""
    if not is_batch(*flows):
        return _single_rate_of_case([float(flow) for flow in flows])
    columns = _columns(flows)
    balance, first = _balance_and_first(columns)
    ahead = balance * np.sign(first) <= 0
    if ahead.all():
        return _solve_cases(columns, positive=True)
    rate = np.empty(len(balance))
    for positive in (True, False):
        chosen = ahead == positive
        if chosen.any():
            rate[chosen] = _solve_cases([column[chosen] for column in columns], positive=positive)
    return rate


def _columns(flows: Sequence[Value]) -> list[Array]:
    shape = np.broadcast_shapes(*(np.shape(flow) for flow in flows))
    return [np.broadcast_to(np.asarray(flow, dtype=float), shape) for flow in flows]


# Without a loan the project's flow and the owners' are the same, and much of what changes in a scenario moves neither.
@lru_cache(maxsize=1024)
def _rates_of_case(flows: tuple[float, ...]) -> Array:
    """Of flows that are equal the same array, which cannot be written to; the sign of a zero makes no difference."""
    greatest, kept, turns, last = 0.0, [], 0, 0.0
    for flow in flows:
        size = abs(flow)
        if size > greatest:
            greatest = size
        if size > NOISE * greatest:
            kept.append(flow)
            turns += flow > 0 if last < 0 else flow < 0 and last > 0
            last = flow
        else:
            kept.append(0.0)
    if turns == 0:
        rates = np.full((1, 1), np.nan)
    elif turns == 1:
        rates = np.array([[_single_rate_of_case(kept)]])
    else:
        rates = _several(np.array(kept)[:, np.newaxis], np.sign(kept))
    rates.flags.writeable = False
    return rates


def _changes(pattern: Array) -> list[float]:
    """Between which years the sign changes: half-way exponents."""
    years = np.flatnonzero(pattern)
    turns = np.flatnonzero(pattern[years][1:] != pattern[years][:-1])
    return [(years[turn] + years[turn + 1]) / 2 for turn in turns]


def _balance_and_first(columns: Sequence[Value]) -> tuple[Value, Value]:
    """The sum of the flows, from the first year on, and the first flow that is not zero."""
    balance = columns[0]
    first = columns[0]
    for column in columns[1:]:
        balance = balance + column
        first = np.where(first == 0, column, first)
    return balance, first


def _single_rate_of_case(flows: list[float]) -> float:
    balance = flows[0]
    for flow in flows[1:]:
        balance = balance + flow
    first = next(flow for flow in flows if flow != 0)
    positive = balance * math.copysign(1.0, first) <= 0
    ordered = flows if positive else flows[::-1]
    early, late = _split_case(ordered)
    x, low, high = _START, 0.0, 1.0
    for _ in range(MAX_STEPS):
        x, low, high, step = _step(early, late, x, low, high, _pick)
        if step < SETTLED:
            break
    return 1 / x - 1 if positive else x - 1


def _split_case(flows: list[float]) -> tuple[list[float | None], list[float | None]]:
    """Magnitudes of the flows before and after the change of sign; None where a list holds nothing that year."""
    first = next(flow for flow in flows if flow != 0)
    side = math.copysign(1.0, first)
    early = [abs(flow) if flow * side > 0 else None for flow in flows]
    late = [abs(flow) if flow * side < 0 else None for flow in flows]
    return _trimmed(early), _trimmed(late)


def _split_cases(columns: Sequence[Array]) -> tuple[list[Array | None], list[Array | None]]:
    _, first = _balance_and_first(columns)
    side = np.sign(first)
    early: list[Array | None] = []
    late: list[Array | None] = []
    for column in columns:
        signed = column * side
        none_early, none_late = signed.max() <= 0, signed.min() >= 0
        early.append(None if none_early else (signed if none_late else np.maximum(signed, 0.0)))
        late.append(None if none_late else (-signed if none_early else np.maximum(-signed, 0.0)))
    return _trimmed(early), _trimmed(late)


def _trimmed(values: list[Any]) -> list[Any]:
    """Without the empty years at the end, which add nothing to a sum."""
    while values and values[-1] is None:
        values.pop()
    return values


def _solve_cases(columns: Sequence[Array], *, positive: bool) -> Array:
    early, late = _split_cases(columns if positive else columns[::-1])
    cases = len(columns[0])
    result, active, going = np.empty(cases), np.arange(cases), np.ones(cases, dtype=bool)
    x, low, high = np.full(cases, _START), np.zeros(cases), np.ones(cases)
    for _ in range(MAX_STEPS):
        moved, low, high, step = _step(early, late, x, low, high, np.where)
        x = np.where(going, moved, x)
        going &= step >= SETTLED
        # Cases that have settled are carried along until it pays to leave them out.
        if going.sum() < WORTH_KEEPING * len(x):
            result[active] = x
            early = [None if value is None else value[going] for value in early]
            late = [None if value is None else value[going] for value in late]
            active, x, low, high = active[going], x[going], low[going], high[going]
            going = going[going]
        if not len(active):
            break
    result[active] = x
    return 1 / result - 1 if positive else result - 1


def _pick(condition: bool, a: float, b: float) -> float:
    return a if condition else b


def _step(
    early: list[Any], late: list[Any], x: Value, low: Value, high: Value, choose: Any
) -> tuple[Value, Value, Value, Value]:
    """One Newton step in log x on log(late/early), inside a bracket; also the relative size of the step.

    log and exp stand as their first Pade approximants, 2(B-A)/(B+A) and (2+d)/(2-d): exact where it matters, at the
    root, bounded elsewhere, and made of arithmetic that gives Python and numpy the same bits.
    """
    before, before_slope = _weighted_sums(early, x)
    after, after_slope = _weighted_sums(late, x)
    slope = after_slope / (after + TINY) - before_slope / (before + TINY)
    gap = 2 * (after - before) / (after + before + TINY)
    below = gap < 0
    low, high = choose(below, x, low), choose(below, high, x)
    change = -gap / choose(slope > 0.5, slope, 0.5)
    change = choose(change > 1, 1.0, choose(change < -1, -1.0, change))
    moved = x * (2 + change) / (2 - change)
    size = abs(change)
    usable = (size < SETTLED) | ((moved > low) & (moved < high))
    return choose(usable, moved, (low + high) / 2), low, high, choose(usable, size, 1.0)


def _weighted_sums(magnitudes: list[Any], x: Value) -> tuple[Value, Value]:
    """sum m_t x^t and sum t m_t x^t by Horner's rule; a year without a magnitude only multiplies."""
    value, slope = magnitudes[-1], 0.0
    for magnitude in magnitudes[-2::-1]:
        slope = slope * x + value
        value = value * x if magnitude is None else value * x + magnitude
    return value, slope * x


def _several(table: Array, pattern: Array) -> Array:
    """Rates of cases that share a pattern of several changes of sign; shape (roots, cases), NaN where there is none."""
    above = _unit_roots(table, pattern, _changes(pattern))
    reversed_pattern = pattern[::-1]
    below = _unit_roots(table[::-1], reversed_pattern, _changes(reversed_pattern))
    below[below >= 1.0] = np.nan
    rates = np.sort(np.concatenate([below - 1, 1 / above - 1]), axis=0)  # NaN last
    kept = int(np.isfinite(rates).sum(axis=0).max(initial=0))
    return rates[: max(kept, 1)]


def _unit_roots(table: Array, pattern: Array, changes: list[float]) -> Array:
    """Roots in (0, 1] of polynomials that share a sign pattern; shape (len(changes), cases), padded with NaN."""
    cases = table.shape[1]
    if not changes:
        return np.full((0, cases), np.nan)
    exponents = np.arange(len(pattern), dtype=float)[:, np.newaxis]
    weights = exponents - changes[0]
    turning = _unit_roots(table * weights, pattern * np.sign(weights[:, 0]), changes[1:])
    bounds = np.concatenate(
        [np.zeros((1, cases)), np.nan_to_num(np.sort(turning, axis=0), nan=1.0), np.ones((1, cases))]
    )
    first_sign = pattern[np.flatnonzero(pattern)[0]]
    signs = np.concatenate([np.full((1, cases), first_sign), [_sign_at(table, bound) for bound in bounds[1:]]])
    roots = np.full((len(bounds) - 1, cases), np.nan)
    for index in range(len(bounds) - 1):
        low, high = bounds[index], bounds[index + 1]
        at_end = (signs[index + 1] == 0) & (high > low)
        roots[index, at_end] = high[at_end]
        crossing = np.flatnonzero(signs[index] * signs[index + 1] < 0)
        if len(crossing):
            roots[index, crossing] = _bracketed(table[:, crossing], low[crossing], high[crossing])
    return roots


def _sign_at(table: Array, x: Array) -> Array:
    """The sign of the polynomial, 0 where its value is within rounding of none."""
    value, _ = _weighted_sums(list(table), x)
    magnitude, _ = _weighted_sums(list(np.abs(table)), x)
    return np.where(np.abs(value) <= NOISE * magnitude, 0.0, np.sign(value))


def _bracketed(table: Array, low: Array, high: Array) -> Array:
    """The one root between ``low`` and ``high``: Newton steps that stay inside, halving otherwise."""
    rows = list(table)
    x = (low + high) / 2
    end_value, _ = _weighted_sums(rows, high)
    rising = end_value > 0
    settled = np.zeros(len(x), dtype=bool)
    for _ in range(MAX_STEPS):
        value, slope = _weighted_sums(rows, x)
        below = (value < 0) == rising
        low, high = np.where(below & ~settled, x, low), np.where(below | settled, high, x)
        with np.errstate(divide="ignore", invalid="ignore"):
            moved = x - value * x / slope
        usable = (moved > low) & (moved < high)
        moved = np.where(usable, moved, (low + high) / 2)
        now = (np.abs(moved - x) <= 4e-16 * x) | (value == 0)
        x = np.where(settled | (value == 0), x, moved)
        settled = settled | now
        if settled.all():
            break
    return x
