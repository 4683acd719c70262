"""A scenario calculated from its editor: queued, shown, cancelled, refused, and told when nobody takes it."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from projects.models import Project
from scenarios.models import Calculation, Scenario
from scenarios.services.workers import worker_seen
from tests.fixtures import signed_in
from tests.scenarios.cases import scenario_make
from tests.scenarios.forms import inputs_of, send, text_of
from tests.scenarios.runs import claim, start, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(user: User) -> Client:
    return signed_in(user)


def address(scenario: Scenario) -> str:
    return f"/scenarios/{scenario.pk}"


def test_the_preview_tells_the_change_against_the_last_result(page: Client, calculated: Scenario) -> None:
    same = text_of(page.get(address(calculated)))
    dearer = text_of(send(page, calculated, **{"feedstocks[0].price": "1200"}))

    assert "As calculated" in same
    assert "worse" not in same
    assert "Changes are against the result" in dearer
    assert "worse" in dearer


def test_a_run_is_queued_shown_and_comes_to_its_result(page: Client, scenario: Scenario) -> None:
    answer = send(page, scenario, action="calculate", **{"plant.capacity": "300000"})
    waiting = page.get(f"{address(scenario)}/run")
    reloaded = page.get(address(scenario))
    work()
    ended = page.get(f"{address(scenario)}/run")

    assert "<progress" in answer.content.decode()
    assert "No worker is running" in text_of(waiting)
    assert "load delay:1s" in reloaded.content.decode()
    assert "Calculated" in text_of(ended)
    assert "load delay:1s" not in ended.content.decode()
    assert Scenario.objects.get(pk=scenario.pk).status == "calculated"


def test_somebody_elses_run_is_no_change_of_the_inputs(page: Client, scenario: Scenario, editor: User) -> None:
    base = inputs_of(scenario)
    start(scenario, user=editor)
    work()

    answer = send(page, scenario, base=base, **{"plant.capacity": "300000"})

    assert answer.status_code == 200
    assert inputs_of(scenario)["plant"] == {"capacity": 300_000}


def test_nothing_is_calculated_while_something_is_missing(page: Client, project: Project, user: User) -> None:
    scenario = scenario_make(project=project, user=user, inputs={"pathway": "HEFA-SPK"})

    answer = send(page, scenario, action="calculate")

    assert "something is missing" in answer.headers["HX-Trigger"]
    assert "Country" in text_of(answer)
    assert not scenario.calculations.exists()


def test_a_run_is_cancelled(page: Client, scenario: Scenario, user: User) -> None:
    start(scenario, user=user)

    answer = send(page, scenario, action="cancel")

    assert "The last calculation was cancelled" in text_of(answer)
    assert scenario.calculations.get().state == "cancelled"
    assert "Nothing is being calculated" in send(page, scenario, action="cancel").headers["HX-Trigger"]


def test_a_run_that_broke_says_so_and_how_to_go_on(page: Client, scenario: Scenario, user: User) -> None:
    start(scenario, user=user)
    run = claim()
    Calculation.objects.filter(pk=run.pk).update(
        state="errored", error_code="internal", message="It broke on our side.", finished_at=run.queued_at,
        lease_until=None,
    )  # fmt: skip
    Scenario.objects.filter(pk=scenario.pk).update(status="failed")

    told = text_of(page.get(f"{address(scenario)}/run"))

    assert "The last calculation broke: It broke on our side." in told
    assert "Try again" in told


def test_too_many_calculations_are_refused_in_words_and_the_inputs_saved(
    page: Client, scenario: Scenario, settings: Any
) -> None:
    settings.RATELIMIT_ENABLE = True
    settings.RATES = {**settings.RATES, "calculate": "1/d"}
    send(page, scenario, action="calculate")

    answer = send(page, scenario, action="calculate", **{"plant.capacity": "300000"})

    assert answer.status_code == 429
    assert "Ask again in" in text_of(answer)
    assert int(answer.headers["Retry-After"]) > 0
    assert inputs_of(scenario)["plant"] == {"capacity": 300_000}
    assert scenario.calculations.count() == 1


def test_the_banner_says_that_no_worker_is_alive(page: Client, scenario: Scenario) -> None:
    idle = page.get(address(scenario))
    worker_seen(worker=uuid4(), running=None)
    cache.delete("pages:a-worker-is-alive")

    assert "No worker is running, so calculations wait" in text_of(idle)
    assert "No worker is running" not in text_of(page.get(address(scenario)))
