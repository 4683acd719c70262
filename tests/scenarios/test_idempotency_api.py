"""Idempotency-Key: a request for a calculation that is sent again is served once."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from projects.models import Project
from scenarios.models import Calculation, IdempotencyKey, Scenario
from tests.fixtures import api_client
from tests.scenarios.cases import HEFA, SCENARIOS, SMALL, scenario_make, state_of
from tests.scenarios.runs import work

pytestmark = pytest.mark.django_db


def ask(api: APIClient, scenario: Scenario, key: str, inputs: Any = None, **headers: str) -> Any:
    body = {} if inputs is None else {"inputs": inputs}
    return api.post(f"{SCENARIOS}/{scenario.pk}/calculate", body, HTTP_IDEMPOTENCY_KEY=key, **headers)


def test_same_request_has_the_same_answer(api: APIClient, scenario: Scenario) -> None:
    first = ask(api, scenario, "k", SMALL)
    before = state_of(scenario)

    again = ask(api, scenario, "k", SMALL)

    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["Location"] == first.headers["Location"]
    assert state_of(scenario) == before


def test_same_request_after_others_starts_nothing(api: APIClient, scenario: Scenario) -> None:
    first = ask(api, scenario, "k", HEFA).json()
    ask(api, scenario, "l", SMALL)
    work()
    before = state_of(scenario)

    again = ask(api, scenario, "k", HEFA)

    assert (again.status_code, again.json()["calculationId"]) == (202, first["calculationId"])
    assert again.json()["links"] == first["links"]
    assert state_of(scenario) == before


def test_order_of_the_fields_is_not_another_request(api: APIClient, scenario: Scenario) -> None:
    first = ask(api, scenario, "k", dict(HEFA)).json()

    again = ask(api, scenario, "k", dict(reversed(HEFA.items())))

    assert (again.status_code, again.json()) == (202, first)


def test_key_with_another_body_or_scenario_is_refused(
    api: APIClient, scenario: Scenario, project: Project, user: User
) -> None:
    ask(api, scenario, "k", HEFA)
    other = scenario_make(project=project, user=user)
    before = state_of(scenario), state_of(other)

    answers = [ask(api, scenario, "k", SMALL), ask(api, scenario, "k"), ask(api, other, "k", HEFA)]

    for answer in answers:
        problem = answer.json()
        assert (answer.status_code, problem["type"]) == (422, "urn:safapac:problem:idempotency-key-reused")
        assert [error["field"] for error in problem["errors"]] == ["Idempotency-Key"]
    assert (state_of(scenario), state_of(other)) == before


def test_keys_of_users_are_apart(api: APIClient, scenario: Scenario, editor: User) -> None:
    first = ask(api, scenario, "k", HEFA).json()["calculationId"]

    other = ask(api_client(editor), scenario, "k", SMALL)

    assert other.status_code == 202
    assert other.json()["calculationId"] != first


def test_repeated_request_stands_on_the_version_it_has_changed_itself(api: APIClient, scenario: Scenario) -> None:
    tag = api.get(f"{SCENARIOS}/{scenario.pk}").headers["ETag"]

    first = ask(api, scenario, "k", SMALL, HTTP_IF_MATCH=tag)
    again = ask(api, scenario, "k", SMALL, HTTP_IF_MATCH=tag)
    other = ask(api, scenario, "l", SMALL, HTTP_IF_MATCH=tag)

    assert (first.status_code, again.status_code, other.status_code) == (202, 202, 412)
    assert first.json() == again.json()


@pytest.mark.parametrize(
    ("key", "code"),
    [("", "invalid"), ("  ", "invalid"), ("a\tb", "invalid"), ("clé", "invalid"), ("k" * 201, "max_length")],
)
def test_malformed_key_is_refused(api: APIClient, scenario: Scenario, key: str, code: str) -> None:
    answer = ask(api, scenario, key)

    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("Idempotency-Key", code)]
    assert not Calculation.objects.exists()


def test_malformed_key_and_inputs_are_named_at_once(api: APIClient, scenario: Scenario) -> None:
    answer = ask(api, scenario, "clé", {**HEFA, "nonsense": 1})

    assert {error["field"] for error in answer.json()["errors"]} == {"Idempotency-Key", "inputs.nonsense"}


@pytest.mark.parametrize("key", ["k" * 200, '"quoted"', "8e03978e-40d5-43dd-bc93-6894a57f9324", "two words"])
def test_any_printable_key_will_do(api: APIClient, scenario: Scenario, key: str) -> None:
    assert ask(api, scenario, key).status_code == 202
    assert IdempotencyKey.objects.get().key == key


def test_refused_request_leaves_its_key_free(api: APIClient, scenario: Scenario) -> None:
    assert ask(api, scenario, "k", {**HEFA, "plant": {"capacity": -1}}).status_code == 400

    assert ask(api, scenario, "k", SMALL).status_code == 202
