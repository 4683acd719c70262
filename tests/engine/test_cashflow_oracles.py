"""Measures of raw cash flows against answers found with 50 digits (oracles/cashflows.json)."""

import numpy as np
import pytest

from scenarios.engine.metrics import internal_rate_of_return, net_present_value, payback_years
from tests.engine.cases import oracle

CASES = oracle("cashflows")["cases"]
SCALES = [10.0**power for power in range(-12, 13, 3)]

each_case = pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])


def status_of(roots: list[float]) -> str:
    return {0: "none", 1: "unique"}.get(len(roots), "multiple")


@each_case
def test_present_value_agrees_with_the_oracle(case):
    found = net_present_value(case["cashflows"], case["discount_rate"])
    assert found == pytest.approx(case["canonical"]["npv"], rel=1e-9, abs=1e-9 * np.abs(case["cashflows"]).sum())


@each_case
@pytest.mark.parametrize("scale", SCALES)
def test_every_rate_of_return_agrees_whatever_the_currency_is_counted_in(case, scale):
    want = case["canonical"]
    found = internal_rate_of_return([flow * scale for flow in case["cashflows"]])
    assert found.roots == pytest.approx(want["irr_all"], abs=1e-9)
    assert found.status == status_of(want["irr_all"])
    assert found.value == (None if want["irr"] is None else pytest.approx(want["irr"], abs=1e-9))


@each_case
@pytest.mark.parametrize(("leading", "trailing"), [(0, 1), (0, 7), (1, 0), (5, 0), (3, 4)])
def test_years_without_flows_before_and_after_leave_the_rates_alone(case, leading, trailing):
    found = internal_rate_of_return([0.0] * leading + case["cashflows"] + [0.0] * trailing)
    assert found.roots == pytest.approx(case["canonical"]["irr_all"], abs=1e-9)


@each_case
@pytest.mark.parametrize("scale", SCALES)
def test_payback_is_the_last_rise_through_zero(case, scale):
    flows, want = [flow * scale for flow in case["cashflows"]], case["canonical"]
    for rate, key in ((None, "payback_last"), (case["discount_rate"], "discounted_payback_last")):
        found = payback_years(flows, rate)
        assert found == (None if want[key] is None else pytest.approx(want[key], abs=1e-9)), key


@each_case
def test_reference_year_moves_present_value_by_the_growth_between(case):
    flows, rate = case["cashflows"], case["discount_rate"]
    from_first, from_third = net_present_value(flows, rate), net_present_value(flows + [0.0] * 3, rate, 2)
    assert from_third == pytest.approx(from_first * (1 + rate) ** 2, rel=1e-12, abs=1e-15 * np.abs(flows).sum())


def test_several_rates_give_no_answer_unless_one_alone_is_a_gain():
    two_gains = internal_rate_of_return([-1000.0, 3600.0, -4310.0, 1716.0])
    one_gain = internal_rate_of_return([-1000, 400, 400, 400, 200, 200, -1200, 500, 500, 500, -300])
    assert (two_gains.value, two_gains.status) == (None, "multiple")
    assert one_gain.status == "multiple"
    assert one_gain.value == one_gain.roots[1] > 0 > one_gain.roots[0]


def test_flows_of_nothing_and_no_flows_have_no_rate():
    assert internal_rate_of_return([]).status == "none"
    assert internal_rate_of_return([0.0]).status == "none"
    assert internal_rate_of_return([5.0]).roots == ()
    assert payback_years([]) is None


@pytest.mark.parametrize(
    "measure", [internal_rate_of_return, payback_years, lambda flows: net_present_value(flows, 0.1)]
)
@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_flows_that_are_not_finite_are_refused(measure, bad):
    with pytest.raises(ValueError, match="finite"):
        measure([-1.0, bad, 3.0])


@pytest.mark.parametrize(
    ("flows", "rate", "reference"), [([], 0.1, 0), ([1.0], 0.1, 1), ([1.0], 0.1, -1), ([1.0, 2.0], -1.0, 0)]
)
def test_present_value_refuses_what_it_cannot_refer_to(flows, rate, reference):
    with pytest.raises(ValueError, match=r"must be"):
        net_present_value(flows, rate, reference)


@pytest.mark.parametrize("rate", [float("nan"), float("inf")])
def test_present_value_refuses_a_rate_that_is_not_finite(rate):
    with pytest.raises(ValueError, match="rate"):
        net_present_value([-1.0, 2.0], rate)
