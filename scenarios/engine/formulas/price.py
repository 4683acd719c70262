"""The price of one product at which NPV is zero, after tax (method.md 22).

NPV is piecewise linear in the price: in each year extra income is taxed, or uses up a loss. Newton's step with the
exact slope lands on the root once it is in the right piece; a bracket keeps it from running in circles.
"""

from collections.abc import Callable, Sequence

import numpy as np

from scenarios.engine.formula import Undefined
from scenarios.engine.numeric import Value, maximum, quotient, total, where

MAX_STEPS = 100
# A step of this size, relative to the price, is rounding.
SETTLED = 1e-13


def price_without_gain(
    *,
    price: Value,
    sold_by_year: Sequence[Value],
    cash_flow: Sequence[Value],
    taxable: Sequence[Value],
    tax: Sequence[Value],
    discount_factors: Sequence[Value],
    tax_rate: Value,
    loss_rule: str,
) -> Value | Undefined:
    """The price that brings the present value of ``cash_flow`` to zero.

    Args:
        price: the price behind the flows given, USD/t.
        sold_by_year: what a price of one earns in each year of operation, t times the price index.
        cash_flow: the flow over -(m-1) ... N at ``price``.
        taxable: income before loss relief by year of operation at ``price``.
        tax: the tax in ``cash_flow``.
        discount_factors: as long as ``cash_flow``.

    Returns:
        USD/t, a float or one a case; undefined, in a batch NaN, where no price does it.
    """
    factors = discount_factors[len(discount_factors) - len(sold_by_year) :]
    worth_sold = _worth(sold_by_year, factors)
    worth_now = _worth(cash_flow, discount_factors)
    # As if every dollar were taxed in its year, which it is where losses are refunded.
    all_taxed = worth_sold * (1 - tax_rate)
    change = quotient(-worth_now, all_taxed, "the plant sells none of the product")
    if loss_rule == "refund" or isinstance(change, Undefined):
        return price + change
    before_tax = worth_now + _worth(tax, factors)
    keeps_losses = loss_rule == "carry_forward"

    def gain(change: Value) -> tuple[Value, Value]:
        """NPV, and its slope, when the price rises by ``change``.

        The slope is least where every dollar is taxed in its year; only below a rate of zero, where tax grows dearer
        with time, can it be less, and then a step of the least slope keeps the direction.
        """
        worth, slope = _tax_worth(change, sold_by_year, taxable, factors, keeps_losses)
        return before_tax + change * worth_sold - tax_rate * worth, maximum(worth_sold - tax_rate * slope, all_taxed)

    found = price + _solve(gain, change, abs(price))
    if isinstance(found, np.ndarray):
        return found
    return found if found == found else Undefined("no price brings NPV to 0")


def _worth(flows: Sequence[Value], factors: Sequence[Value]) -> Value:
    return total(flow * factor for flow, factor in zip(flows, factors, strict=True))


def _tax_worth(
    change: Value, sold_by_year: Sequence[Value], taxable: Sequence[Value], factors: Sequence[Value], keeps_losses: bool
) -> tuple[Value, Value]:
    """Present value of the income taxed at a price changed by ``change``, and its slope in the price."""
    worth: Value = 0.0
    slope: Value = 0.0
    carried: Value = 0.0
    carried_slope: Value = 0.0
    for sold, income, factor in zip(sold_by_year, taxable, factors, strict=True):
        net = income + change * sold + carried
        net_slope = sold + carried_slope
        taxed = maximum(net, 0.0)
        taxed_slope = net_slope * (net > 0)
        worth = worth + taxed * factor
        slope = slope + taxed_slope * factor
        if keeps_losses:
            carried = net - taxed
            carried_slope = net_slope - taxed_slope
    return worth, slope


def _solve(gain: Callable[[Value], tuple[Value, Value]], change: Value, price: Value) -> Value:
    """A root of ``gain``, from a guess; NaN where none is found. ``price`` sets what is small."""
    low: Value = -np.inf
    high: Value = np.inf
    settled: Value = False
    for _ in range(MAX_STEPS):
        value, slope = gain(change)
        below = value < 0
        low, high = where(below, change, low), where(below, high, change)
        moved = change - value / slope
        inside = (moved >= low) & (moved <= high)
        moved = where(inside, moved, (low + high) / 2)
        distance = abs(moved - change)
        change = where(settled, change, moved)
        settled = settled | (distance <= SETTLED * (abs(moved) + price)) | (moved != moved)
        if np.all(settled):
            break
    return where(settled & np.isfinite(change), change, np.nan)
