"""Scenarios calculated from their project's page, one or all drafts, and followed until they end."""

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from projects.models import Project
from scenarios.choices import RunState, ScenarioStatus
from scenarios.models import Calculation, Scenario
from tests.scenarios.cases import scenario_make
from tests.scenarios.runs import start, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue_in_memory")]
type Counter = Callable[[int], AbstractContextManager[Any]]
HTMX = {"HTTP_HX_REQUEST": "true"}
# Without capital cost there is nothing to calculate.
LACKING = {"pathway": "SIP", "country": "MYS"}


def test_a_calculation_is_followed_until_it_ends_and_then_no_more(
    browser: Client, project: Project, scenario: Scenario
) -> None:
    begun = browser.post(f"/scenarios/{scenario.pk}/start", **HTMX)
    clock = re.search(r'hx-get="(/projects/[^"]+/cards\?shown=[^"]+)"', begun.text)
    assert clock
    waiting = browser.get(clock[1], **HTMX)
    work()
    done = browser.get(clock[1], **HTMX)

    assert "hx-swap-oob" in begun.text
    assert "No worker is running" in waiting.text
    assert f'id="stop-{scenario.pk}"' in waiting.text
    assert 'hx-trigger="load' in waiting.text
    scenario.refresh_from_db()
    assert f'value="{scenario.current.npv_usd!r}"' in done.text
    assert 'hx-trigger="load' not in done.text


def test_a_page_opened_while_somebody_calculates_follows_it(
    browser: Client, project: Project, scenario: Scenario, user: User
) -> None:
    start(scenario, user=user)

    assert f"/projects/{project.pk}/cards?shown={scenario.pk}" in browser.get(f"/projects/{project.pk}").text


def test_cards_of_another_page_are_not_asked_for(browser: Client, project: Project, user: User) -> None:
    made = [scenario_make(project=project, user=user, name=f"Case {number}") for number in range(25)]
    for scenario in (made[0], made[24]):
        start(scenario, user=user)

    first = browser.get(f"/projects/{project.pk}").text
    second = browser.get(f"/projects/{project.pk}?page=2").text
    begun = browser.post(f"/scenarios/{made[1].pk}/start", {"page": "1"}, **HTMX).text

    assert f"shown={made[0].pk}" in first
    assert f"shown={made[24].pk}&amp;page=2" in second
    assert f"shown={made[0].pk},{made[1].pk}" in begun
    assert str(made[24].pk) not in begun


def test_cancelling_ends_the_run_and_one_that_has_ended_stays(
    browser: Client, project: Project, scenario: Scenario, user: User
) -> None:
    run = start(scenario, user=user)

    card = browser.post(f"/scenarios/{scenario.pk}/stop", **HTMX)
    again = browser.post(f"/scenarios/{scenario.pk}/stop", **HTMX)

    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    assert f'id="start-{scenario.pk}"' in card.text
    assert again.status_code == 200


def test_what_cannot_be_calculated_says_why_at_once(browser: Client, project: Project, user: User) -> None:
    scenario = scenario_make(project=project, user=user, inputs=LACKING)

    answer = browser.post(f"/scenarios/{scenario.pk}/start", **HTMX)

    assert "cannot be calculated yet" in json.loads(answer.headers["HX-Trigger"])["said"]["value"]
    assert not Calculation.objects.exists()


def test_all_drafts_are_calculated_and_nothing_else(
    browser: Client, project: Project, calculated: Scenario, user: User
) -> None:
    drafts = [scenario_make(project=project, user=user, name=name) for name in ("one", "two")]
    scenario_make(project=project, user=user, name="lacking", inputs=LACKING)

    told = browser.post(f"/projects/{project.pk}/calculate", follow=True)

    queued = Calculation.objects.filter(state=RunState.QUEUED)
    assert {run.scenario_id for run in queued} == {draft.pk for draft in drafts}
    assert "2 scenarios are being calculated" in told.text
    assert "“lacking” cannot be calculated yet" in told.text


def test_calculating_is_limited_on_pages_as_well(
    browser: Client, project: Project, scenario: Scenario, settings: Any
) -> None:
    settings.RATELIMIT_ENABLE = True
    settings.RATES = {**settings.RATES, "calculate": "1/d"}
    cache.clear()

    first = browser.post(f"/scenarios/{scenario.pk}/start")
    second = browser.post(f"/projects/{project.pk}/calculate")

    assert (first.status_code, second.status_code) == (302, 429)
    assert int(second.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("size", [1, 20])
def test_following_takes_the_same_queries_whatever_the_number(
    browser: Client, project: Project, user: User, django_assert_num_queries: Counter, size: int
) -> None:
    waiting = [scenario_make(project=project, user=user, name=f"Case {number}") for number in range(size)]
    for scenario in waiting:
        start(scenario, user=user)
    address = f"/projects/{project.pk}/cards?shown={','.join(str(scenario.pk) for scenario in waiting)}"
    browser.get(address)

    # User, project, the cards, how their runs stand, master data version, what is still being calculated.
    with django_assert_num_queries(6):
        browser.get(address, **HTMX)
    assert Scenario.objects.filter(status=ScenarioStatus.CALCULATING).count() == size
