"""The result tree: what stands in it, in which unit, and how its numbers hang together."""

import re

import pytest
from hypothesis import given

from scenarios.engine import evaluate, resolve
from scenarios.engine.fields import camel
from scenarios.engine.metrics import internal_rate_of_return, net_present_value, payback_years
from scenarios.engine.results import BY_BASIS, kpi_keys, report
from scenarios.engine.units import registry
from tests.engine.cases import KnownReferences, calculated, changed, plain_project, whole_method
from tests.engine.strategies import plants


def result_of(wire):
    return report(calculated(wire))


def at(tree, path):
    """The entry at a path of the ``units`` or ``reasons`` map; item names may hold dots."""
    while path:
        if entry := re.match(r"\[(\d+)\]\.?", path):
            tree, path = tree[int(entry[1])], path[entry.end() :]
            continue
        key = next(
            (
                key
                for key in sorted(tree, key=len, reverse=True)
                if path == key or path.startswith((f"{key}.", f"{key}["))
            ),
            None,
        )
        assert key is not None, path
        tree, path = tree[key], path[len(key) :].removeprefix(".")
    return tree


def test_every_unit_and_every_reason_points_at_something():
    wire = whole_method(carbon={"processIntensity": None})
    wire["products"][2]["price"] = None
    result = result_of(wire)
    for path, unit in result["units"].items():
        at(result, path)
        assert unit == "1" or registry().Quantity(1, unit).magnitude == 1
    for path, reason in result["reasons"].items():
        found = at(result, path)
        assert reason
        assert found is None or found == [] or set(found.values()) == {None}


def test_every_kpi_of_the_trace_is_a_quantity():
    values = calculated(whole_method())
    for basis in ("unlevered", "levered"):
        keys = kpi_keys(basis)
        assert set(keys.values()) <= set(values)
        assert {camel(name) for name in BY_BASIS} <= set(keys)


@given(plants())
def test_the_table_adds_up_to_the_headlines(wire):
    """A reader who sums the columns, or asks a spreadsheet for NPV and IRR, finds the figures above them."""
    values = calculated(wire)
    financials = report(values)["financials"]
    table = financials["cashFlowTable"]
    first = 1 - len(wire["finance"]["constructionShares"])
    assert [row["year"] for row in table] == list(range(first, wire["finance"]["lifetime"] + 1))
    for basis in ("unlevered", "levered"):
        flows = [row[basis]["cashFlow"] for row in table]
        magnitude = sum(map(abs, flows))
        reference = 0 if wire["finance"]["referenceYear"] == "start_of_construction" else -first
        npv = net_present_value(flows, values["nominal_discount_rate"], reference)
        worth = sum(abs(row[basis]["discounted"]) for row in table)
        assert financials[basis]["npv"] == pytest.approx(npv, abs=1e-9 * worth)
        assert table[-1][basis]["cumulative"] == pytest.approx(sum(flows), abs=1e-9 * magnitude)
        assert table[-1][basis]["cumulativeDiscounted"] == financials[basis]["npv"]
        found = internal_rate_of_return(flows)
        assert (financials[basis]["irrStatus"], financials[basis]["irrRoots"]) == (found.status, list(found.roots))
        assert financials[basis]["irr"] == found.value
        payback = payback_years(flows)
        expected = None if payback is None else pytest.approx(max(payback + first, 0.0), abs=1e-6)
        assert financials[basis]["paybackYears"] == expected
        for row in table:
            assert row[basis]["discounted"] == pytest.approx(row[basis]["cashFlow"] * row["discountFactor"])
            interest = row["interest"] if basis == "levered" else 0.0
            moved = row["loanDrawn"] - row["principal"] if basis == "levered" else 0.0
            supported = row["carbonRevenue"] + row["totalIncentives"]
            earned = row["totalRevenue"] + supported - row["costs"]["total"] + row["salvage"]
            spent = row["fixedCapital"] + row["workingCapital"] + row["capitalGrants"]
            flow = earned + spent - row[basis]["tax"] - interest + moved
            assert row[basis]["cashFlow"] == pytest.approx(flow, abs=1e-12 * magnitude + 1e-6)


