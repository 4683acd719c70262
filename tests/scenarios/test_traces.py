"""Why a number is what it is: for every result, from the inputs stored with it."""

from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from masterdata.models import FeedstockFigure, ProductFigure
from projects.models import Project
from scenarios.engine.results import BY_BASIS, CARBON, TECHNO_ECONOMICS, kpi_keys
from scenarios.engine.results import camel as wire
from scenarios.models import Calculation, Scenario
from tests.scenarios.cases import HEFA, SCENARIOS, SMALL, calculate, scenario_make

pytestmark = pytest.mark.django_db

# Where the KPI stands in a result.
PLACES: dict[str, tuple[str, ...]] = {
    **{wire(name): ("technoEconomics", wire(name)) for name in TECHNO_ECONOMICS},
    **{wire(name): ("financials", wire(name)) for name in BY_BASIS},
    **{wire(name): ("carbon", wire(name)) for name in CARBON},
    "minimumSellingPrice": ("financials", "minimumSellingPrice", "usdPerT"),
    "carbonConversionEfficiency": ("technoEconomics", "carbonConversionEfficiency", "total"),
    "productIntensity": ("carbon", "productIntensity"),
    "corsiaEmissionsReduction": ("carbon", "corsia", "emissionsReduction"),
    "corsiaEligible": ("carbon", "corsia", "eligible"),
    "redEligible": ("carbon", "red", "eligible"),
    "us45zEligible": ("carbon", "us45z", "eligible"),
    "blendAllowed": ("carbon", "blend", "ok"),
}
LEVERED = {
    **HEFA,
    "finance": {"basis": "levered", "debt": {"share": 0.6, "interest": 0.06, "term": 12}},
    "carbon": {"blendShare": 0.3},
}


def trace(api: APIClient, scenario: Scenario, kpi: str) -> Any:
    return api.get(f"{SCENARIOS}/{scenario.pk}/trace/{kpi}")


