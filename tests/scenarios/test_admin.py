"""The admin of scenarios: it shows and finds, renames and deletes, and makes no results."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import User
from projects.models import Project
from scenarios.models import Calculation, Scenario
from tests.factories import project_make, user_make
from tests.fixtures import browser_of
from tests.scenarios.cases import SMALL, calculate, scenario_make, state_of

pytestmark = pytest.mark.django_db

MODELS = [Scenario, Calculation]
type Counter = Callable[[int], AbstractContextManager[Any]]


def url(model: type[Scenario] | type[Calculation], page: str, *args: object) -> str:
    return reverse(f"admin:scenarios_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def desk(db: None) -> Client:
    return browser_of(user_make(is_staff=True, is_superuser=True))


def more(calculated: Scenario, user: User, count: int) -> None:
    for _ in range(count):
        project = project_make(user=user)
        calculate(scenario_make(project=project, user=user, inputs=SMALL), user=user)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("count", [1, 12])
def test_lists_take_as_many_queries_for_many_rows(
    desk: Client, calculated: Scenario, user: User, model: Any, count: int, django_assert_num_queries: Counter
) -> None:
    more(calculated, user, count - 1)
    desk.get(url(model, "changelist"))

    with django_assert_num_queries(4) as captured:  # user, count of the found, count of all, page
        page = desk.get(url(model, "changelist"))

    assert page.status_code == 200
    assert page.context["cl"].result_count == count
    for name in ("inputs", "resolved_inputs", "result", "problems"):
        assert f'"{name}"' not in captured.captured_queries[-1]["sql"]


@pytest.mark.parametrize("model", MODELS)
def test_lists_are_searched_and_filtered(desk: Client, calculated: Scenario, user: User, model: Any) -> None:
    more(calculated, user_make(), 1)

    def count(query: str) -> int:
        return desk.get(f"{url(model, 'changelist')}?{query}").context["cl"].result_count

    assert count(f"q={user.email}") == 1
    assert count(f"q={calculated.project.name.replace(' ', '+')}+nowhere") == 0
    status = "status__exact=draft" if model is Scenario else "state__exact=errored"
    assert (count(""), count(status)) == (2, 0)


@pytest.mark.parametrize("model", MODELS)
def test_page_shows_everything_and_asks_for_nothing_row_by_row(
    desk: Client, calculated: Scenario, model: Any, django_assert_num_queries: Counter
) -> None:
    key = calculated.pk if model is Scenario else calculated.current_id
    desk.get(url(model, "change", key))

    with django_assert_num_queries(2):  # user, the row with what it points to
        page = desk.get(url(model, "change", key))

    assert page.status_code == 200
    assert "HEFA-SPK" in page.text


def test_nothing_is_added_by_hand(desk: Client) -> None:
    for model in MODELS:
        assert desk.get(url(model, "add")).status_code == 403
        assert desk.post(url(model, "add"), {"name": "x"}).status_code == 403
    assert not Scenario.objects.exists()


def test_scenario_is_renamed_and_nothing_else(desk: Client, calculated: Scenario) -> None:
    before = state_of(calculated)
    forged = {"status": "failed", "order": 9, "inputs": "{}", "inputs_hash": "x", "current": "", "version": 77}

    answer = desk.post(url(Scenario, "change", calculated.pk), {"name": "Renamed", **forged})

    after = state_of(calculated)
    assert answer.status_code == 302
    changed = {"name": "Renamed", "version": before["scenario"]["version"] + 1}
    assert after["scenario"] == {**before["scenario"], **changed, "updated_at": after["scenario"]["updated_at"]}
    assert after["calculations"] == before["calculations"]


def test_result_is_read_only(desk: Client, calculated: Scenario) -> None:
    before = state_of(calculated)

    answer = desk.post(url(Calculation, "change", calculated.current_id), {"npv_usd": 1e12, "state": "errored"})

    assert answer.status_code == 403
    assert state_of(calculated) == before


def test_current_result_goes_only_with_its_scenario(desk: Client, calculated: Scenario, user: User) -> None:
    earlier = calculated.current_id
    current = calculate(calculated, user=user, inputs=SMALL).current_id

    desk.post(url(Calculation, "delete", current), {"post": "yes"})
    desk.post(url(Calculation, "delete", earlier), {"post": "yes"})
    kept = list(Calculation.objects.values_list("pk", flat=True))
    desk.post(url(Scenario, "delete", calculated.pk), {"post": "yes"})

    assert kept == [current]
    assert not Scenario.objects.exists()
    assert not Calculation.objects.exists()


def test_project_is_deleted_with_its_scenarios(desk: Client, calculated: Scenario) -> None:
    desk.post(reverse("admin:projects_project_delete", args=[calculated.project_id]), {"post": "yes"})

    assert not Project.objects.exists()
    assert not Calculation.objects.exists()


def test_both_are_in_the_admin() -> None:
    assert {model for model in admin.site._registry if model._meta.app_label == "scenarios"} == set(MODELS)
