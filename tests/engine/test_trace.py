"""Why a number is what it is: the tree below each KPI computes it again, from the values it shows."""

import json
from typing import Any

import numpy as np
import pytest

from scenarios.engine import evaluate
from scenarios.engine.formula import Undefined
from scenarios.engine.model import GRAPH
from scenarios.engine.results import kpi_keys, report
from scenarios.engine.trace import explain
from tests.engine.cases import changed, hefa, plain_project, resolved, whole_method

ORIGINS = {"user", "default", "derived"}


def case_of(name: str) -> dict[str, Any]:
    if name == "HEFA":
        return hefa()
    if name == "no price of a feedstock":
        wire = whole_method()
        wire["feedstocks"][0]["price"] = None
        return wire
    return {
        "whole method": whole_method(),
        "table value, levered, shared by revenue": whole_method(
            carbon={"route": "corsia_default", "allocation": "economic"}, finance={"basis": "levered"}
        ),
        "loss": plain_project(finance={"taxRate": 0.2}),
        "product not sold": hefa(finance={"pricedProduct": "Kerosene"}),
        "nothing known": changed(hefa(), {"carbon": {"processIntensity": None, "fossilJetPrice": None}}),
    }[name]


CASES = [
    "HEFA", "no price of a feedstock", "whole method", "table value, levered, shared by revenue", "loss",
    "product not sold", "nothing known",
]  # fmt: skip


def nodes(tree: dict[str, Any]) -> list[dict[str, Any]]:
    return [tree, *(node for child in tree.get("inputs", ()) for node in nodes(child))]


def argument(node: dict[str, Any]) -> Any:
    """What a formula gets from the node of one of its inputs."""
    if "items" in node:
        return tuple(_of(leaf["value"], leaf.get("reason")) for leaf in node["items"])
    value = node["value"]
    if isinstance(value, dict):
        reasons = node.get("reasons", {})
        return tuple(_of(entry, reasons.get(name)) for name, entry in value.items())
    if node["key"].endswith("irr_roots") and value is not None:
        return np.array(value or [np.nan]).reshape(-1, 1)
    if node["kind"] == "input" and isinstance(value, list):
        return tuple(value)
    return _of(value, node.get("reason"))


def _of(value: Any, reason: str | None) -> Any:
    return value if reason is None else Undefined(reason)


def recomputed(node: dict[str, Any], arguments: list[Any]) -> Any:
    item = GRAPH.formulas[node["key"]]
    if not item.accepts_undefined:
        for found in arguments:
            if isinstance(found, Undefined):
                return found
    return item.function(*arguments)


def assert_shows(node: dict[str, Any], value: Any) -> None:
    """The node shows ``value``."""
    shown = argument(node)
    if isinstance(value, np.ndarray):
        np.testing.assert_array_equal(shown, value)
    elif isinstance(value, tuple | list):
        assert list(shown) == list(value), node["key"]
    else:
        assert shown == value, node["key"]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("basis", ["unlevered", "levered"])
def test_every_node_is_computed_again_from_the_values_below_it(case, basis):
    found = resolved(case_of(case))
    values = evaluate(found.inputs)
    for kpi, key in kpi_keys(basis).items():
        written: dict[str, dict[str, Any]] = {}
        with np.errstate(all="ignore"):
            for node in nodes(explain(key, values, found.values)):
                if node["kind"] != "formula":
                    continue
                if "sameAs" in node:
                    first = written[node["sameAs"]]
                    assert (node["value"], node["key"]) == (first["value"], first["key"]), kpi
                    continue
                assert node["key"] not in written, kpi
                written[node["key"]] = node
                assert_shows(node, recomputed(node, [argument(child) for child in node["inputs"]]))


@pytest.mark.parametrize("case", CASES)
def test_every_leaf_says_where_it_came_from_and_every_null_why(case):
    found = resolved(case_of(case))
    values = evaluate(found.inputs)
    for key in GRAPH.formulas:
        for node in nodes(explain(key, values, found.values)):
            json.dumps(node, allow_nan=False)
            units = node["unit"].values() if isinstance(node["unit"], dict) else [node["unit"]]
            assert all(unit and "{" not in unit for unit in units)
            for leaf in node.get("items", [node]):
                if node["kind"] == "formula":
                    continue
                assert leaf["origin"] in ORIGINS | {"constant"}
                if leaf["origin"] in ("default", "constant", "derived") and leaf["value"] is not None:
                    assert leaf["source"] is not None, (key, leaf)
            if node.get("value", 0) is None:
                known_to_be_none = node["kind"] == "input" and node["key"] in (
                    "pathway",
                    "country",
                    "depreciation_years",
                    "operation_start_year",
                )
                assert node.get("reason") or known_to_be_none, node


def test_a_user_value_a_default_and_a_table_value_are_told_apart():
    found = resolved(whole_method())
    tree = {node["key"]: node for node in nodes(explain("unlevered_npv_usd", evaluate(found.inputs), found.values))}
    assert tree["discount_rate"]["origin"] == "user"
    assert tree["cost_index"]["origin"] == "derived"
    assert (tree["cost_index"]["source"], tree["cost_index"]["path"]) == ("a table", "reference.costIndex")
    assert tree["npv_reference_year"]["origin"] == "default"
    prices = tree["product_price_usd_per_t"]["items"]
    assert [leaf["path"] for leaf in prices] == [f"products[{index}].price" for index in range(4)]
    assert [leaf["value"] for leaf in prices] == [2300, 1500, 1000, 90]
    assert tree["months_of_period"]["kind"] == "constant"


def test_units_of_utilities_are_those_they_are_counted_in():
    found = resolved(whole_method())
    tree = explain("utility_units_per_y", evaluate(found.inputs), found.values)
    assert tree["unit"] == {"Hydrogen": "t/year", "Electricity": "kWh/year", "Steam": "t/year"}
    consumption = tree["inputs"][1]
    assert [leaf["unit"] for leaf in consumption["items"]] == ["t/t", "kWh/t", "t/t"]


def test_the_trace_of_a_kpi_shows_the_number_of_the_report():
    found = resolved(whole_method())
    values = evaluate(found.inputs)
    result = report(values)
    shown = {
        **result["technoEconomics"], **result["financials"], **result["carbon"],
        "minimumSellingPrice": result["financials"]["minimumSellingPrice"]["usdPerT"],
        "carbonConversionEfficiency": result["technoEconomics"]["carbonConversionEfficiency"]["total"],
        "corsiaEmissionsReduction": result["carbon"]["corsia"]["emissionsReduction"],
        "corsiaEligible": result["carbon"]["corsia"]["eligible"],
        "redEligible": result["carbon"]["red"]["eligible"],
        "us45zEligible": result["carbon"]["us45z"]["eligible"],
        "blendAllowed": result["carbon"]["blend"]["ok"],
        "incentives": {item["incentive"]: item["fullYear"] for item in result["financials"]["incentives"]},
    }  # fmt: skip
    for kpi, key in kpi_keys(values["npv_basis"]).items():
        assert explain(key, values, found.values)["value"] == shown[kpi], kpi
