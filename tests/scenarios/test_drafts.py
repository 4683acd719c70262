"""Inputs saved as they are typed: merged, kept though incomplete, and what that does to a result."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from masterdata.models import ProductFigure
from projects.models import Project
from scenarios.models import Calculation, Scenario
from tests.scenarios.cases import HEFA, SCENARIOS, SMALL, scenario_make, state_of

pytestmark = pytest.mark.django_db


def draft(api: APIClient, scenario: Scenario, inputs: dict[str, Any]) -> dict[str, Any]:
    response = api.patch(f"{SCENARIOS}/{scenario.pk}/draft", {"inputs": inputs})
    assert response.status_code == 200, response.json()
    return response.json()


def calculate(api: APIClient, scenario: Scenario, body: dict[str, Any] | None = None) -> dict[str, Any]:
    response = api.post(f"{SCENARIOS}/{scenario.pk}/calculate/sync", body or {})
    assert response.status_code == 200, response.json()
    return response.json()


def missing(body: dict[str, Any]) -> set[tuple[str, str]]:
    assert all(entry["message"] for entry in body["missing"])
    return {(entry["field"], entry["code"]) for entry in body["missing"]}


def test_a_value_does_not_keep_the_unit_of_the_one_it_replaces(api: APIClient, project: Project, user: User) -> None:
    saved = {**HEFA, "plant": {"capacity": {"value": 500, "unit": "kt/year"}, "loadHours": 7000}}
    scenario = scenario_make(project=project, user=user, inputs=saved)

    body = draft(api, scenario, {"plant": {"capacity": {"value": 400_000}}})

    assert body["inputs"]["plant"] == {"capacity": {"value": 400_000}, "loadHours": 7000}


def test_objects_merge_deep_lists_whole_and_null_removes(api: APIClient, project: Project, user: User) -> None:
    oil = {"feedstock": "Used cooking oil", "price": 900, "share": 1}
    debt = {"share": 0.5, "interest": 0.06}
    saved = {**HEFA, "feedstocks": [oil], "finance": {"lifetime": 25, "debt": debt}, "plant": {"capacity": 4e5}}
    scenario = scenario_make(project=project, user=user, inputs=saved)

    body = draft(
        api,
        scenario,
        {
            "feedstocks": [{"feedstock": "Tallow"}],
            "finance": {"debt": {"interest": 0.07}, "taxRate": 0.2},
            "plant": None,
            "carbon": {"allocation": "mass"},
        },
    )

    assert body["inputs"] == {
        **HEFA,
        "feedstocks": [{"feedstock": "Tallow"}],
        "finance": {"lifetime": 25, "taxRate": 0.2, "debt": {"share": 0.5, "interest": 0.07}},
        "carbon": {"allocation": "mass"},
    }
    assert (body["missing"], body["status"], body["version"]) == ([], "draft", 2)
    assert api.get(f"{SCENARIOS}/{scenario.pk}").json() == {k: v for k, v in body.items() if k != "missing"}


def test_removing_a_leaf_brings_its_default_back(api: APIClient, project: Project, user: User) -> None:
    scenario = scenario_make(project=project, user=user, inputs={**HEFA, "finance": {"taxRate": 0.1}})

    body = draft(api, scenario, {"finance": {"taxRate": None}})

    assert body["inputs"] == {**HEFA, "finance": {}}
    assert calculate(api, scenario)["resolvedInputs"]["finance.taxRate"]["origin"] == "default"


def test_incomplete_inputs_are_kept_and_what_they_lack_is_told(api: APIClient, project: Project, user: User) -> None:
    scenario = scenario_make(project=project, user=user, inputs={})

    empty = draft(api, scenario, {})
    half = draft(api, scenario, {"pathway": "HEFA-SPK"})
    whole = draft(api, scenario, {"country": "MYS"})

    assert {("inputs.feedstocks", "required"), ("inputs.plant.capacity", "required")} <= missing(empty)
    assert missing(half) == {("inputs.country", "required")}
    assert (missing(whole), whole["inputs"]) == (set(), HEFA)


JET = {"product": "Jet", "yield": 0.6, "carbonContent": 0.847, "lowerHeatingValue": 43.8, "price": 3000}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"products": [JET]}, ("inputs.products", "sum")),
        ({"products": []}, ("inputs.products", "empty")),
        ({"feedstocks": []}, ("inputs.feedstocks", "empty")),
        ({"country": None}, ("inputs.country", "required")),
        ({"finance": {"constructionShares": [0.5]}}, ("inputs.finance.constructionShares", "sum")),
        ({"finance": {"debt": {"share": 0.5, "term": 40}}}, ("inputs.finance.debt.term", "consistency")),
        ({"feedstocks": [{"feedstock": "Ethanol"}]}, ("inputs.feedstocks", "no_design")),
    ],
)
def test_what_does_not_add_up_yet_is_kept_and_told(
    api: APIClient, scenario: Scenario, change: dict[str, Any], fault: tuple[str, str]
) -> None:
    body = draft(api, scenario, change)
    kept = api.get(f"{SCENARIOS}/{scenario.pk}").json()["inputs"]
    refused = api.post(f"{SCENARIOS}/{scenario.pk}/calculate/sync", {})

    assert fault in missing(body)
    assert kept == {key: value for key, value in {**HEFA, **change}.items() if value is not None}
    assert refused.status_code == 400
    assert {(error["field"], error["code"]) for error in refused.json()["errors"]} == missing(body)


def test_malformed_draft_changes_nothing_of_what_was_saved(api: APIClient, calculated: Scenario) -> None:
    before = state_of(calculated)

    response = api.patch(
        f"{SCENARIOS}/{calculated.pk}/draft",
        {"inputs": {"plant": {"capacity": -5, "loadHours": 7000}, "finance": {"lifetime": 30, "taxrate": 0.1}}},
    )

    assert response.status_code == 400
    assert {error["field"] for error in response.json()["errors"]} == {
        "inputs.plant.capacity",
        "inputs.finance.taxrate",
    }
    assert state_of(calculated) == before


def test_changed_inputs_have_no_result(api: APIClient, scenario: Scenario) -> None:
    calculate(api, scenario)

    body = draft(api, scenario, {"finance": {"lifetime": 25}})
    status = api.get(f"{SCENARIOS}/{scenario.pk}/calculate/status").json()

    assert (body["status"], body["kpis"], body["calculatedAt"]) == ("draft", None, None)
    parts = ("calculationId", "technoEconomics", "financials", "carbon", "units", "reasons", "resolvedInputs")
    assert {part: status[part] for part in parts} == dict.fromkeys(parts)
    assert (status["status"], status["progress"]) == ("draft", 0.0)


@pytest.mark.parametrize("undo", ["draft", "patch"])
def test_undoing_a_change_brings_the_known_result_back(api: APIClient, scenario: Scenario, undo: str) -> None:
    first = calculate(api, scenario)
    draft(api, scenario, {"finance": {"lifetime": 25}})

    if undo == "draft":
        draft(api, scenario, {"finance": {"lifetime": 20}})  # the default, written out
    else:
        api.patch(f"{SCENARIOS}/{scenario.pk}", {"inputs": HEFA})
    again = api.get(f"{SCENARIOS}/{scenario.pk}/calculate/status").json()

    assert again == first
    assert Calculation.objects.count() == 1


def test_same_inputs_are_calculated_once_however_they_are_written(api: APIClient, scenario: Scenario) -> None:
    first = calculate(api, scenario, {"inputs": {**HEFA, "plant": {"capacity": 500_000}}})
    again = calculate(api, scenario)
    otherwise = calculate(api, scenario, {"inputs": {**HEFA, "plant": {"capacity": {"value": 500, "unit": "kt/year"}}}})
    other = calculate(api, scenario, {"inputs": SMALL})

    assert again == first
    assert otherwise["calculationId"] == first["calculationId"]
    assert other["calculationId"] != first["calculationId"]
    assert Calculation.objects.count() == 2
    kept = api.get(f"{SCENARIOS}/{scenario.pk}").json()["inputs"]
    assert kept == SMALL


def test_result_is_of_the_master_data_it_was_made_with_until_it_is_made_again(
    api: APIClient, scenario: Scenario
) -> None:
    before = calculate(api, scenario)
    ProductFigure.objects.filter(product__code="jet", parameter="lower_heating_value").update(value=44)

    kept = api.get(f"{SCENARIOS}/{scenario.pk}/calculate/status").json()
    autosaved = draft(api, scenario, {})
    again = calculate(api, scenario)

    assert kept == before
    assert autosaved["status"] == "calculated"
    assert again["calculationId"] != before["calculationId"]
    assert again["resolvedInputs"]["products[0].lowerHeatingValue"]["value"] == 44
    old, new = Calculation.objects.order_by("queued_at")
    assert old.masterdata_version < new.masterdata_version
