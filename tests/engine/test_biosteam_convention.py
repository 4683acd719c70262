"""BioSTEAM's own figures under its set of conventions (oracles/biosteam.json, and B18 of oracles/projects.json)."""

import re

import pytest

from tests.engine.cases import calculated, changed, oracle, plain_project
from tests.engine.test_project_oracles import CASES, METHODS, wire_of

OWN = oracle("biosteam")["cases"]
BIOSTEAM = {"finance": {"convention": "biosteam"}}


def wire_of_own(case):
    """FCI 400 MUSD and 20 MUSD of fixed cost a year, whatever the working capital."""
    given = case["inputs"]
    method, years = re.fullmatch(r"([A-Z]+)(\d+)", given["depreciation"]).groups()
    tci = 400e6 * (1 + given["wc_over_fci"])
    loan = given["loan"] or {"fraction": 0, "interest": 0.08, "years": 10, "accumulate": False}
    wire = plain_project(
        capital={"tciReference": tci, "workingCapitalRatio": given["wc_over_fci"] / (1 + given["wc_over_fci"])},
        plant={"capacity": 500_000},
        operating={
            "indirectOpexRatio": 20e6 / tci,
            "startup": {
                "months": given["startup"]["months"], "salesShare": given["startup"]["sales"],
                "variableShare": given["startup"]["variable"], "fixedShare": given["startup"]["fixed"],
            },
        },
        finance={
            "discountRate": given["rate"], "lifetime": given["lifetime"], "taxRate": given["tax"],
            "constructionShares": given["construction"], "basis": "levered",
            "depreciation": {"method": METHODS[method], "years": int(years)},
            "debt": {
                "share": loan["fraction"], "interest": loan["interest"], "term": loan["years"],
                "constructionInterest": "capitalised" if loan["accumulate"] else "paid",
            },
        },
    )  # fmt: skip
    wire["feedstocks"][0]["price"] = 500
    wire["products"][0]["price"] = given["price_usd_per_kg"] * 1000
    return changed(wire, BIOSTEAM)


@pytest.mark.parametrize("case", OWN, ids=lambda case: case["id"])
def test_biosteams_flow_value_and_price_are_reproduced(case):
    values = calculated(wire_of_own(case))
    assert values["levered_cash_flow_usd"] == pytest.approx(case["cash_flow_usd"], rel=1e-9)
    assert values["levered_npv_usd"] == pytest.approx(case["npv_usd"], abs=1e-9 * 400e6)
    # BioSTEAM stops its own search for the price at 1e-7 USD/kg.
    price = values["minimum_selling_price_usd_per_t"] / 1000
    assert price == pytest.approx(case["min_selling_price_usd_per_kg"], abs=2e-7)


def test_biosteams_double_declining_leaves_a_rest_that_is_never_written_off():
    case, want = CASES["B18"], CASES["B18"]["expected"]
    values = calculated(changed(wire_of(case), BIOSTEAM))
    assert values["unlevered_cash_flow_usd"] == pytest.approx(case["cashflow_usd"], rel=1e-12)
    assert values["unlevered_npv_usd"] == pytest.approx(want["npv_usd"], abs=1e-9 * 400e6)
    assert values["unlevered_irr"] == pytest.approx(want["irr_roots"][0], abs=1e-9)
    price = values["minimum_selling_price_usd_per_t"] / 1000
    assert price == pytest.approx(want["min_selling_price_usd_per_kg"], abs=2e-7)
    assert 1 - sum(values["depreciation_share_by_year"]) == pytest.approx(0.8**10)


def test_without_a_loan_or_double_declining_the_two_sets_agree():
    wire = wire_of(CASES["B05"])
    standard, theirs = calculated(wire), calculated(changed(wire, BIOSTEAM))
    assert standard["unlevered_cash_flow_usd"] == theirs["unlevered_cash_flow_usd"]
