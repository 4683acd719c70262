"""When our own arithmetic breaks: the run says so, the inputs are kept, and nothing of the inside gets out."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from scenarios.engine.model import GRAPH
from scenarios.models import Calculation, Scenario
from scenarios.services.execution import BROKE
from tests.fixtures import api_client
from tests.scenarios.cases import CALCULATIONS, HEFA, PROJECTS, SCENARIOS, SMALL, state_of

pytestmark = pytest.mark.django_db

SECRET = "division by zero at /srv/app/scenarios/engine/formulas/price.py"


def break_down(*values: Any) -> Any:
    raise ZeroDivisionError(SECRET)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A formula in the middle of the method raises."""
    key, _, arguments, accepts = GRAPH._steps["total_opex_usd_per_y"]
    monkeypatch.setitem(GRAPH._steps, key, (key, break_down, arguments, accepts))


def test_run_that_breaks_says_so_and_keeps_the_inputs(api: APIClient, scenario: Scenario, broken: None) -> None:
    answer = api.post(f"{SCENARIOS}/{scenario.pk}/calculate/sync", {"inputs": SMALL})

    problem = answer.json()
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (problem["type"], problem["detail"]) == ("urn:safapac:problem:calculation-errored", BROKE)
    assert problem["requestId"] == answer.headers["X-Request-ID"]
    run = Calculation.objects.get()
    assert (run.state, run.error_code, run.message, run.result) == ("errored", "internal", BROKE, None)
    assert (run.npv_usd, run.progress) == (None, 0)
    assert run.started_at <= run.finished_at
    scenario.refresh_from_db()
    assert (scenario.status, scenario.inputs, scenario.current) == ("failed", SMALL, run)


def test_nothing_of_the_inside_gets_out(
    api: APIClient, scenario: Scenario, broken: None, caplog: pytest.LogCaptureFixture
) -> None:
    answers = [
        api.post(f"{SCENARIOS}/{scenario.pk}/calculate/sync", {}),
        api.get(f"{SCENARIOS}/{scenario.pk}"),
        api.get(f"{SCENARIOS}/{scenario.pk}/calculate/status"),
        api.get(f"{SCENARIOS}/{scenario.pk}/trace/npv"),
        api.get(f"{SCENARIOS}/{scenario.pk}/calculations"),
        api.get(f"{CALCULATIONS}/{Calculation.objects.get().pk}"),
        api.get(f"{PROJECTS}/{scenario.project_id}/scenarios"),
        api.get(f"{PROJECTS}/{scenario.project_id}/comparison"),
    ]

    assert [answer.status_code for answer in answers] == [500, 200, 200, 409, 200, 200, 200, 200]
    for answer in answers:
        for inside in ("ZeroDivisionError", "Traceback", "/srv/app", "price.py", "formulas"):
            assert inside not in answer.content.decode()
    assert SECRET in caplog.text
    assert str(scenario.pk) in caplog.text


def test_status_of_a_failed_scenario_has_a_message_and_no_result(
    api: APIClient, scenario: Scenario, broken: None
) -> None:
    api.post(f"{SCENARIOS}/{scenario.pk}/calculate/sync", {})

    body = api.get(f"{SCENARIOS}/{scenario.pk}/calculate/status").json()

    assert (body["status"], body["message"], body["progress"]) == ("failed", BROKE, 0.0)
    assert body["calculationId"] == str(Calculation.objects.get().pk)
    assert body["technoEconomics"] is body["financials"] is body["carbon"] is body["resolvedInputs"] is None


def test_earlier_result_is_not_shown_for_what_broke(api: APIClient, calculated: Scenario, broken: None) -> None:
    api.post(f"{SCENARIOS}/{calculated.pk}/calculate/sync", {"inputs": SMALL})

    body = api.get(f"{SCENARIOS}/{calculated.pk}").json()
    known = api.post(f"{SCENARIOS}/{calculated.pk}/calculate/sync", {"inputs": HEFA})

    assert (body["status"], set(body["kpis"].values())) == ("failed", {None})
    # The result of the earlier inputs is known and needs no engine.
    assert (known.status_code, known.json()["status"]) == (200, "calculated")


def test_once_repaired_the_same_inputs_are_calculated_anew(
    api: APIClient, scenario: Scenario, broken: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"{SCENARIOS}/{scenario.pk}/calculate/sync"
    assert api.post(url, {}).status_code == 500
    monkeypatch.undo()

    answer = api.post(url, {})

    assert (answer.status_code, answer.json()["status"]) == (200, "calculated")
    assert list(Calculation.objects.order_by("queued_at").values_list("state", flat=True)) == ["errored", "succeeded"]


def test_preview_that_breaks_stores_nothing(user: User, calculated: Scenario, broken: None) -> None:
    client = api_client(user)
    client.raise_request_exception = False
    before = state_of(calculated)

    answer = client.post(f"{SCENARIOS}/{calculated.pk}/preview", {"inputs": SMALL})

    assert (answer.status_code, answer.json()["status"]) == (500, 500)
    assert "ZeroDivisionError" not in answer.content.decode()
    assert SECRET not in answer.content.decode()
    assert state_of(calculated) == before
