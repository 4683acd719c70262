"""Measures of a cash flow (method.md 19-21): present value, rates of return, payback.

The functions with a list of flows are for other programs and for one case; the formulas of the method use the same
arithmetic on lists of years whose entries may be arrays of one float a case.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenarios.engine.numeric import Value, is_batch, maximum, power, running, where
from scenarios.engine.roots import rates_of_return

UNIQUE, NONE, MULTIPLE = "unique", "none", "multiple"


@dataclass(frozen=True, slots=True)
class RateOfReturn:
    """An internal rate of return.

    Attributes:
        value: the rate; None where there is none, or where several are meaningful.
        status: ``unique``, ``none`` or ``multiple``.
        roots: every real rate above -1, ascending.
    """

    value: float | None
    status: str
    roots: tuple[float, ...]


def net_present_value(cash_flows: Sequence[float], rate: float, reference_index: int = 0) -> float:
    """Value of yearly flows in the year of ``cash_flows[reference_index]``: sum CF_t / (1+r)^(t - reference).

    Args:
        cash_flows: one flow a year, undiscounted.
        rate: discount rate a year, above -1.
        reference_index: the position of the year the value refers to.

    Raises:
        ValueError: no flows, flows or a rate that are not finite, a rate of -1 or less, or a reference outside the
            flows.

    >>> round(net_present_value([-1000, 300, 300, 300, 300, 300], 0.1), 6)
    137.236031
    """
    flows = _finite(cash_flows)
    if not 0 <= reference_index < len(flows):
        raise ValueError("there must be flows, and the reference must be one of them")
    factors = discount_factors(rate, before=reference_index, after=len(flows) - 1 - reference_index)
    return running([flow * factor for flow, factor in zip(flows, factors, strict=True)])[-1]


def _finite(cash_flows: Sequence[float]) -> list[float]:
    flows = [float(flow) for flow in cash_flows]
    if not all(math.isfinite(flow) for flow in flows):
        raise ValueError("cash flows must be finite numbers")
    return flows


def discount_factors(rate: Value, *, before: int, after: int) -> list[Value]:
    """(1+r)^-t for t from ``-before`` to ``after``, by repeated multiplication.

    Raises:
        ValueError: a rate of -1 or less, or one that is not finite.
    """
    if not (-1 < rate < math.inf if not is_batch(rate) else np.all((rate > -1) & (rate < math.inf))):
        raise ValueError("a discount rate must be a finite number above -1")
    growth = 1 + rate
    step = 1 / growth
    factors: list[Value] = [1.0]
    for _ in range(before):
        factors.insert(0, factors[0] * growth)
    for _ in range(after):
        factors.append(factors[-1] * step)
    return factors


def internal_rate_of_return(cash_flows: Sequence[float]) -> RateOfReturn:
    """All rates at which the flows are worth nothing, and the one that counts.

    One root is the answer. Of several, the answer is the only one that is not negative; where two or more are, or all
    are negative, there is no single answer and ``value`` is None. Scaling the flows changes nothing.

    Raises:
        ValueError: flows that are not finite.

    >>> internal_rate_of_return([-1000, 3600, -4310, 1716]).status
    'multiple'
    """
    return rate_of_return(rates_of_return(_finite(cash_flows))[:, 0].tolist())


def rate_of_return(rates: Sequence[float]) -> RateOfReturn:
    """The rate that counts among all ``rates`` at which flows are worth nothing; NaN among them is none."""
    roots = tuple(rate for rate in rates if math.isfinite(rate))
    if not roots:
        return RateOfReturn(None, NONE, ())
    if len(roots) == 1:
        return RateOfReturn(roots[0], UNIQUE, roots)
    gains = [rate for rate in roots if rate >= 0]
    return RateOfReturn(gains[0] if len(gains) == 1 else None, MULTIPLE, roots)


def payback_years(cash_flows: Sequence[float], rate: float | None = None) -> float | None:
    """Years from the first flow until the cumulative flow is back at zero for good, linear inside the year.

    Args:
        cash_flows: one flow a year.
        rate: discounts the flows first.

    Returns:
        The last upward crossing of zero; 0 if the cumulative flow never was below; None if it ends below, or there
        are no flows.

    Raises:
        ValueError: flows or a rate that are not finite, a rate of -1 or less.

    >>> payback_years([-1000, 250, 250, 250, 250, 250])
    4.0
    """
    flows = _finite(cash_flows)
    if not flows:
        return None
    if rate is not None:
        factors = discount_factors(rate, before=0, after=len(flows) - 1)
        flows = [flow * factor for flow, factor in zip(flows, factors, strict=True)]
    years = last_crossing(running(flows), first_year=0)
    return None if np.isnan(years) else float(years)


def last_crossing(cumulative: Sequence[Value], *, first_year: int) -> Value:
    """When cumulative flows last rise through zero: years from year 0, NaN where they end below zero."""
    if not is_batch(cumulative[-1]):
        return _last_crossing_of_case(cumulative, first_year)
    years: Value = 0.0
    below = [worth < 0 for worth in cumulative]
    for index in range(1, len(cumulative)):
        before, now = cumulative[index - 1], cumulative[index]
        crosses = below[index - 1] > below[index]
        if not is_batch(crosses):
            if crosses:
                years = (first_year + index - 1) + before / (before - now)
        elif crosses.any():
            gap = where(crosses, before - now, -1.0)
            years = where(crosses, (first_year + index - 1) + before / gap, years)
    return where(cumulative[-1] >= 0, years, float("nan"))


def _last_crossing_of_case(cumulative: Sequence[float], first_year: int) -> float:
    if not cumulative[-1] >= 0:
        return float("nan")
    for index in range(len(cumulative) - 1, 0, -1):
        before, now = cumulative[index - 1], cumulative[index]
        if before < 0 and not now < 0:
            return (first_year + index - 1) + before / (before - now)
    return 0.0


def modified_rate_of_return(cash_flows: Sequence[Value], rate: Value) -> Value:
    """The rate that turns outflows, discounted at ``rate``, into inflows, compounded at ``rate`` (MIRR).

    NaN where nothing is spent or nothing is earned.
    """
    periods = len(cash_flows) - 1
    factors = discount_factors(rate, before=0, after=periods)
    worths = [flow * factor for flow, factor in zip(cash_flows, factors, strict=True)]
    spent, earned = _sums_by_sign(worths)
    possible = (spent > 0) & (earned > 0)
    ratio = where(possible, earned, 1.0) / where(possible, spent, 1.0)
    grown = (1 + rate) * power(ratio, 1 / max(periods, 1)) - 1
    return where(possible, grown, float("nan"))


def _sums_by_sign(worths: Sequence[Value]) -> tuple[Value, Value]:
    """What is below zero, without its sign, and what is above."""
    spent: Value = 0.0
    earned: Value = 0.0
    if is_batch(*worths):
        for worth in worths:
            spent = spent + maximum(-worth, 0.0)
            earned = earned + maximum(worth, 0.0)
        return spent, earned
    for worth in worths:
        if worth > 0:
            earned = earned + worth
        elif worth < 0:
            spent = spent - worth
    return spent, earned