@given(plants())
def test_rows_add_up_by_kind(wire):
    for row in result_of(wire)["financials"]["cashFlowTable"]:
        costs = row["costs"]
        magnitude = sum(map(abs, costs.values())) + row["totalRevenue"] + 1
        parts = costs["feedstock"] + costs["utilities"] + costs["fixed"]
        assert costs["total"] == pytest.approx(parts, abs=1e-12 * magnitude)
        assert row["totalRevenue"] == pytest.approx(sum(row["revenue"].values()), abs=1e-12 * magnitude)
        paid = sum(row["incentives"].values())
        assert row["totalIncentives"] == pytest.approx(paid, abs=1e-12 * paid)


def test_the_chosen_basis_drives_the_headlines():
    for basis in ("unlevered", "levered"):
        financials = result_of(whole_method(finance={"basis": basis}))["financials"]
        assert financials["basis"] == basis
        for name in BY_BASIS:
            assert financials[camel(name)] == financials[basis][camel(name)]
        assert [row["cashFlow"] for row in financials["cashFlowTable"]] == [
            row[basis]["cashFlow"] for row in financials["cashFlowTable"]
        ]


def test_several_rates_of_return_are_listed_with_the_modified_one_beside_them():
    """Feedstock that outgrows the product's price turns early gains into late losses: two rates fit."""
    both_gains = plain_project(finance={"lifetime": 30, "escalation": {"feedstock": 0.02}})
    result = result_of(both_gains)
    financials = result["financials"]
    assert (financials["irr"], financials["irrStatus"]) == (None, "multiple")
    assert financials["irrRoots"] == pytest.approx([0.011072, 0.167742], abs=1e-6)
    assert result["reasons"]["financials.irr"] == "2 rates fit; see the roots"
    assert financials["modifiedIrr"] == pytest.approx(0.106657, abs=1e-6)
    one_gain = result_of(changed(both_gains, {"finance": {"lifetime": 20}}))["financials"]
    assert one_gain["irrStatus"] == "multiple"
    assert one_gain["irr"] == one_gain["irrRoots"][1] > 0 > one_gain["irrRoots"][0]


def test_no_negative_zero_is_written():
    wire = plain_project(finance={"taxRate": 0}, carbon={"processIntensity": 0, "avoided": 0})
    stages = result_of(wire)["carbon"]["stages"]
    assert str(stages["avoided"]) == "0.0"
    assert "-0.0" not in str(result_of(wire)["financials"]["cashFlowTable"])


def test_stages_sum_to_the_carbon_intensity_on_both_routes():
    for route in ("actual", "corsia_default"):
        carbon = result_of(whole_method(carbon={"route": route}))["carbon"]
        stages = carbon["stages"]
        flat = [x for stage in stages.values() for x in (stage.values() if isinstance(stage, dict) else [stage])]
        assert sum(flat) == pytest.approx(carbon["carbonIntensity"], rel=1e-12)


def test_a_missing_land_use_value_is_missing_never_zero():
    wire = changed(whole_method(), {"carbon": {"route": "corsia_default"}})
    result = report(evaluate(resolve(wire, KnownReferences(corsia_land_use_change=None)).inputs))
    assert result["carbon"]["carbonIntensity"] is None
    assert result["carbon"]["stages"]["core"] == 13.9
    assert result["carbon"]["stages"]["landUseChange"] is None
    assert result["reasons"]["carbon.carbonIntensity"] == "reference.corsiaLandUseChange is not known"
    assert result["reasons"]["carbon.corsia.eligible"] == "reference.corsiaLandUseChange is not known"


def test_a_fuel_dirtier_than_the_comparator_has_no_abatement_cost():
    result = result_of(whole_method(carbon={"processIntensity": 200}))
    assert result["carbon"]["abatementCost"] is None
    assert result["reasons"]["carbon.abatementCost"] == "the fuel saves no emissions against the comparator"
    assert result["carbon"]["reduction"] < 0
    assert result["carbon"]["corsia"]["eligible"] is False