def nodes(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield tree
    for below in tree.get("inputs", ()):
        yield from nodes(below)


def test_no_result_is_left_out_above() -> None:
    # Incentives are held in test_incentives.
    assert {*PLACES, "incentives"} == set(kpi_keys("unlevered")) == set(kpi_keys("levered"))


@pytest.mark.parametrize("inputs", [HEFA, LEVERED], ids=["unlevered", "levered"])
def test_root_of_every_trace_is_the_number_of_the_result(
    api: APIClient, project: Project, user: User, inputs: dict[str, Any]
) -> None:
    scenario = calculate(scenario_make(project=project, user=user, inputs=inputs), user=user)
    result = api.get(f"{SCENARIOS}/{scenario.pk}/calculate/status").json()
    roots, expected = {}, {}
    for kpi, place in PLACES.items():
        answer = trace(api, scenario, kpi)
        assert answer.status_code == 200, (kpi, answer.json())
        roots[kpi] = answer.json()["value"]
        expected[kpi] = result
        for step in place:
            expected[kpi] = expected[kpi][step]

    assert roots == expected
    assert sum(value is None for value in roots.values()) == (0 if inputs is LEVERED else 1)


def test_every_number_of_a_trace_says_where_it_comes_from(api: APIClient, calculated: Scenario) -> None:
    tree = trace(api, calculated, "npv").json()

    found = {node["key"]: node for node in nodes(tree) if "sameAs" not in node}
    assert (tree["kind"], tree["unit"], bool(tree["formula"]), bool(tree["source"])) == ("formula", "USD", True, True)
    for node in found.values():
        assert node["name"], node["key"]
        if node["kind"] == "input":
            leaves = node.get("items", [node])
            assert all(leaf["origin"] in {"user", "default", "derived"} for leaf in leaves), node["key"]
            unsourced = [leaf for leaf in leaves if leaf["origin"] != "user" and not leaf.get("source")]
            assert all(leaf["value"] is None and leaf["reason"] for leaf in unsourced), node["key"]
        else:
            assert node["source"], node["key"]
    prices = found["product_price_usd_per_t"]["items"]
    assert prices[0] == {
        "path": "products[0].price",
        "origin": "default",
        "source": "miniTEA specification workbook, HEFA example",
        "confidence": "confirmed",
        "value": 3000.0,
        "unit": "USD/t",
    }


def test_users_own_value_is_told_as_theirs(api: APIClient, project: Project, user: User) -> None:
    scenario = calculate(scenario_make(project=project, user=user, inputs=SMALL), user=user)

    tree = trace(api, scenario, "totalProduction").json()

    (capacity,) = (node for node in nodes(tree) if node["key"] == "capacity_t_per_y")
    assert (capacity["origin"], capacity["value"], capacity["unit"]) == ("user", 250_000, "t/year")
    assert capacity["path"] == "plant.capacity"


def test_repeated_quantity_is_written_out_once(api: APIClient, calculated: Scenario) -> None:
    tree = trace(api, calculated, "npv").json()

    formulas = [node for node in nodes(tree) if node["kind"] == "formula"]
    written = [node["key"] for node in formulas if "sameAs" not in node]
    assert len(written) == len(set(written))
    assert {node["sameAs"] for node in formulas if "sameAs" in node} <= set(written)


def test_undefined_result_says_why(api: APIClient, calculated: Scenario) -> None:
    tree = trace(api, calculated, "blendAllowed").json()

    assert (tree["value"], tree["reason"]) == (None, "carbon.blendShare is not known")


def test_there_is_nothing_to_explain_before_it_is_calculated(api: APIClient, calculated: Scenario, user: User) -> None:
    fresh = scenario_make(project=calculated.project, user=user)
    api.patch(f"{SCENARIOS}/{calculated.pk}", {"inputs": SMALL})

    for scenario in (fresh, calculated):
        answer = trace(api, scenario, "npv")
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:safapac:problem:not-calculated")


def test_unknown_result_is_told_which_there_are(api: APIClient, calculated: Scenario) -> None:
    answer = trace(api, calculated, "profit")

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert set(answer.json()["detail"].split("there is ")[1].rstrip(".").split(", ")) == {*PLACES, "incentives"}
    assert trace(api, calculated, "npv;drop").status_code == 404


def test_trace_is_of_the_stored_inputs_whatever_the_master_data_say_now(api: APIClient, calculated: Scenario) -> None:
    before = {kpi: trace(api, calculated, kpi).json() for kpi in ("npv", "carbonIntensity", "minimumSellingPrice")}
    jet = ProductFigure.objects.filter(product__name="Jet", parameter="lower_heating_value")
    oil = FeedstockFigure.objects.filter(feedstock__name="Used cooking oil", parameter="price")
    assert [figures.update(value=40, source="changed") for figures in (jet, oil)] == [1, 1]

    after = {kpi: trace(api, calculated, kpi).json() for kpi in before}

    assert after == before
    calculate(calculated, user=calculated.created_by)
    again = {kpi: trace(api, calculated, kpi).json()["value"] for kpi in before}
    assert all(again[kpi] != before[kpi]["value"] for kpi in before)


def test_result_of_an_earlier_engine_is_shown_and_not_explained(api: APIClient, calculated: Scenario) -> None:
    Calculation.objects.update(engine_version="0")

    answer = trace(api, calculated, "npv")

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:safapac:problem:earlier-engine")
    assert "engine 0" in answer.json()["detail"]
    assert api.get(f"{SCENARIOS}/{calculated.pk}/calculate/status").json()["financials"]["npv"] is not None
    again = api.post(f"{SCENARIOS}/{calculated.pk}/calculate/sync", {}).json()
    assert trace(api, calculated, "npv").json()["value"] == again["financials"]["npv"]


@pytest.mark.parametrize("part", ["", "/trace/npv", "/calculate"])
def test_the_method_of_the_same_name_is_none_of_ours(api: APIClient, calculated: Scenario, part: str) -> None:
    answer = api.trace(f"{SCENARIOS}/{calculated.pk}{part}")

    assert answer.status_code == 405
    assert "TRACE" not in answer.headers["Allow"]
