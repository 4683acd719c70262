"""The price of one product at which NPV is zero, after tax (method.md 22).

NPV is piecewise linear in the price: in each year extra income is taxed, or uses up a loss. Newton's step with the
exact slope lands on the root once it is in the right piece; a bracket keeps it from running in circles.
"""

from collections.abc import Sequence

import numpy as np

from scenarios.engine.numeric import Value, is_batch, maximum, minimum, total, where

MAX_STEPS = 100
SETTLED = 1e-12


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
) -> Value:
    """The price that brings the present value of ``cash_flow`` to zero.

    Args:
        price: the price behind the flows given, USD/t.
        sold_by_year: what a price of one earns in each year of operation, t times the price index.
        cash_flow: the flow over -(m-1) ... N at ``price``.
        taxable: income before loss relief by year of operation at ``price``.
        tax: the tax in ``cash_flow``.
        discount_factors: as long as ``cash_flow``.

    Returns:
        USD/t, a float or one a case; NaN where no price does it.
    """
    factors = discount_factors[len(discount_factors) - len(sold_by_year) :]
    worth_sold = total(sold * factor for sold, factor in zip(sold_by_year, factors, strict=True))
    worth_now = total(flow * factor for flow, factor in zip(cash_flow, discount_factors, strict=True))
    worth_tax = total(paid * factor for paid, factor in zip(tax, factors, strict=True))
    before_tax = worth_now + worth_tax

    def gain(change: Value) -> tuple[Value, Value]:
        """NPV and its slope when the price rises by ``change``."""
        worth, slope = _taxed(change, sold_by_year, taxable, factors, tax_rate, loss_rule)
        return before_tax + change * worth_sold - worth, worth_sold - slope

    if loss_rule == "refund" or (isinstance(tax_rate, float) and tax_rate == 0):
        value, slope = gain(worth_sold * 0.0)
        return price - value / slope
    # First guess: every dollar is taxed in its year.
    change = -worth_now / (worth_sold * (1 - tax_rate))
    solve = _solve_batch if is_batch(change) else _solve_case
    return price + solve(gain, change)


def _taxed(
    change: Value,
    sold_by_year: Sequence[Value],
    taxable: Sequence[Value],
    factors: Sequence[Value],
    tax_rate: Value,
    loss_rule: str,
) -> tuple[Value, Value]:
    """Present value of the tax at a price changed by ``change``, and its slope in the price."""
    if loss_rule == "refund":
        rows = list(zip(sold_by_year, taxable, factors, strict=True))
        income_worth = total((income + change * sold) * factor for sold, income, factor in rows)
        return tax_rate * income_worth, tax_rate * total(sold * factor for sold, _, factor in rows)
    worth: Value = 0.0
    slope: Value = 0.0
    carried: Value = 0.0
    carried_slope: Value = 0.0
    for sold, income, factor in zip(sold_by_year, taxable, factors, strict=True):
        net = income + change * sold + carried
        net_slope = sold + carried_slope
        pays = net > 0
        worth = worth + maximum(net, 0.0) * factor
        slope = slope + where(pays, net_slope, 0.0) * factor
        if loss_rule == "carry_forward":
            carried = minimum(net, 0.0)
            carried_slope = where(pays, 0.0, net_slope)
    return tax_rate * worth, tax_rate * slope


def _next(change: Value, value: Value, slope: Value, low: Value, high: Value) -> tuple[Value, Value]:
    """The next change of price and how far it is, relative to its size."""
    moved = change - value / where(slope == 0, 1.0, slope)
    outside = (slope <= 0) | (moved < low) | (moved > high)
    moved = where(outside, (low + high) / 2, moved)
    return moved, abs(moved - change)


def _solve_case(gain, change: float) -> float:  # type: ignore[no-untyped-def]
    low, high = -np.inf, np.inf
    for _ in range(MAX_STEPS):
        value, slope = gain(change)
        low, high = (change, high) if value < 0 else (low, change)
        moved, distance = _next(change, value, slope, low, high)
        if not np.isfinite(moved):
            return float("nan")
        if distance <= SETTLED * (abs(moved) + 1e-9):
            return moved
        change = moved
    return float("nan")


def _solve_batch(gain, change: Value) -> Value:  # type: ignore[no-untyped-def]
    low, high = np.full(change.shape, -np.inf), np.full(change.shape, np.inf)
    settled = np.zeros(change.shape, dtype=bool)
    for _ in range(MAX_STEPS):
        value, slope = gain(change)
        low, high = np.where(value < 0, change, low), np.where(value < 0, high, change)
        with np.errstate(invalid="ignore"):
            moved, distance = _next(change, value, slope, low, high)
        change = np.where(settled, change, moved)
        settled = settled | (distance <= SETTLED * (abs(moved) + 1e-9)) | ~np.isfinite(moved)
        if settled.all():
            return np.where(np.isfinite(change), change, np.nan)
    return np.where(settled, change, np.nan)
