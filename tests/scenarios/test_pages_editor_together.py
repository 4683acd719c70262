"""Two people change one scenario in the editor: the second is told, and nothing of either is lost."""

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from scenarios.models import Scenario
from tests.fixtures import signed_in
from tests.scenarios.cases import state_of
from tests.scenarios.forms import inputs_of, send, text_of

pytestmark = pytest.mark.django_db
OIL = {"feedstock": "Used cooking oil"}


@pytest.fixture
def page(user: User) -> Client:
    return signed_in(user)


def address(scenario: Scenario) -> str:
    return f"/scenarios/{scenario.pk}"


@pytest.fixture
def met(page: Client, scenario: Scenario, editor: User) -> dict[str, Any]:
    """What the page was made from before ``editor`` changed capacity and load hours."""
    base = inputs_of(scenario)
    send(signed_in(editor), scenario, **{"plant.capacity": "300000", "plant.loadHours": "7000"})
    return base


MINE = {"plant.capacity": "280000", "finance.taxRate": "11"}


def test_who_comes_second_is_told_by_whom_and_loses_nothing(
    page: Client, scenario: Scenario, editor: User, met: dict[str, Any]
) -> None:
    before = state_of(scenario)

    answer = send(page, scenario, base=met, **MINE)

    assert answer.status_code == 412
    assert state_of(scenario) == before
    told = text_of(answer)
    assert f"{editor.name} changed this scenario" in told
    for words in ("Capacity", "300,000 t/year", "280,000 t/year", "7,000 h/year", "11 %", "Not saved"):
        assert words in told


@pytest.mark.parametrize(
    ("action", "chosen", "plant", "tax"),
    [
        ("settle", {}, {"capacity": 300_000, "loadHours": 7000}, 0.11),
        ("settle", {"choose:plant.capacity": "mine"}, {"capacity": 280_000, "loadHours": 7000}, 0.11),
        ("settle", {"choose:finance.taxRate": "theirs", "choose:plant.loadHours": "mine"}, {"capacity": 300_000}, None),
        ("take", {}, {"capacity": 300_000, "loadHours": 7000}, None),
        ("insist", {}, {"capacity": 280_000}, 0.11),
    ],
)
def test_what_both_changed_is_as_the_second_chooses(
    page: Client, scenario: Scenario, met: dict[str, Any], action: str, chosen: dict[str, str],
    plant: dict[str, Any], tax: float | None,
) -> None:  # fmt: skip
    theirs = json.dumps(inputs_of(scenario))

    answer = send(page, scenario, action=action, base=met, theirs=theirs, **MINE, **chosen)

    assert answer.status_code == 200
    assert inputs_of(scenario)["plant"] == plant
    assert inputs_of(scenario).get("finance", {}).get("taxRate") == tax


def test_a_choice_between_what_has_changed_again_is_asked_anew(
    page: Client, scenario: Scenario, editor: User, met: dict[str, Any]
) -> None:
    theirs = json.dumps(inputs_of(scenario))
    send(signed_in(editor), scenario, **{"plant.capacity": "310000"})
    before = state_of(scenario)

    answer = send(page, scenario, action="insist", base=met, theirs=theirs, **MINE)

    assert answer.status_code == 412
    assert "310,000 t/year" in text_of(answer)
    assert state_of(scenario) == before


def test_lists_are_chosen_between_as_a_whole(page: Client, scenario: Scenario, editor: User) -> None:
    base = inputs_of(scenario)
    send(signed_in(editor), scenario, **{"feedstocks[0].price": "1000"})
    theirs = json.dumps(inputs_of(scenario))

    told = text_of(send(page, scenario, base=base, **{"feedstocks[0].price": "900"}))
    send(page, scenario, action="insist", base=base, theirs=theirs, **{"feedstocks[0].price": "900"})

    assert "Used cooking oil (price 1,000 USD/t)" in told
    assert inputs_of(scenario)["feedstocks"] == [{**OIL, "price": 900}]
