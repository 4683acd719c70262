"""The price of one product at which NPV is zero, after tax (method.md 22).

NPV is piecewise linear in the price: in each year extra income is taxed, or uses up a loss. Newton's step with the
exact slope lands on the root once it is in the right piece; a bracket keeps it from running in circles.
"""

from collections.abc import Callable, Sequence

import numpy as np

from scenarios.engine.formula import Undefined
from scenarios.engine.numeric import Value, maximum, quotient, throughout, total, where

MAX_STEPS = 100
# From this step on every third one halves the bracket: below a rate of zero Newton's may creep.
PATIENCE = 8
FLAT = 1e-6
# A step of this size, relative to the price, is rounding.
SETTLED = 1e-13


def price_without_gain(
    *,
    sold_by_year: Sequence[Value],
    flow_before_tax: Sequence[Value],
    taxable: Sequence[Value],
    discount_factors: Sequence[Value],
    tax_rate: Value,
    loss_rule: str,
    is_tax_late: bool = False,
) -> Value | Undefined:
    """The price at which what the product earns makes up for everything else, tax included.

    Args:
        sold_by_year: what a price of one earns in each year of operation, t times the price index.
        flow_before_tax: the flow over -(m-1) ... N without the product and without tax.
        taxable: income before loss relief by year of operation, without the product.
        discount_factors: as long as ``flow_before_tax``.
        is_tax_late: whether tax is paid a year after it falls due, the last year's never.

    Returns:
        USD/t, a float or one a case; undefined, in a batch NaN, where no price does it.
    """
    factors = discount_factors[len(discount_factors) - len(sold_by_year) :]
    worth_sold = _worth(sold_by_year, factors)
    worth_before_tax = _worth(flow_before_tax, discount_factors)
    # As if every dollar were taxed in its year, which it is where losses are refunded.
    tax_factors = [*factors[1:], 0.0] if is_tax_late else factors
    all_taxed = worth_sold - tax_rate * (_worth(sold_by_year, tax_factors) if is_tax_late else worth_sold)
    needed = tax_rate * _worth(taxable, tax_factors) - worth_before_tax
    price = quotient(needed, all_taxed, "the plant sells none of the product")
    if loss_rule == "refund" or isinstance(price, Undefined):
        return price
    keeps_losses = loss_rule == "carry_forward"

    def gain(price: Value) -> tuple[Value, Value]:
        """NPV, and its slope, at a price.

        The slope is least where every dollar is taxed in its year; only below a rate of zero, where tax grows dearer
        with time, can it be less, and where it all but vanishes that slope keeps the direction.
        """
        worth, taxed_slope = _tax_worth(price, sold_by_year, taxable, tax_factors, keeps_losses)
        value = worth_before_tax + price * worth_sold - tax_rate * worth
        slope = worth_sold - tax_rate * taxed_slope
        return value, where(slope > FLAT * all_taxed, slope, all_taxed)

    # What the outlays alone would ask for: the size that a price is small against.
    size = _worth([abs(flow) for flow in flow_before_tax], discount_factors) / worth_sold
    found = _solve(gain, price, size)
    if isinstance(found, np.ndarray):
        return found
    return found if found == found else Undefined("no price brings NPV to 0")


def _worth(flows: Sequence[Value], factors: Sequence[Value]) -> Value:
    return total([flow * factor for flow, factor in zip(flows, factors, strict=True)])


def _tax_worth(
    price: Value, sold_by_year: Sequence[Value], taxable: Sequence[Value], factors: Sequence[Value], keeps_losses: bool
) -> tuple[Value, Value]:
    """Present value of the income taxed at a price, and its slope in the price."""
    worth: Value = 0.0
    slope: Value = 0.0
    carried: Value = 0.0
    carried_slope: Value = 0.0
    for sold, income, factor in zip(sold_by_year, taxable, factors, strict=True):
        net = income + price * sold + carried
        net_slope = sold + carried_slope
        # One case asks this in each year of each step.
        taxed = (net if net > 0.0 else 0.0) if type(net) is float else maximum(net, 0.0)
        taxed_slope = net_slope * (net > 0)
        worth = worth + taxed * factor
        slope = slope + taxed_slope * factor
        if keeps_losses:
            carried = net - taxed
            carried_slope = net_slope - taxed_slope
    return worth, slope


def _solve(gain: Callable[[Value], tuple[Value, Value]], price: Value, size: Value) -> Value:
    """A root of ``gain``, from a guess; NaN where none is found. ``size`` sets what is small."""
    low: Value = -np.inf
    high: Value = np.inf
    settled: Value = False
    for step in range(MAX_STEPS):
        value, slope = gain(price)
        below = value < 0
        low, high = where(below, price, low), where(below, high, price)
        moved = price - value / slope
        usable = (moved >= low) & (moved <= high)
        if step >= PATIENCE and step % 3 == 0:
            usable = usable & ((high - low == np.inf) | (abs(moved - price) <= SETTLED * (abs(moved) + size)))
        moved = where(usable, moved, (low + high) / 2)
        distance = abs(moved - price)
        price = where(settled, price, moved)
        settled = settled | (distance <= SETTLED * (abs(moved) + size)) | (moved != moved)
        if throughout(settled):
            break
    return where(settled & (abs(price) < np.inf), price, np.nan)
