"""The editor of a scenario: what is typed is kept, shown, judged and calculated."""

import html
import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from scenarios.models import Scenario
from tests.scenarios.cases import HEFA, calculate, state_of

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client


@pytest.fixture
def page(user: User) -> Client:
    return signed_in(user)


def send(
    page: Client, scenario: Scenario, *, action: str = "save", base: Any = None, plain: bool = False, **controls: str
) -> HttpResponse:
    """Send a form as a browser would that shows ``base``, else what is saved; controls by their paths."""
    if base is None:
        base = Scenario.objects.get(pk=scenario.pk).inputs
    data = {"base": json.dumps(base), "action": action, **controls}
    headers = {} if plain else {"hx-request": "true"}
    return page.post(f"/scenarios/{scenario.pk}", data, headers=headers)


def typed(**paths: str) -> dict[str, str]:
    """Controls by path, written with ``__`` for a point."""
    return {name.replace("__", "."): text for name, text in paths.items()}


def inputs_of(scenario: Scenario) -> dict[str, Any]:
    return dict(Scenario.objects.get(pk=scenario.pk).inputs)


def states(response: HttpResponse) -> Mapping[str, Any]:
    found = re.search(r'id="states"[^>]*>(.*?)</script>', response.content.decode(), re.DOTALL)
    assert found is not None
    return json.loads(found[1])["fields"]


def text_of(response: HttpResponse) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())))


def test_the_page_shows_every_default_with_its_source(page: Client, scenario: Scenario) -> None:
    response = page.get(f"/scenarios/{scenario.pk}")

    assert response.status_code == 200
    assert "Default 500,000 t/year , confirmed: miniTEA specification workbook" in text_of(response)


def test_a_number_that_is_typed_is_saved_and_marked(page: Client, scenario: Scenario) -> None:
    response = send(page, scenario, **{"plant.capacity": "250,000"})

    assert response.status_code == 200
    assert inputs_of(scenario) == {**HEFA, "plant": {"capacity": 250_000}}
    assert states(response)["plant.capacity"]["changed"]


def test_what_cannot_be_read_is_told_and_the_rest_is_saved(page: Client, scenario: Scenario) -> None:
    response = send(page, scenario, **{"plant.capacity": "many", "plant.loadHours": "7000"})

    assert inputs_of(scenario) == {**HEFA, "plant": {"loadHours": 7000}}
    assert states(response)["plant.capacity"]["problem"] == "Must be a number, such as 1250 or 0.85."


def test_a_form_made_before_somebody_elses_change_overwrites_nothing(page: Client, calculated: Scenario) -> None:
    old = inputs_of(calculated)
    send(page, calculated, **{"plant.capacity": "300000"})
    before = state_of(calculated)

    response = send(page, calculated, base=old, **{"plant.capacity": "280000"})

    assert response.status_code == 412
    assert state_of(calculated) == before
    assert "300,000 t/year" in text_of(response)
    assert "280,000 t/year" in text_of(response)


def test_calculating_from_the_page_queues_a_run(page: Client, scenario: Scenario) -> None:
    response = send(page, scenario, action="calculate", **{"plant.capacity": "300000"})

    assert response.status_code == 200
    assert Scenario.objects.get(pk=scenario.pk).status == "calculating"


def test_the_preview_tells_the_change_against_the_last_result(page: Client, scenario: Scenario, user: User) -> None:
    calculate(scenario, user=user)

    response = send(page, scenario, **{"feedstocks[0].price": "1200"})

    assert "worse" in text_of(response)
