"""Inputs that cannot be: refused at every door, every fault named at once, and nothing stored of them."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from projects.models import Project
from scenarios.models import Calculation, Scenario
from tests.scenarios.cases import HEFA, PROJECTS, SCENARIOS, calculate, scenario_make, state_of

pytestmark = pytest.mark.django_db

JET = {"product": "Jet", "yield": 0.6, "price": 3000, "lowerHeatingValue": 43.8, "carbonContent": 0.847}
SQL = "'; DROP TABLE scenarios_scenario; --"
LITERALS = ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1" + "0" * 400]

# By door: how it is asked, under which address, and what its body says beside the inputs.
DOORS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "create": ("post", f"{PROJECTS}/{{project}}/scenarios", {"name": "New"}),
    "put": ("put", f"{SCENARIOS}/{{scenario}}", {"name": "New"}),
    "patch": ("patch", f"{SCENARIOS}/{{scenario}}", {}),
    "draft": ("patch", f"{SCENARIOS}/{{scenario}}/draft", {}),
    "calculate": ("post", f"{SCENARIOS}/{{scenario}}/calculate/sync", {}),
    "preview": ("post", f"{SCENARIOS}/{{scenario}}/preview", {}),
}

# What is malformed at every door: the changed inputs, and the fields that must be named with their codes.
MALFORMED: dict[str, tuple[dict[str, Any], set[tuple[str, str]]]] = {
    "capacity of nothing": ({"plant": {"capacity": 0}}, {("plant.capacity", "minimum")}),
    "negative capacity": ({"plant": {"capacity": -5}}, {("plant.capacity", "minimum")}),
    "capacity in words": ({"plant": {"capacity": "abc"}}, {("plant.capacity", "type")}),
    "capacity NaN in words": ({"plant": {"capacity": "NaN"}}, {("plant.capacity", "type")}),
    "capacity true": ({"plant": {"capacity": True}}, {("plant.capacity", "type")}),
    "capacity in money": ({"plant": {"capacity": {"value": 500, "unit": "USD/t"}}}, {("plant.capacity", "unit")}),
    "unknown unit": ({"plant": {"capacity": {"value": 500, "unit": "zorkmid/year"}}}, {("plant.capacity", "unit")}),
    "unit that is code": (
        {"plant": {"capacity": {"value": 500, "unit": "__import__('os')"}}},
        {("plant.capacity", "unit")},
    ),
    "unit without a value": ({"plant": {"capacity": {"unit": "kt/year"}}}, {("plant.capacity", "type")}),
    "unknown feedstock": (
        {"feedstocks": [{"feedstock": "Unicorn fat"}]},
        {("feedstocks[0].feedstock", "unknown_name")},
    ),
    "SQL for a feedstock": ({"feedstocks": [{"feedstock": SQL}]}, {("feedstocks[0].feedstock", "unknown_name")}),
    "wrong country": ({"country": "XXX"}, {("country", "unknown_name")}),
    "SQL for a country": ({"country": SQL}, {("country", "unknown_name")}),
    "country as a number": ({"country": 458}, {("country", "type")}),
    "unknown pathway": ({"pathway": "HEFA-XYZ"}, {("pathway", "unknown_name")}),
    "unknown group": ({"plnt": {"capacity": 1}}, {("plnt", "unknown")}),
    "unknown field": ({"plant": {"capcity": 1}}, {("plant.capcity", "unknown")}),
    "field in snake case": ({"plant": {"load_hours": 8000}}, {("plant.load_hours", "unknown")}),
    "master data by hand": ({"reference": {"blendLimit": 1}}, {("reference", "read_only")}),
    "group as a number": ({"plant": 500}, {("plant", "type")}),
    "list as an object": ({"products": {"Jet": 1}}, {("products", "type")}),
    "product twice": ({"products": [JET, {**JET, "yield": 0.4}]}, {("products[1].product", "duplicate")}),
    "word that is no choice": ({"finance": {"basis": "naked"}}, {("finance.basis", "choice")}),
    "several at once": (
        {
            "pathway": "nope",
            "country": "XXX",
            "plant": {"capacity": -5, "loadHours": "abc", "hours": 1},
            "feedstocks": [{"feedstock": "Unicorn fat"}, {"feedstock": "Tallow", "price": {"value": 1, "unit": "m"}}],
            "finance": {"lifetime": 0, "debt": {"share": 2}},
        },
        {
            ("pathway", "unknown_name"),
            ("country", "unknown_name"),
            ("plant.capacity", "minimum"),
            ("plant.loadHours", "type"),
            ("plant.hours", "unknown"),
            ("feedstocks[0].feedstock", "unknown_name"),
            ("feedstocks[1].price", "unit"),
            ("finance.lifetime", "minimum"),
            ("finance.debt.share", "maximum"),
        },
    ),
}
# What does not add up: a draft keeps it and says so, every other door refuses it.
INCOMPLETE: dict[str, tuple[dict[str, Any], set[tuple[str, str]]]] = {
    "yields of 0.9": (
        {"products": [JET, {**JET, "product": "Diesel", "yield": 0.3}]},
        {("products", "sum")},
    ),
    "no products": ({"products": []}, {("products", "empty")}),
    "no feedstocks": ({"feedstocks": []}, {("feedstocks", "empty")}),
    "construction shares of 0.5": (
        {"finance": {"constructionShares": [0.25, 0.25]}},
        {("finance.constructionShares", "sum")},
    ),
}

type Ask = Callable[[str, Any], Any]


@pytest.fixture
def stored(project: Project, user: User) -> Scenario:
    """A calculated scenario, which no refused write may touch."""
    return calculate(scenario_make(project=project, user=user), user=user)


@pytest.fixture
def ask(api: APIClient, stored: Scenario) -> Ask:
    """Send inputs, or a whole body as text, to a door."""

    def send(door: str, inputs: Mapping[str, Any] | str) -> Any:
        method, address, beside = DOORS[door]
        url = address.format(project=stored.project_id, scenario=stored.pk)
        body = inputs if isinstance(inputs, str) else json.dumps({**beside, "inputs": inputs})
        return getattr(api, method)(url, body, content_type="application/json")

    return send


def refused(answer: Any, status: int = 400) -> set[tuple[str, str]]:
    """The faults of a refusal, by field and code."""
    body = answer.json()
    assert answer.status_code == status, body
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (body["status"], bool(body["title"]), bool(body["requestId"])) == (status, True, True)
    assert all(error["message"] for error in body["errors"])
    return {(error["field"], error["code"]) for error in body["errors"]}


@pytest.mark.parametrize("fault", MALFORMED)
def test_malformed_inputs_are_refused_by_name(ask: Ask, stored: Scenario, fault: str) -> None:
    changes, fields = MALFORMED[fault]
    before = state_of(stored)

    faults = {door: refused(ask(door, {**HEFA, **changes})) for door in DOORS}

    assert faults == {door: {(f"inputs.{field}", code) for field, code in fields} for door in DOORS}
    assert state_of(stored) == before
    assert Scenario.objects.count() == 1


@pytest.mark.parametrize("fault", INCOMPLETE)
def test_inputs_that_do_not_add_up_are_refused_by_name(ask: Ask, stored: Scenario, fault: str) -> None:
    changes, fields = INCOMPLETE[fault]
    doors = [door for door in DOORS if door != "draft"]
    before = state_of(stored)

    faults = {door: refused(ask(door, {**HEFA, **changes})) for door in doors}

    assert faults == {door: {(f"inputs.{field}", code) for field, code in fields} for door in doors}
    assert state_of(stored) == before
    assert Scenario.objects.count() == 1


@pytest.mark.parametrize("door", ["calculate", "preview"])
def test_what_has_no_default_is_asked_for_when_it_is_calculated(ask: Ask, stored: Scenario, door: str) -> None:
    before = state_of(stored)

    faults = refused(ask(door, {"plant": {"capacity": 500_000}, "finance": {"lifetime": 20}}))

    required = {field for field, code in faults if code == "required"}
    assert {"inputs.plant.loadHours", "inputs.capital.tciReference", "inputs.finance.discountRate"} <= required
    assert "inputs.plant.capacity" not in required
    assert {"inputs.feedstocks", "inputs.products"} <= required
    assert state_of(stored) == before


@pytest.mark.parametrize("door", ["calculate", "preview"])
def test_pathway_without_a_design_on_the_feedstock_says_so(ask: Ask, stored: Scenario, door: str) -> None:
    before = state_of(stored)

    answer = ask(door, {**HEFA, "feedstocks": [{"feedstock": "Ethanol", "price": 900}]})

    faults = refused(answer)
    assert ("inputs.feedstocks", "no_design") in faults
    assert ("inputs.plant.capacity", "required") in faults
    (message,) = (error["message"] for error in answer.json()["errors"] if error["code"] == "no_design")
    assert "Used cooking oil" in message
    assert state_of(stored) == before


@pytest.mark.parametrize("literal", LITERALS, ids=lambda literal: literal[:6])
def test_number_that_is_none_is_refused_by_name(ask: Ask, stored: Scenario, literal: str) -> None:
    before = state_of(stored)
    inputs = {**HEFA, "plant": {"capacity": "here"}}

    faults = {
        door: refused(ask(door, json.dumps({**beside, "inputs": inputs}).replace('"here"', literal)))
        for door, (_, _, beside) in DOORS.items()
    }

    assert faults == {door: {("inputs.plant.capacity", "not_finite")} for door in DOORS}
    assert state_of(stored) == before
    assert Scenario.objects.count() == 1


def test_body_of_two_megabytes_is_too_large(ask: Ask, stored: Scenario) -> None:
    before = state_of(stored)

    faults = {door: refused(ask(door, {**HEFA, "pathway": "x" * 2_000_000}), 413) for door in DOORS}

    assert faults == {door: set() for door in DOORS}
    assert state_of(stored) == before
    assert Scenario.objects.count() == 1


@pytest.mark.parametrize("body", ['{"inputs": {"plant": ', "[]", '"inputs"', "inputs=1", '{"inputs": "\\ud800"}'])
def test_broken_json_is_refused(ask: Ask, stored: Scenario, body: str) -> None:
    before = state_of(stored)

    faults = {door: refused(ask(door, body)) for door in DOORS}

    assert faults == {door: set() for door in DOORS}
    assert state_of(stored) == before
    assert Scenario.objects.count() == 1


@pytest.mark.parametrize("inputs", [[], "abc", 5, None])
def test_inputs_are_an_object(ask: Ask, stored: Scenario, inputs: Any) -> None:
    before = state_of(stored)

    faults = {
        door: {field for field, _ in refused(ask(door, json.dumps({**beside, "inputs": inputs})))}
        for door, (_, _, beside) in DOORS.items()
    }

    assert faults == {door: {"inputs"} for door in DOORS}
    assert state_of(stored) == before


def test_faults_of_the_body_and_of_the_inputs_are_told_together(ask: Ask, stored: Scenario) -> None:
    before = state_of(stored)
    body = {"inputs": {**HEFA, "plant": {"capacity": 0}}, "name": "", "colour": "red", "status": "failed"}

    faults = {door: refused(ask(door, json.dumps(body))) for door in DOORS}

    of_scenario = {("name", "blank"), ("colour", "unknown"), ("status", "read_only")}
    of_inputs_only = {("name", "unknown"), ("colour", "unknown"), ("status", "unknown")}
    assert faults == {
        door: {("inputs.plant.capacity", "minimum")}
        | (of_scenario if door in {"create", "put", "patch"} else of_inputs_only)
        for door in DOORS
    }
    assert state_of(stored) == before
    assert Scenario.objects.count() == 1


def test_sql_in_a_name_is_a_name(api: APIClient, project: Project) -> None:
    url = f"{PROJECTS}/{project.pk}/scenarios"

    created = api.post(url, {"name": SQL, "inputs": HEFA})
    renamed = api.patch(f"{SCENARIOS}/{created.json()['id']}", {"name": f"{SQL} %s {{}}"})
    found = api.get(f"{url}?search=DROP").json()

    assert (created.status_code, created.json()["name"]) == (201, SQL)
    assert renamed.json()["name"] == f"{SQL} %s {{}}"
    assert [item["name"] for item in found["items"]] == [f"{SQL} %s {{}}"]
    assert Calculation.objects.count() == 0


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, None, True, ["x"], "a\x00b"])
def test_name_is_text_of_some_length(api: APIClient, stored: Scenario, name: Any) -> None:
    before = state_of(stored)

    created = api.post(f"{PROJECTS}/{stored.project_id}/scenarios", {"name": name})
    renamed = api.patch(f"{SCENARIOS}/{stored.pk}", {"name": name})
    copied = api.post(f"{SCENARIOS}/{stored.pk}/duplicate", {"name": name})

    for answer in (created, renamed, copied):
        assert {field for field, _ in refused(answer)} == {"name"}
    assert state_of(stored) == before
    assert Scenario.objects.count() == 1


@pytest.mark.parametrize("order", [-1, "last", 1.5, None, True, 10**12])
def test_place_is_a_whole_number(api: APIClient, stored: Scenario, order: Any) -> None:
    before = state_of(stored)

    assert {field for field, _ in refused(api.post(f"{SCENARIOS}/{stored.pk}/move", {"order": order}))} == {"order"}
    assert state_of(stored) == before


def test_numbers_of_many_digits_come_back_as_they_went_in(api: APIClient, project: Project) -> None:
    # 500 kt/year; PostgreSQL keeps the number with all of its digits, more than an integer of 64 bits has.
    inputs = {**HEFA, "plant": {"capacity": {"value": 5e20, "unit": "ng/year"}}}
    runaway = {**HEFA, "finance": {"lifetime": 100, "inflation": 1.0}}
    url = f"{PROJECTS}/{project.pk}/scenarios"

    tiny = api.post(url, {"name": "nanograms", "inputs": inputs}).json()
    wild = api.post(url, {"name": "runaway", "inputs": runaway}).json()
    calculated = [api.post(f"{SCENARIOS}/{made['id']}/calculate/sync", {}) for made in (tiny, wild)]

    assert api.get(f"{SCENARIOS}/{tiny['id']}").json()["inputs"] == inputs
    for made, answer in zip((tiny, wild), calculated, strict=True):
        assert answer.status_code == 200, answer.json()
        assert api.get(f"{SCENARIOS}/{made['id']}/calculate/status").json() == answer.json()
        assert api.get(f"/api/v1/calculations/{answer.json()['calculationId']}").status_code == 200
    last = calculated[1].json()["financials"]["cashFlowTable"][-1]
    assert last["totalRevenue"] > 1e36
