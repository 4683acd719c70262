"""The history of a scenario's runs, what changed between two of them, and the units of inputs."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from projects.models import Project
from scenarios.engine import ENGINE_VERSION
from scenarios.engine.fields import Kind, camel_path, walk
from scenarios.engine.inputs import ScenarioInputs
from scenarios.models import Calculation, Scenario
from tests.factories import project_make
from tests.scenarios.cases import CALCULATIONS, HEFA, SCENARIOS, SMALL, calculate, scenario_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def runs(scenario: Scenario, user: User, editor: User) -> tuple[Calculation, Calculation]:
    """Two runs of one scenario: on defaults by the owner, then at half the size by an editor."""
    first = calculate(scenario, user=user).current
    return first, calculate(scenario, user=editor, inputs=SMALL).current


def test_runs_are_listed_newest_first_with_who_made_them(
    api: APIClient, scenario: Scenario, runs: tuple[Calculation, Calculation], user: User, editor: User
) -> None:
    body = api.get(f"{SCENARIOS}/{scenario.pk}/calculations").json()

    first, second = runs
    assert [item["id"] for item in body["items"]] == [str(second.pk), str(first.pk)]
    assert [item["user"]["name"] for item in body["items"]] == [editor.name, user.name]
    newest = body["items"][0]
    assert newest == {
        "id": str(second.pk),
        "scenarioId": str(scenario.pk),
        "user": {"id": str(editor.pk), "name": editor.name},
        "trigger": "user",
        "state": "succeeded",
        "attempt": 1,
        "progress": 1.0,
        "position": None,
        "message": "Calculated.",
        "errorCode": "",
        "engineVersion": ENGINE_VERSION,
        "masterdataVersion": second.masterdata_version,
        "queuedAt": newest["queuedAt"],
        "startedAt": newest["startedAt"],
        "finishedAt": newest["finishedAt"],
        "npvUsd": second.npv_usd,
        "irr": second.irr,
        "paybackYears": second.payback_years,
        "minimumSellingPriceUsdPerT": second.minimum_selling_price_usd_per_t,
        "lcopUsdPerT": second.lcop_usd_per_t,
        "tciUsd": second.tci_usd,
        "carbonIntensityGPerMj": second.carbon_intensity_g_per_mj,
    }
    assert newest["startedAt"] <= newest["finishedAt"]


def test_list_is_filtered_and_ordered(
    api: APIClient, scenario: Scenario, runs: tuple[Calculation, Calculation]
) -> None:
    url = f"{SCENARIOS}/{scenario.pk}/calculations"

    assert api.get(f"{url}?state=succeeded").json()["total"] == 2
    assert api.get(f"{url}?state=errored").json()["total"] == 0
    assert [item["id"] for item in api.get(f"{url}?ordering=queuedAt").json()["items"]] == [str(run.pk) for run in runs]
    wrong = api.get(f"{url}?state=dreaming&ordering=result&user=1").json()
    assert {error["field"] for error in wrong["errors"]} == {"state", "ordering", "user"}


def test_runs_of_other_scenarios_are_not_listed(
    api: APIClient, project: Project, user: User, runs: tuple[Calculation, Calculation]
) -> None:
    other = scenario_make(project=project, user=user)

    assert api.get(f"{SCENARIOS}/{other.pk}/calculations").json()["items"] == []


def test_run_shows_what_went_in_and_what_came_out(
    api: APIClient, scenario: Scenario, runs: tuple[Calculation, Calculation]
) -> None:
    status = api.get(f"{SCENARIOS}/{scenario.pk}/calculate/status").json()

    body = api.get(f"{CALCULATIONS}/{runs[1].pk}").json()

    parts = ("technoEconomics", "financials", "carbon", "units", "reasons")
    assert body["inputs"] == SMALL
    assert body["resolvedInputs"] == status["resolvedInputs"]
    assert body["result"] == {part: status[part] for part in parts}


def test_runs_cannot_be_written(api: APIClient, scenario: Scenario, runs: tuple[Calculation, Calculation]) -> None:
    before = list(Calculation.objects.order_by("pk").values())

    for method in ("put", "patch", "delete"):
        assert getattr(api, method)(f"{CALCULATIONS}/{runs[0].pk}", {"npvUsd": 1e12}).status_code == 405
    assert api.post(f"{SCENARIOS}/{scenario.pk}/calculations", {"state": "succeeded"}).status_code == 405
    assert list(Calculation.objects.order_by("pk").values()) == before


def test_run_of_somebody_who_has_left_is_still_there(
    api: APIClient, scenario: Scenario, runs: tuple[Calculation, Calculation], editor: User
) -> None:
    editor.delete()

    assert api.get(f"{CALCULATIONS}/{runs[1].pk}").json()["user"] is None


def diff(api: APIClient, before: object, after: object) -> Any:
    return api.get(f"{CALCULATIONS}/{before}/diff/{after}")


def test_difference_names_inputs_and_kpis_before_and_after(
    api: APIClient, runs: tuple[Calculation, Calculation]
) -> None:
    first, second = runs

    there, back = diff(api, first.pk, second.pk).json(), diff(api, second.pk, first.pk).json()

    assert there["inputs"] == [{"path": "plant.capacity", "before": 500_000.0, "after": 250_000.0}]
    assert there["kpis"]["npvUsd"] == {"before": first.npv_usd, "after": second.npv_usd}
    assert set(there["kpis"]) == {
        "npvUsd",
        "irr",
        "paybackYears",
        "minimumSellingPriceUsdPerT",
        "lcopUsdPerT",
        "tciUsd",
        "carbonIntensityGPerMj",
    }
    assert back["inputs"] == [{"path": "plant.capacity", "before": 250_000.0, "after": 500_000.0}]


def test_run_does_not_differ_from_itself(api: APIClient, runs: tuple[Calculation, Calculation]) -> None:
    body = diff(api, runs[0].pk, runs[0].pk).json()

    assert body["inputs"] == []
    assert all(pair["before"] == pair["after"] for pair in body["kpis"].values())


def test_difference_shows_items_that_came_and_went(api: APIClient, project: Project, user: User) -> None:
    scenario = scenario_make(project=project, user=user)
    first = calculate(scenario, user=user).current
    two = [{"feedstock": "Used cooking oil", "share": 0.6}, {"feedstock": "Tallow", "share": 0.4}]
    second = calculate(scenario, user=user, inputs={**HEFA, "feedstocks": two}).current

    changes = {row["path"]: (row["before"], row["after"]) for row in diff(api, first.pk, second.pk).json()["inputs"]}

    assert changes["feedstocks[0].share"] == (1.0, 0.6)
    assert changes["feedstocks[1].feedstock"] == (None, "Tallow")


@pytest.mark.parametrize("other", ["abc", "00000000-0000-0000-0000-000000000000", "z" * 36, "-" * 36])
def test_difference_to_nothing_is_not_there(api: APIClient, runs: tuple[Calculation, Calculation], other: str) -> None:
    assert diff(api, runs[0].pk, other).status_code == 404
    assert diff(api, other, runs[0].pk).status_code == 404


def test_every_numeric_input_has_its_units(api: APIClient) -> None:
    items = api.get("/api/v1/units").json()["items"]

    numeric = {
        camel_path(path)
        for path, item in walk(ScenarioInputs)
        if item.spec.settable and item.spec.kind in {Kind.NUMBER, Kind.SERIES}
    }
    assert {item["path"] for item in items} == numeric
    (capacity,) = (item for item in items if item["path"] == "plant.capacity")
    assert capacity["unit"] == "t/year"
    factors = {other["unit"]: other["factor"] for other in capacity["others"]}
    assert factors["kt/year"] == pytest.approx(1000)
    assert (factors["bbl/day"], factors["gal/year"]) == (None, None)


def test_every_unit_on_offer_is_understood(api: APIClient, scenario: Scenario) -> None:
    refused = {}
    for item in api.get("/api/v1/units").json()["items"]:
        for unit in (item["unit"], *(other["unit"] for other in item["others"])):
            value = {"value": 1e-9, "unit": unit}
            inputs = nested(item["path"], value, "Electricity" if item.get("countedIn") == "kWh" else "Hydrogen")
            for entry in inputs.get("incentives", ()):
                entry |= {"kind": item.get("kind", "rin"), "amount": 1, **entry}
            answer = api.post(f"{SCENARIOS}/{scenario.pk}/preview", {"inputs": inputs})
            codes = {error["code"] for error in answer.json().get("errors", ())}
            if "unit" in codes or "type" in codes:
                refused[item["path"], unit] = answer.json()["errors"]

    assert refused == {}


def nested(path: str, value: Any, utility: str) -> dict[str, Any]:
    """Inputs with one value at a path of the units list."""
    names = {"feedstocks": "Used cooking oil", "utilities": utility, "products": "Jet", "incentives": "Own"}
    head, *rest = path.split(".")
    if head.endswith("[]"):
        group = head.removesuffix("[]")
        one = {"feedstocks": "feedstock", "utilities": "utility", "products": "product"}.get(group, "incentive")
        return {**HEFA, group: [{one: names[group], rest[0]: value}]}
    for name in reversed(rest):
        value = {name: [value] if name == "constructionShares" else value}
    return {**HEFA, head: value}


def test_calculations_are_compared_only_with_ones_own(
    api: APIClient, project: Project, user: User, other_user: User
) -> None:
    own = calculate(scenario_make(project=project, user=user), user=user).current_id
    foreign = scenario_make(project=project_make(user=other_user), user=other_user)
    theirs = calculate(foreign, user=other_user).current_id

    for before, after in ((own, theirs), (theirs, own)):
        assert diff(api, before, after).status_code == 404
