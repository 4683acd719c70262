"""The figures beside the form while somebody types: computed, and nothing is saved."""

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from accounts.models import AuditEntry, User
from projects.models import Project
from scenarios.models import Calculation, Scenario
from tests.fixtures import signed_in
from tests.scenarios.cases import HEFA, SMALL, calculate, scenario_make, state_of
from tests.scenarios.forms import controls, inputs_of, send
from tests.scenarios.pages import figures

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(user: User) -> Client:
    return signed_in(user)


def previewed(page: Client, scenario: Scenario, *, base: Any = None, **typed: str) -> HttpResponse:
    """What comes back for a form with values as they stand in it while it is typed in."""
    sent = {"base": json.dumps(inputs_of(scenario) if base is None else base), **typed}
    return page.post(f"/scenarios/{scenario.pk}/preview", sent, headers={"hx-request": "true"})


def test_what_is_typed_is_previewed_as_it_will_be_when_it_is_saved_and_nothing_is_written(
    page: Client, calculated: Scenario
) -> None:
    kept = (state_of(calculated), AuditEntry.objects.count(), Calculation.objects.count())

    answer = previewed(page, calculated, **{"plant.capacity": "250", "plant.capacity:unit": "kt/year"})

    assert answer.status_code == 200
    assert "Changes are against the result" in answer.text
    assert kept == (state_of(calculated), AuditEntry.objects.count(), Calculation.objects.count())
    saved = send(page, calculated, **{"plant.capacity": "250", "plant.capacity:unit": "kt/year"})
    assert figures(answer.text) == figures(saved.text)
    assert figures(answer.text)


def test_the_whole_form_as_it_stands_is_previewed_with_one_value_typed_in_it(page: Client, scenario: Scenario) -> None:
    form = controls(page.get(f"/scenarios/{scenario.pk}"))
    del form["base"]

    before, after = (previewed(page, scenario, **{**form, "feedstocks[0].price": price}) for price in ("", "1100"))

    assert figures(before.text)
    assert len(figures(before.text)) == len(figures(after.text))
    assert figures(before.text) != figures(after.text)


@pytest.mark.parametrize("typed", ["-", "1e", "plenty", "-5", "0"])
def test_there_is_no_answer_while_what_is_typed_is_nothing_yet(page: Client, scenario: Scenario, typed: str) -> None:
    answer = previewed(page, scenario, **{"plant.capacity": typed})

    assert (answer.status_code, answer.content) == (204, b"")


def test_there_is_none_of_inputs_that_lack_something(page: Client, user: User, project: Project) -> None:
    lacking = scenario_make(user=user, project=project, inputs={"pathway": "SIP", "country": "MYS"})

    assert previewed(page, lacking, **{"plant.capacity": "1000"}).status_code == 204


@pytest.mark.parametrize("base", ["", "[", "[]", "null", '"HEFA"', '{"plant": 5}'])
def test_a_form_without_what_it_was_made_from_is_not_previewed(page: Client, scenario: Scenario, base: str) -> None:
    answer = page.post(f"/scenarios/{scenario.pk}/preview", {"base": base, "plant.capacity": "1000"})

    assert answer.status_code == 204


def test_who_may_not_write_has_nothing_to_type(scenario: Scenario, viewer: User, other_user: User) -> None:
    assert previewed(signed_in(viewer), scenario).status_code == 403
    assert previewed(signed_in(other_user), scenario).status_code == 404
    assert previewed(Client(), scenario).status_code == 302
    reading = signed_in(viewer).get(f"/scenarios/{scenario.pk}").text
    assert f"/scenarios/{scenario.pk}/preview" not in reading


@pytest.mark.parametrize("runs", [1, 8])
def test_it_takes_as_many_queries_whatever_was_calculated(
    page: Client, scenario: Scenario, user: User, runs: int, django_assert_num_queries: Any
) -> None:
    for number in range(runs):
        calculate(scenario, user=user, inputs={**SMALL, "finance": {"lifetime": 20 + number}})
    previewed(page, scenario, base=HEFA)

    # The scenario; the version of the master data for form and defaults; the last result; the version for currencies.
    with django_assert_num_queries(6):
        previewed(page, scenario, base=HEFA, **{"plant.capacity": "300000"})


def test_figures_while_typing_have_a_rate_of_each_users_own_and_saving_is_free_of_it(
    page: Client, scenario: Scenario, editor: User, settings: Any
) -> None:
    settings.RATELIMIT_ENABLE = True
    settings.RATES = {**settings.RATES, "typing": "3/d", "preview": "1/d"}
    typed = {"plant.capacity": "250000"}

    answers = [previewed(page, scenario, **typed) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200] * 3 + [429]
    refused = answers[-1]
    assert 0 < int(refused.headers["Retry-After"]) <= 86_400
    assert refused.headers["HX-Retarget"] == "#waits"
    assert "They follow as soon as you pause" in refused.text
    assert 'id="waits"' in answers[0].text
    assert previewed(signed_in(editor), scenario, **typed).status_code == 200
    saved = send(page, scenario, **typed)
    assert (saved.status_code, figures(saved.text)) == (200, figures(answers[0].text))
    assert inputs_of(scenario)["plant"]["capacity"] == 250_000


def test_figures_follow_again_once_the_time_is_over(page: Client, scenario: Scenario, settings: Any) -> None:
    settings.RATELIMIT_ENABLE = True
    settings.RATES = {**settings.RATES, "typing": "1/d"}
    statuses = [previewed(page, scenario, **{"plant.capacity": "250000"}).status_code for _ in range(2)]

    cache.clear()

    assert statuses == [200, 429]
    assert previewed(page, scenario, **{"plant.capacity": "250000"}).status_code == 200
