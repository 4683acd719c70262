"""Whole projects computed by BioSTEAM 2.54 (oracles/projects.json), under the default conventions."""

import re

import pytest

from tests.engine.cases import calculated, changed, oracle, plain_project

CASES = {case["id"]: case for case in oracle("projects")["cases"]}
DEFAULT = [case for case in CASES.values() if "convention" not in case]
METHODS = {"SL": "straight_line", "MACRS": "macrs", "DDB": "double_declining", "SYD": "sum_of_years_digits"}


def wire_of(case):
    """The oracle's project: FCI is given there, TCI = FCI + working capital here."""
    given = case["inputs"]
    method, years = re.fullmatch(r"([A-Z]+)(\d+)", given["depreciation"]).groups()
    working_capital = given.get("WC_over_FCI", 0.0)
    tci = given["fixed_capital_investment_usd"] * (1 + working_capital)
    tonnes = given["feedstock_and_product_kg_per_yr"] / 1000
    wire = plain_project(
        capital={"tciReference": tci, "workingCapitalRatio": working_capital / (1 + working_capital)},
        plant={"capacity": tonnes},
        operating={"indirectOpexRatio": given["fixed_opex_usd_per_yr"] / tci},
        finance={
            "discountRate": given["IRR"],
            "lifetime": given["duration"][1] - given["duration"][0],
            "taxRate": given["income_tax"],
            "constructionShares": given["construction_schedule"],
            "depreciation": {"method": METHODS[method], "years": int(years)},
        },
    )
    wire["feedstocks"][0]["price"] = given["feedstock_usd_per_kg"] * 1000
    wire["products"][0]["price"] = given["product_price_usd_per_kg"] * 1000
    return wire


@pytest.mark.parametrize("case", DEFAULT, ids=lambda case: case["id"])
def test_project_agrees(case):
    values, want = calculated(wire_of(case)), case["expected"]
    building = len(case["inputs"]["construction_schedule"]) - 1
    fci = case["inputs"]["fixed_capital_investment_usd"]
    assert values["unlevered_cash_flow_usd"] == pytest.approx(case["cashflow_usd"], rel=1e-12)
    exponents = [year - building for year in range(len(case["cashflow_usd"]))]
    assert case["discount_exponents"] == exponents
    assert values["discount_factors"] == pytest.approx([(1 + case["inputs"]["IRR"]) ** -t for t in exponents])
    assert values["unlevered_npv_usd"] == pytest.approx(want["npv_usd"], abs=1e-9 * fci)
    roots = values["unlevered_irr_roots"].ravel()
    assert roots[roots == roots] == pytest.approx(want["irr_roots"], abs=1e-9)
    price = values["minimum_selling_price_usd_per_t"] / 1000
    # BioSTEAM stops its own search for the price at 1e-7 USD/kg.
    assert price == pytest.approx(want["min_selling_price_usd_per_kg"], abs=2e-7)


@pytest.mark.parametrize("case", DEFAULT, ids=lambda case: case["id"])
def test_payback_counts_from_the_end_of_construction(case):
    """The oracle counts from the first construction year."""
    values, building = calculated(wire_of(case)), len(case["inputs"]["construction_schedule"]) - 1
    for key in ("payback_years", "discounted_payback_years"):
        want, found = case["expected"][f"{key}_from_first_construction_year"], values[f"unlevered_{key}"]
        if want is None:
            assert found.reason == "the cumulative flow ends below zero"
        else:
            assert found == pytest.approx(want - building, abs=1e-9)


def test_a_project_that_only_loses_has_no_rate_of_return():
    values = calculated(wire_of(CASES["B16"]))
    assert values["unlevered_irr"].reason == "no rate above -100 % makes the flows worth nothing"


def test_double_declining_changes_to_straight_line_and_ends_at_zero():
    """BioSTEAM never changes, so that (1 - 2/10)^10 = 10.7 % of FCI stays: its flow is lower in the late years."""
    case = CASES["B18"]
    values = calculated(wire_of(case))
    fci, shares = 400e6, values["depreciation_share_by_year"]
    assert sum(values["depreciation_by_year_usd"]) == pytest.approx(fci, rel=1e-12)
    never_changed = [0.2 * 0.8**year for year in range(10)]
    assert shares[:6] == pytest.approx(never_changed[:6], rel=1e-12)
    assert shares[6:10] == pytest.approx([0.8**6 / 4] * 4, rel=1e-12)
    assert shares[10:] == [0.0] * 10
    saved = [0.25 * fci * (ours - theirs) for ours, theirs in zip(shares[:10], never_changed, strict=True)]
    theirs = case["cashflow_usd"]
    ours = [*theirs[:1], *(flow + tax for flow, tax in zip(theirs[1:11], saved, strict=True)), *theirs[11:]]
    assert values["unlevered_cash_flow_usd"] == pytest.approx(ours, rel=1e-12)
    assert values["unlevered_npv_usd"] > case["expected"]["npv_usd"]


def test_working_capital_is_inside_tci_spent_last_and_recovered_last():
    case = CASES["B08"]
    values = calculated(wire_of(case))
    without = calculated(changed(wire_of(case), {"capital": {"tciReference": 400e6, "workingCapitalRatio": 0}}))
    flows = zip(values["unlevered_cash_flow_usd"], without["unlevered_cash_flow_usd"], strict=True)
    differences = [round(ours - theirs) for ours, theirs in flows]
    fixed_cost = round(values["indirect_opex_usd_per_y"] - without["indirect_opex_usd_per_y"])
    assert values["working_capital_usd"] == pytest.approx(20e6)
    assert differences[:3] == [0, 0, -20_000_000]
    assert differences[-1] - 20_000_000 == pytest.approx(-fixed_cost * 0.79, abs=1)
