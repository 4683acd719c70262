"""OpenPyTEA's own figures under the convention ``annual_year_zero`` (oracles/openpytea.json)."""

import pytest

from scenarios.engine import evaluate
from scenarios.engine.variation import varied
from tests.engine.cases import calculated, oracle, plain_project, resolved

CASES = oracle("openpytea")["cases"]
METHODS = {"straight_line": "straight_line", "declining_balance": "double_declining", "macrs": "macrs"}


def wire_of_annual(case):
    """FCI 400 MUSD and 20 MUSD of fixed cost a year, whatever the working capital."""
    given = case["inputs"]
    tci = 400e6 * (1 + given["wc_over_fci"])
    method, years = given["depreciation"]
    wire = plain_project(
        capital={"tciReference": tci, "workingCapitalRatio": given["wc_over_fci"] / (1 + given["wc_over_fci"])},
        plant={"capacity": 500_000, "utilisation": given["ramp"] or 1},
        operating={"indirectOpexRatio": 20e6 / tci},
        finance={
            "discountRate": given["rate"], "lifetime": given["lifetime"], "taxRate": given["tax"],
            "constructionShares": given["construction"], "lossRule": "no_offset", "convention": "annual_year_zero",
            "depreciation": {"method": METHODS[method], "years": years},
        },
    )  # fmt: skip
    wire["feedstocks"][0]["price"] = 500
    wire["products"][0]["price"] = given["price_usd_per_kg"] * 1000
    return wire


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_openpyteas_flow_value_and_rate_are_reproduced(case):
    values = calculated(wire_of_annual(case))
    assert values["unlevered_cash_flow_usd"] == pytest.approx(case["cash_flow_usd"], rel=1e-9)
    assert values["unlevered_npv_usd"] == pytest.approx(case["npv_usd"], abs=1e-9 * 400e6)
    assert values["unlevered_irr"] == pytest.approx(case["irr"], abs=1e-9)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_nothing_is_gained_at_the_minimum_price_when_tax_is_late(case):
    inputs = resolved(wire_of_annual(case)).inputs
    price = evaluate(inputs)["minimum_selling_price_usd_per_t"]
    again = evaluate(varied(inputs, {"products[0].price": price}))
    assert abs(again["unlevered_npv_usd"]) <= 1e-9 * again["total_revenue_usd_per_y"]
