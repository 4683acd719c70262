"""Scenarios of a project side by side."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from projects.models import Project
from scenarios.models import Scenario
from tests.factories import project_make
from tests.scenarios.cases import HEFA, PROJECTS, SCENARIOS, SMALL, calculate, scenario_make

pytestmark = pytest.mark.django_db

CHEAP = {**HEFA, "feedstocks": [{"feedstock": "Used cooking oil", "price": 700}]}


@pytest.fixture
def compared(project: Project, user: User) -> dict[str, Scenario]:
    """Base, a smaller plant, one with cheaper oil, and one never calculated."""
    cases = {"base": HEFA, "small": SMALL, "cheap": CHEAP}
    made = {name: scenario_make(project=project, user=user, name=name, inputs=cases[name]) for name in cases}
    made = {name: calculate(scenario, user=user) for name, scenario in made.items()}
    return {**made, "new": scenario_make(project=project, user=user, name="new")}


def compare(api: APIClient, project: Project, query: str = "") -> Any:
    return api.get(f"{PROJECTS}/{project.pk}/comparison{query}")


def test_kpis_stand_side_by_side_with_the_best_of_each(
    api: APIClient, project: Project, compared: dict[str, Scenario]
) -> None:
    body = compare(api, project).json()

    ids = {name: str(scenario.pk) for name, scenario in compared.items()}
    assert [entry["name"] for entry in body["scenarios"]] == ["base", "small", "cheap", "new"]
    assert [entry["status"] for entry in body["scenarios"]] == ["calculated"] * 3 + ["draft"]
    assert body["kpis"]["npvUsd"] == {
        **{ids[name]: compared[name].current.npv_usd for name in ("base", "small", "cheap")},
        ids["new"]: None,
    }
    best = {name: [key for key, value in ids.items() if value in best] for name, best in body["best"].items()}
    assert best == {
        "npvUsd": ["cheap"],
        "irr": ["cheap"],
        "paybackYears": ["cheap"],
        "minimumSellingPriceUsdPerT": ["cheap"],
        "lcopUsdPerT": ["cheap"],
        "tciUsd": ["small"],
        "carbonIntensityGPerMj": ["base", "small", "cheap"],
    }


def test_only_inputs_that_differ_are_told_with_their_unit(
    api: APIClient, project: Project, compared: dict[str, Scenario]
) -> None:
    rows = compare(api, project).json()["inputs"]

    base, small, cheap = (str(compared[name].pk) for name in ("base", "small", "cheap"))
    assert rows == [
        {
            "path": "plant.capacity",
            "unit": "t/year",
            "values": {base: 500_000.0, small: 250_000.0, cheap: 500_000.0},
        },
        {
            "path": "feedstocks[0].price",
            "unit": "USD/t",
            "values": {base: 930.0, small: 930.0, cheap: 700.0},
        },
    ]


def test_cash_flows_cost_shares_and_carbon_are_those_of_each_result(
    api: APIClient, project: Project, compared: dict[str, Scenario]
) -> None:
    body = compare(api, project).json()

    for name in ("base", "small", "cheap"):
        key = str(compared[name].pk)
        result = api.get(f"{SCENARIOS}/{key}/calculate/status").json()
        table = result["financials"]["cashFlowTable"]
        assert [row["year"] for row in body["cashFlows"][key]] == list(range(21))
        for column in ("cashFlow", "cumulative", "discounted", "cumulativeDiscounted"):
            assert [row[column] for row in body["cashFlows"][key]] == [row[column] for row in table]
        assert body["lcopShares"][key] == result["technoEconomics"]["lcopShares"]
        assert body["carbon"][key] == result["carbon"]
    without = str(compared["new"].pk)
    assert (body["cashFlows"][without], body["lcopShares"][without], body["carbon"][without]) == (None, None, None)


def test_item_that_one_of_them_lacks_is_a_difference(api: APIClient, project: Project, user: User) -> None:
    two = [{"feedstock": "Used cooking oil", "share": 0.6}, {"feedstock": "Tallow", "share": 0.4}]
    for inputs in (HEFA, {**HEFA, "feedstocks": two}):
        calculate(scenario_make(project=project, user=user, inputs=inputs), user=user)

    rows = {row["path"]: list(row["values"].values()) for row in compare(api, project).json()["inputs"]}

    assert rows["feedstocks[0].share"] == [1.0, 0.6]
    assert rows["feedstocks[1].feedstock"] == [None, "Tallow"]


def test_some_of_them_may_be_chosen(api: APIClient, project: Project, compared: dict[str, Scenario]) -> None:
    base, small = compared["base"], compared["small"]

    body = compare(api, project, f"?scenarios={small.pk},{base.pk}").json()

    assert [entry["name"] for entry in body["scenarios"]] == ["base", "small"]
    assert [row["path"] for row in body["inputs"]] == ["plant.capacity"]
    assert body["best"]["tciUsd"] == [str(small.pk)]


def test_one_alone_is_best_at_nothing(api: APIClient, project: Project, compared: dict[str, Scenario]) -> None:
    body = compare(api, project, f"?scenarios={compared['base'].pk},{compared['new'].pk}").json()

    assert set(map(tuple, body["best"].values())) == {()}
    assert body["inputs"] == []


def test_result_of_earlier_inputs_takes_no_part(
    api: APIClient, project: Project, compared: dict[str, Scenario]
) -> None:
    api.patch(f"{SCENARIOS}/{compared['cheap'].pk}", {"inputs": {**HEFA, "finance": {"lifetime": 25}}})

    body = compare(api, project).json()

    assert body["kpis"]["npvUsd"][str(compared["cheap"].pk)] is None
    assert body["cashFlows"][str(compared["cheap"].pk)] is None


def test_project_without_scenarios_compares_nothing(api: APIClient, user: User) -> None:
    body = compare(api, project_make(user=user)).json()

    assert (body["scenarios"], body["inputs"], body["cashFlows"]) == ([], [], {})


def test_scenarios_of_elsewhere_are_refused_by_id(
    api: APIClient, project: Project, compared: dict[str, Scenario], user: User, other_user: User
) -> None:
    own = scenario_make(project=project_make(user=user), user=user)
    foreign = scenario_make(project=project_make(user=other_user), user=other_user)

    answer = compare(api, project, f"?scenarios={compared['base'].pk},{own.pk},{foreign.pk}")

    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert (error["field"], error["code"]) == ("scenarios", "does_not_exist")
    assert (str(own.pk) in error["message"], str(foreign.pk) in error["message"]) == (True, True)
    assert str(compared["base"].pk) not in error["message"]


def test_more_than_can_be_compared_is_refused(api: APIClient, project: Project, user: User) -> None:
    Scenario.objects.bulk_create(Scenario(project=project, name="x", order=order) for order in range(101))
    ids = [str(key) for key in Scenario.objects.order_by("order").values_list("pk", flat=True)]

    every, hundred = compare(api, project), compare(api, project, f"?scenarios={','.join(ids[:100])}")

    assert [error["code"] for error in every.json()["errors"]] == ["max_length"]
    assert len(hundred.json()["scenarios"]) == 100


@pytest.mark.parametrize("query", ["?scenarios=1,2", "?scenarios=abc", "?scenarios='; DROP TABLE x;--", "?scenario=1"])
def test_query_that_means_nothing_is_refused(api: APIClient, project: Project, query: str) -> None:
    answer = compare(api, project, query)

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [query[1:].split("=")[0]]
