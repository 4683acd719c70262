"""Yearly values in the editor: as they are typed or pasted, and how many of them there are."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from projects.models import Project
from scenarios.models import Scenario
from tests.fixtures import signed_in
from tests.scenarios.cases import HEFA, scenario_make
from tests.scenarios.forms import controls, inputs_of, send, states, text_of

pytestmark = pytest.mark.django_db

RAMP = "plant.utilisation"


@pytest.fixture
def page(user: User) -> Client:
    return signed_in(user)


@pytest.mark.parametrize(
    "text",
    [
        "50, 75, 90",
        "50,75,90",
        "50 75 90",
        "50;75;90",
        "50; 75; 90;",
        "50\t75\t90",
        "50\r\n75\r\n90\r\n",
        "50 %, 75%, 90 %",
    ],
)
def test_years_come_in_a_row_or_a_column(page: Client, scenario: Scenario, text: str) -> None:
    answer = send(page, scenario, **{RAMP: text})

    assert inputs_of(scenario)["plant"] == {"utilisation": [0.5, 0.75, 0.9]}
    assert states(answer)[RAMP]["counted"] == "3 of 20 years given; it runs in full in later years."
    assert controls(page.get(f"/scenarios/{scenario.pk}"))[RAMP] == "50, 75, 90"


def test_decimal_commas_are_asked_about_rather_than_taken_for_two_numbers(page: Client, scenario: Scenario) -> None:
    answer = send(page, scenario, **{RAMP: "50,5; 75,5"})

    assert states(answer)[RAMP]["problem"] == "Number 1, 50,5: Write decimals with a point: 50.5."
    assert "plant" not in inputs_of(scenario)


@pytest.mark.parametrize(
    ("given", "shown", "counted"),
    [
        (0.9, "90", "The same in all years."),
        ([0.9], "90,", "1 of 20 years given; it runs in full in later years."),
        ([1] * 20, ", ".join(["100"] * 20), "20 of 20 years given."),
        ({"value": 900, "unit": "kg/t"}, "90", "The same in all years."),
    ],
)
def test_one_number_for_all_years_is_not_one_year(
    page: Client, project: Project, user: User, given: Any, shown: str, counted: str
) -> None:
    scenario = scenario_make(project=project, user=user, inputs={**HEFA, "plant": {"utilisation": given}})

    opened = page.get(f"/scenarios/{scenario.pk}")
    send(page, scenario, **{RAMP: shown})

    assert controls(opened)[RAMP] == shown
    assert counted in text_of(opened)
    assert inputs_of(scenario)["plant"] == {"utilisation": given}


def test_years_of_construction_are_told_with_their_sum(page: Client, scenario: Scenario) -> None:
    answer = send(page, scenario, **{"finance.constructionShares": "30; 70"})

    assert states(answer)["finance.constructionShares"]["counted"] == "2 years given, together 100 %."
