"""Roots of cash flows: that they are roots, that none is missing, and what does not change them."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from scenarios.engine.metrics import internal_rate_of_return, net_present_value
from scenarios.engine.roots import rates_of_return
from tests.engine.strategies import conventional_flows, floats, flows, whole_flows


def roots_by_sturm(cash_flows: list[float]) -> int:
    """How many distinct rates above -1 there are: distinct positive roots in 1/(1+r), counted without rounding."""
    ascending = [Fraction(flow) for flow in cash_flows]
    while ascending and ascending[0] == 0:
        ascending.pop(0)
    chain = [_trimmed(ascending[::-1])]
    if len(chain[0]) < 2:
        return 0
    degree = len(chain[0]) - 1
    chain.append(_trimmed([coefficient * (degree - i) for i, coefficient in enumerate(chain[0][:-1])]))
    while len(chain[-1]) > 1:
        rest = _remainder(chain[-2], chain[-1])
        if not rest:
            break
        chain.append([-coefficient for coefficient in rest])
    at_zero = [polynomial[-1] for polynomial in chain]
    at_infinity = [polynomial[0] for polynomial in chain]
    return _variations(at_zero) - _variations(at_infinity)


def _trimmed(descending: list[Fraction]) -> list[Fraction]:
    while descending and descending[0] == 0:
        descending = descending[1:]
    return descending


def _remainder(dividend: list[Fraction], divisor: list[Fraction]) -> list[Fraction]:
    rest = list(dividend)
    while len(rest) >= len(divisor):
        factor = rest[0] / divisor[0]
        for index, coefficient in enumerate(divisor):
            rest[index] -= factor * coefficient
        rest.pop(0)
    return _trimmed(rest)


def _variations(values: list[Fraction]) -> int:
    signs = [value > 0 for value in values if value != 0]
    return sum(a != b for a, b in pairwise(signs))


def worth_and_magnitude(cash_flows: list[float], rate: float) -> tuple[Fraction, Fraction]:
    """Present value without rounding, and the sum of the magnitudes that make it up."""
    step = 1 / (1 + Fraction(rate))
    terms = [Fraction(flow) * step**year for year, flow in enumerate(cash_flows)]
    return sum(terms, Fraction(0)), sum(map(abs, terms), Fraction(0))


@given(flows)
def test_flows_are_worth_nothing_at_every_root(cash_flows):
    for rate in internal_rate_of_return(cash_flows).roots:
        worth, magnitude = worth_and_magnitude(cash_flows, rate)
        # A rate near -1 is a double, so 1 + r has lost the digits that 1/(1+r) needs.
        resolution = 1e-12 / min(1.0, 1 + rate)
        assert abs(worth) <= resolution * len(cash_flows) * magnitude


@given(whole_flows | flows.map(lambda found: found[:10]))
@example([1.0, -2.0, 1.0])
@example([-1.0, 4.0, -5.0, 2.0])
@example([1.0, -4.0, 6.0, -4.0, 1.0])
@example([-4.0, 12.0, -9.0])
@example([1.0, 0.0, 0.0, -3.0, 2.0])
def test_no_root_is_missing_and_none_is_made_up(cash_flows):
    assert len(internal_rate_of_return(cash_flows).roots) == roots_by_sturm(cash_flows)


@given(st.lists(floats(-0.9, 3), min_size=1, max_size=5, unique=True))
def test_rates_a_flow_was_made_from_are_found(rates):
    """Flows (x - x1)(x - x2)... in x = 1/(1+r), from rates that lie apart."""
    rates = sorted(rates)
    discounts = [1 / (1 + rate) for rate in rates]
    assume(all(a / b > 1.2 for a, b in pairwise(discounts)))
    cash_flows = np.polynomial.polynomial.polyfromroots(discounts).tolist()
    assert internal_rate_of_return(cash_flows).roots == pytest.approx(rates, abs=1e-6)


@given(flows, st.integers(-300, 300))
def test_a_change_of_currency_by_powers_of_two_changes_no_bit(cash_flows, power):
    scaled = [flow * 2.0**power for flow in cash_flows]
    assert internal_rate_of_return(scaled) == internal_rate_of_return(cash_flows)


@given(conventional_flows, st.integers(-12, 12))
def test_a_change_of_currency_leaves_the_rate_alone(cash_flows, power):
    scaled = internal_rate_of_return([flow * 10.0**power for flow in cash_flows])
    assert scaled.value == pytest.approx(internal_rate_of_return(cash_flows).value, rel=1e-9, abs=1e-12)


@given(conventional_flows, st.integers(0, 6), st.integers(0, 12))
def test_years_without_flows_leave_the_rate_alone(cash_flows, leading, trailing):
    padded = internal_rate_of_return([0.0] * leading + cash_flows + [0.0] * trailing)
    assert padded.value == pytest.approx(internal_rate_of_return(cash_flows).value, rel=1e-9, abs=1e-12)


@given(conventional_flows, floats(-0.5, 1), floats(0.001, 1))
def test_present_value_falls_with_the_rate_and_crosses_zero_at_the_one_root(cash_flows, rate, more):
    found = internal_rate_of_return(cash_flows)
    first = next(index for index, flow in enumerate(cash_flows) if flow > 0)
    values = [net_present_value(cash_flows, at, reference_index=first) for at in (rate, rate + more)]
    assert values[0] > values[1]
    assert found.status == "unique"
    for at, value in zip((rate, rate + more), values, strict=True):
        if abs(at - found.value) > 1e-9 * (1 + found.value):
            assert (value > 0) == (at < found.value)


@given(st.lists(flows, min_size=1, max_size=12), st.integers(1, 20))
def test_a_row_of_a_batch_has_the_bits_of_the_case_alone(rows, years):
    table = np.array([(row + [0.0] * years)[:years] for row in rows])
    together = rates_of_return(list(table.T))
    for index, row in enumerate(table):
        alone = rates_of_return(row.tolist())[:, 0]
        found = together[:, index]
        assert found[np.isfinite(found)].tolist() == alone[np.isfinite(alone)].tolist()


@pytest.mark.parametrize("flow", [np.nan, np.inf, -np.inf])
def test_a_row_that_is_not_finite_has_no_rate_and_spoils_no_other(flow):
    columns = [np.array([-1.0, -1.0]), np.array([flow, 0.5]), np.array([1.5, 1.5])]
    found = rates_of_return(columns)
    assert np.isnan(found[:, 0]).all()
    assert found[0, 1] == rates_of_return([-1.0, 0.5, 1.5])[0, 0]


@pytest.mark.parametrize(("growth", "years"), [(2.0, 60), (1.5, 100), (3.0, 30)])
def test_the_first_years_of_a_flow_that_grows_for_long_are_not_taken_for_rounding(growth: float, years: int) -> None:
    first, outlay = 705e6, 448e6
    rate = internal_rate_of_return([-outlay, *(first * growth**year for year in range(years))])
    # (g/(1+r)) sums to a geometric series; with so many years the rate lies where its ratio is all but reached.
    ratio = growth / (1 + rate.value)
    assert rate.status == "unique"
    assert first / growth * ratio * (1 - ratio**years) / (1 - ratio) == pytest.approx(outlay, rel=1e-9)
