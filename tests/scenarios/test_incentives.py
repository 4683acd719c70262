"""Incentives and CORSIA rows of a scenario over HTTP: known terms, terms of one's own, and what is refused."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from masterdata.catalogue import current
from masterdata.models import ExchangeRate, Incentive
from scenarios.models import Scenario
from tests.scenarios.cases import HEFA, SCENARIOS

IN_USA = {"pathway": "HEFA-SPK", "country": "USA"}
US_45Z = "US 45Z general/2026+ amount, met"
RIN = "RIN price D4 on 2023-10-16"


def calculate(api: APIClient, scenario: Scenario, inputs: dict[str, Any]) -> Any:
    return api.post(f"{SCENARIOS}/{scenario.pk}/calculate/sync", {"inputs": inputs})


def errors_of(answer: Any) -> dict[str, str]:
    assert answer.status_code == 400, answer.json()
    return {error["field"].removeprefix("inputs."): error["code"] for error in answer.json()["errors"]}


def stacked(*names: str, **changes: Any) -> dict[str, Any]:
    stack = [{"incentive": name} for name in names]
    return {**IN_USA, "finance": {"operationStart": 2027}, "incentives": stack, **changes}


def test_terms_come_from_the_master_data_with_their_source(api: APIClient, scenario: Scenario) -> None:
    body = calculate(api, scenario, stacked(US_45Z, "rin-price-d4-on-2023-10-16")).json()

    credit, rin = body["financials"]["incentives"]
    assert (credit["incentive"], credit["kind"], credit["years"]) == (US_45Z, "us_45z", 3)
    assert (rin["incentive"], rin["years"]) == (RIN, 25 if len(body["financials"]["cashFlowTable"]) == 26 else 20)
    found = body["resolvedInputs"]
    amount = found["incentives[0].amount"]
    assert (amount["value"], amount["unit"], amount["origin"]) == (1.0, "USD/gal", "default")
    row = Incentive.objects.get(name=US_45Z)
    assert (amount["source"], amount["confidence"]) == (row.source, row.confidence)
    assert found["incentives[0].lastYear"]["value"] == 2029
    assert (found["incentives[1].rinsPerGallon"]["value"], found["incentives[1].indexed"]["value"]) == (1.6, True)
    assert found["incentives[1].minimumReduction"]["value"] == 0.5


def test_incentives_raise_the_worth_and_are_explained(api: APIClient, scenario: Scenario) -> None:
    without = calculate(api, scenario, IN_USA).json()
    body = calculate(api, scenario, stacked(US_45Z)).json()

    assert body["financials"]["npv"] > without["financials"]["npv"]
    assert (
        body["financials"]["minimumSellingPrice"]["usdPerT"] < without["financials"]["minimumSellingPrice"]["usdPerT"]
    )
    tree = api.get(f"{SCENARIOS}/{scenario.pk}/trace/incentives").json()
    assert tree["value"] == {US_45Z: body["financials"]["incentives"][0]["fullYear"]}
    keys = {node["key"] for node in tree["inputs"]}
    assert {"incentive_rate_usd_per_t", "incentive_t_per_y"} <= keys


def test_price_of_another_currency_is_converted_at_the_dated_rate(api: APIClient, scenario: Scenario) -> None:
    name = "EU ETS EUA price 2024 average"
    body = calculate(api, scenario, {**HEFA, "incentives": [{"incentive": name}]}).json()

    amount = body["resolvedInputs"]["incentives[0].amount"]
    assert amount["value"] == pytest.approx(65 * current().exchange_rate("EUR").value)
    assert amount["unit"] == "USD/tCO2e"
    assert "65 EUR/t" in amount["source"]


def test_amount_without_an_exchange_rate_is_asked_for(api: APIClient, scenario: Scenario) -> None:
    name = "UK buy-out main obligation"
    inputs = {**HEFA, "finance": {"operationStart": 2027}, "incentives": [{"incentive": name}]}
    ExchangeRate.objects.filter(currency="GBP").delete()

    assert errors_of(calculate(api, scenario, inputs)) == {"incentives[0].amount": "required"}
    inputs["incentives"] = [{"incentive": name, "amount": {"value": 5.9, "unit": "USD/l"}}]
    assert calculate(api, scenario, inputs).json()["financials"]["incentives"][0]["kind"] == "mandate_certificate"


def test_an_incentive_of_ones_own_is_taken_whole(api: APIClient, scenario: Scenario) -> None:
    own = {"incentive": "Offtake premium", "kind": "price_premium", "amount": 55, "lastYear": 2031}
    body = calculate(api, scenario, {**HEFA, "finance": {"operationStart": 2027}, "incentives": [own]}).json()

    (told,) = body["financials"]["incentives"]
    assert (told["perTonne"], told["years"]) == (55.0, 5)
    assert body["resolvedInputs"]["incentives[0].amount"]["origin"] == "user"


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        (stacked(US_45Z, finance={}), {"finance.operationStart": "required"}),
        (stacked(US_45Z, country="MYS"), {"incentives[0].madeIn": "consistency"}),
        (stacked(RIN, "EU ETS EUA price 2024 average"), {"incentives[1]": "stacking"}),
        (stacked("CA LCFS credit price", carbon={"carbonPrice": 40}), {"incentives[0]": "stacking"}),
        (stacked("US 45Z eligibility ceiling"), {"incentives[0].kind": "required"}),
        (stacked("Free money"), {"incentives[0].kind": "required"}),
        (
            {**IN_USA, "incentives": [{"incentive": RIN, "kind": "lcfs"}, {"incentive": 5}, "RIN"]},
            {"incentives[0].kind": "consistency", "incentives[1].incentive": "type", "incentives[2]": "type"},
        ),
    ],
)
def test_what_may_not_be_stacked_is_refused_and_nothing_changes(
    api: APIClient, scenario: Scenario, inputs: dict[str, Any], expected: dict[str, str]
) -> None:
    before = Scenario.objects.values().get(pk=scenario.pk)

    assert errors_of(calculate(api, scenario, inputs)) == expected
    assert Scenario.objects.values().get(pk=scenario.pk) == before


def test_a_draft_keeps_a_stack_that_does_not_stand_yet(api: APIClient, scenario: Scenario) -> None:
    answer = api.patch(f"{SCENARIOS}/{scenario.pk}/draft", {"inputs": {"incentives": [{"incentive": US_45Z}]}})

    assert answer.status_code == 200
    assert {item["field"] for item in answer.json()["missing"]} == {
        "inputs.incentives[0].madeIn",
        "inputs.finance.operationStart",
    }


def test_a_feedstock_with_several_corsia_rows_takes_the_one_it_names(api: APIClient, scenario: Scenario) -> None:
    def value(**item: Any) -> dict[str, Any]:
        feedstocks = [{"feedstock": "Ethanol", **item}]
        inputs = {"pathway": "ATJ-SPK", "country": "USA", "feedstocks": feedstocks}
        answer = calculate(api, scenario, inputs)
        assert answer.status_code == 200, answer.json()
        return answer.json()["carbon"]["corsia"]["defaultValue"]

    assert value() is None
    assert value(corsiaRow="agricultural residues (integrated)") == 24.6
    assert value(corsiaRow="corn grain (ATJ isobutanol)") == pytest.approx(81.4)
    assert value(corsiaRow="Corn grain (ATJ ethanol)") is None  # it has no land-use value


@pytest.mark.parametrize("row", ["used cooking oil", "corn grain"])
def test_a_corsia_row_unknown_or_of_two_tables_is_refused_with_those_there_are(
    api: APIClient, scenario: Scenario, row: str
) -> None:
    feedstocks = [{"feedstock": "Ethanol", "corsiaRow": row}]
    answer = calculate(api, scenario, {"pathway": "ATJ-SPK", "country": "USA", "feedstocks": feedstocks})

    assert errors_of(answer) == {"feedstocks[0].corsiaRow": "unknown_name"}
    assert "corn grain (ATJ ethanol)" in answer.json()["errors"][0]["message"]
