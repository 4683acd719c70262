"""A calculation in the background as clients see it: taken in, waited for, replaced, cancelled, looked up."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db.models.functions import Now
from django_tasks_db.models import DBTaskResult
from rest_framework.test import APIClient

from accounts.models import User
from projects.models import Project
from scenarios.models import Calculation, Scenario, Worker
from scenarios.services.running import REPLACED
from scenarios.services.runs import MOST_ATTEMPTS, run_claim
from scenarios.services.workers import runs_recover, worker_lost, worker_seen
from tests.scenarios.cases import CALCULATIONS, HEFA, SCENARIOS, SMALL, scenario_make, state_of
from tests.scenarios.runs import claim, expire, make_due, start, work
from tests.scenarios.test_queue import queue

pytestmark = pytest.mark.django_db

PARTS = ("technoEconomics", "financials", "carbon", "units", "reasons", "resolvedInputs")


def at(scenario: Scenario, part: str = "calculate") -> str:
    return f"{SCENARIOS}/{scenario.pk}/{part}"


def status_of(api: APIClient, scenario: Scenario) -> dict[str, Any]:
    return api.get(at(scenario, "calculate/status")).json()


def give_up(run: Calculation) -> None:
    """Every worker that takes ``run`` dies."""
    for _ in range(MOST_ATTEMPTS):
        make_due()
        expire(claim())
        runs_recover()
    run.refresh_from_db()
    assert run.state == "errored"


def test_taken_in_calculated_and_read(api: APIClient, scenario: Scenario, project: Project, user: User) -> None:
    twin = scenario_make(project=project, user=user, name="Twin")

    accepted = api.post(at(scenario), {"inputs": SMALL})
    waiting = status_of(api, scenario)
    worked = work()
    done = status_of(api, scenario)

    run = Calculation.objects.get()
    assert accepted.status_code == 202
    assert accepted.json() == {
        "status": "calculating",
        "scenarioId": str(scenario.pk),
        "calculationId": str(run.pk),
        "links": {
            "status": at(scenario, "calculate/status"),
            "calculation": f"{CALCULATIONS}/{run.pk}",
            "cancel": f"{CALCULATIONS}/{run.pk}/cancel",
        },
    }
    assert accepted.headers["Location"] == f"{CALCULATIONS}/{run.pk}"
    assert (waiting["status"], waiting["calculationId"]) == ("calculating", str(run.pk))
    assert {waiting[part] for part in PARTS} == {None}
    assert worked == 1
    assert (done["status"], done["calculationId"], done["progress"]) == ("calculated", str(run.pk), 1.0)
    at_once = api.post(at(twin, "calculate/sync"), {"inputs": SMALL}).json()
    assert [done[part] for part in PARTS] == [at_once[part] for part in PARTS]
    assert set(done) == set(waiting) == set(at_once)
    scenario.refresh_from_db()
    assert scenario.inputs == SMALL


def test_every_link_leads_somewhere(api: APIClient, scenario: Scenario) -> None:
    links = api.post(at(scenario), {}).json()["links"]

    assert api.get(links["status"]).json()["status"] == "calculating"
    assert api.get(links["calculation"]).json()["state"] == "queued"
    assert api.post(links["cancel"]).status_code == 202


def test_a_worker_is_woken_once_it_is_stored(
    api: APIClient, scenario: Scenario, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        run = api.post(at(scenario), {}).json()["calculationId"]

    assert [task.args_kwargs["args"] for task in DBTaskResult.objects.all()] == [[run]]


def test_saved_inputs_are_calculated_where_none_are_sent(api: APIClient, scenario: Scenario) -> None:
    assert api.post(at(scenario)).status_code == 202

    assert Calculation.objects.get().inputs == HEFA


def test_known_result_is_there_at_once_and_is_polled_for_all_the_same(api: APIClient, calculated: Scenario) -> None:
    answer = api.post(at(calculated), {"inputs": HEFA})

    assert (answer.status_code, answer.json()["status"]) == (202, "calculated")
    assert answer.json()["calculationId"] == str(calculated.current_id)
    assert status_of(api, calculated)["financials"] is not None
    assert Calculation.objects.count() == 1


def test_the_same_inputs_while_calculating_are_the_same_run(api: APIClient, scenario: Scenario) -> None:
    first = api.post(at(scenario), {"inputs": SMALL}).json()
    while_queued = api.post(at(scenario), {"inputs": SMALL}).json()
    claim()
    while_running = api.post(at(scenario), {}).json()

    assert first == while_queued == while_running
    assert Calculation.objects.count() == 1


@pytest.mark.parametrize("running", [False, True])
def test_other_inputs_while_calculating_win_and_the_older_run_says_so(
    api: APIClient, scenario: Scenario, running: bool
) -> None:
    older = api.post(at(scenario), {"inputs": HEFA}).json()
    if running:
        claim()

    newer = api.post(at(scenario), {"inputs": SMALL}).json()

    replaced = api.get(older["links"]["calculation"]).json()
    assert (replaced["state"], replaced["message"]) == ("cancelled", REPLACED)
    assert status_of(api, scenario)["calculationId"] == newer["calculationId"] != older["calculationId"]
    assert work() == 1
    done = status_of(api, scenario)
    assert (done["status"], done["calculationId"]) == ("calculated", newer["calculationId"])


def test_every_fault_of_inputs_is_named_and_what_runs_goes_on(api: APIClient, scenario: Scenario) -> None:
    start(scenario, user=scenario.created_by)
    before = state_of(scenario)

    answer = api.post(at(scenario), {"inputs": {**HEFA, "plant": {"capacity": -5, "loadHours": 1e6}, "nonsense": 1}})

    assert answer.status_code == 400
    assert {error["field"] for error in answer.json()["errors"]} == {
        "inputs.plant.capacity", "inputs.plant.loadHours", "inputs.nonsense",
    }  # fmt: skip
    assert state_of(scenario) == before


def test_saved_inputs_that_lack_something_are_not_queued(api: APIClient, project: Project, user: User) -> None:
    bare = scenario_make(project=project, user=user, inputs={})

    answer = api.post(at(bare), {})

    assert answer.status_code == 400
    assert {error["code"] for error in answer.json()["errors"]} == {"required"}
    assert not Calculation.objects.exists()


@pytest.mark.parametrize("body", [{"inputs": None}, {"inputs": [HEFA]}, {"input": HEFA}, [HEFA]])
def test_malformed_body_queues_nothing(api: APIClient, scenario: Scenario, body: Any) -> None:
    assert api.post(at(scenario), body).status_code == 400
    assert not Calculation.objects.exists()


def test_stale_version_queues_nothing_and_the_present_one_does_once(api: APIClient, scenario: Scenario) -> None:
    tag = api.get(f"{SCENARIOS}/{scenario.pk}").headers["ETag"]
    before = state_of(scenario)

    stale = api.post(at(scenario), {"inputs": SMALL}, HTTP_IF_MATCH='"stale"')
    unchanged = state_of(scenario) == before
    first = api.post(at(scenario), {"inputs": SMALL}, HTTP_IF_MATCH=tag)
    again = api.post(at(scenario), {"inputs": HEFA}, HTTP_IF_MATCH=tag)

    assert (stale.status_code, unchanged) == (412, True)
    assert (first.status_code, again.status_code) == (202, 412)
    assert first.headers["ETag"] == api.get(f"{SCENARIOS}/{scenario.pk}").headers["ETag"]
    assert Calculation.objects.count() == 1


def test_status_of_what_was_never_calculated(api: APIClient, scenario: Scenario) -> None:
    body = status_of(api, scenario)

    assert (body["status"], body["calculationId"], body["message"]) == ("draft", None, "Not calculated yet.")
    assert (body["progress"], body["position"]) == (0.0, None)


def test_status_says_what_a_run_waits_for(api: APIClient, scenario: Scenario, other_user: User) -> None:
    queue(other_user, 1)
    api.post(at(scenario), {})

    nobody_there = status_of(api, scenario)
    worker_seen(worker=uuid4(), running=None)
    second = status_of(api, scenario)
    run_claim(model=Calculation, worker=uuid4())
    first = status_of(api, scenario)
    run_claim(model=Calculation, worker=uuid4())
    running = status_of(api, scenario)

    assert {body["status"] for body in (nobody_there, second, first, running)} == {"calculating"}
    assert nobody_there["message"] == "No worker is running: your run waits and is kept."
    assert (second["position"], second["message"]) == (2, "1 run is calculated before this one.")
    assert (first["position"], first["message"]) == (1, "Next to be calculated.")
    assert (running["position"], running["message"]) == (None, "Calculating.")


def test_status_of_a_run_whose_worker_died_says_so(api: APIClient, scenario: Scenario) -> None:
    api.post(at(scenario), {})
    worker_seen(worker=uuid4(), running=None)
    worker_lost(worker=claim().worker)

    body = status_of(api, scenario)

    assert (body["status"], body["position"]) == ("calculating", 1)
    assert "interrupted; it is tried again (attempt 2 of 3)" in body["message"]


def test_status_of_a_run_that_broke_is_failed_with_a_safe_message(api: APIClient, scenario: Scenario) -> None:
    started = api.post(at(scenario), {}).json()
    give_up(Calculation.objects.get())

    body = status_of(api, scenario)
    run = api.get(started["links"]["calculation"]).json()

    assert (body["status"], body["calculationId"]) == ("failed", started["calculationId"])
    assert "Your inputs are kept" in body["message"]
    assert (run["state"], run["errorCode"], run["attempt"], run["message"]) == (
        "errored", "worker_died", 3, body["message"],
    )  # fmt: skip
    assert {body[part] for part in PARTS} == {None}


def test_a_poller_has_what_has_not_changed_and_gets_what_has(
    api: APIClient, scenario: Scenario, other_user: User
) -> None:
    queue(other_user, 1)
    api.post(at(scenario), {})
    worker_seen(worker=uuid4(), running=None)
    url = at(scenario, "calculate/status")
    tags = [api.get(url).headers["ETag"]]

    def moved() -> bool:
        before = api.get(url, HTTP_IF_NONE_MATCH=tags[-1])
        tags.append(before.headers["ETag"])
        return before.status_code == 200

    unchanged = moved()
    claim()
    nearer = moved()
    work()
    done = moved()

    assert (unchanged, nearer, done, moved()) == (False, True, True, False)


def test_status_of_calculating_reads_no_result(
    api: APIClient, calculated: Scenario, django_assert_num_queries: Any
) -> None:
    Calculation.objects.update(engine_version="0")
    api.post(at(calculated), {})

    with django_assert_num_queries(2) as captured:
        body = status_of(api, calculated)

    assert body["status"] == "calculating"
    assert not [query for query in captured.captured_queries if '"result"' in query["sql"]]


@pytest.mark.parametrize("running", [False, True])
@pytest.mark.parametrize("by", ["scenario", "calculation"])
def test_cancelled(api: APIClient, scenario: Scenario, by: str, running: bool) -> None:
    started = api.post(at(scenario), {}).json()
    if running:
        claim()
    url = at(scenario, "calculate/cancel") if by == "scenario" else started["links"]["cancel"]

    answer = api.post(url)

    assert (answer.status_code, answer.json()) == (202, {**started, "status": "draft"})
    run = api.get(started["links"]["calculation"]).json()
    assert (run["state"], run["message"]) == ("cancelled", "Cancelled.")
    after = status_of(api, scenario)
    assert (after["status"], after["calculationId"], after["message"]) == ("draft", None, "Cancelled.")
    assert work() == 0


def test_cancelling_leaves_a_known_result_in_sight(api: APIClient, calculated: Scenario) -> None:
    api.post(at(calculated), {"inputs": SMALL})
    api.patch(f"{SCENARIOS}/{calculated.pk}", {"inputs": HEFA})

    answer = api.post(at(calculated, "calculate/cancel"))

    assert (answer.status_code, answer.json()["status"]) == (202, "calculated")
    assert status_of(api, calculated)["calculationId"] == str(calculated.current_id)


@pytest.mark.parametrize("end", ["never", "calculated", "cancelled", "errored"])
def test_nothing_to_cancel(api: APIClient, scenario: Scenario, end: str) -> None:
    if end != "never":
        started = api.post(at(scenario), {}).json()
    if end == "calculated":
        work()
    elif end == "cancelled":
        api.post(started["links"]["cancel"])
    elif end == "errored":
        give_up(Calculation.objects.get())
    before = state_of(scenario)

    refused = [api.post(at(scenario, "calculate/cancel"))]
    if end != "never":
        refused.append(api.post(started["links"]["cancel"]))

    assert {answer.status_code for answer in refused} == {409}
    assert {answer.json()["type"] for answer in refused} == {"urn:safapac:problem:not-active"}
    assert state_of(scenario) == before


def test_cancelling_a_run_that_was_replaced_leaves_the_newer_one(api: APIClient, scenario: Scenario) -> None:
    older = api.post(at(scenario), {"inputs": HEFA}).json()
    api.post(at(scenario), {"inputs": SMALL})
    before = state_of(scenario)

    assert api.post(older["links"]["cancel"]).status_code == 409
    assert state_of(scenario) == before


@pytest.mark.parametrize("key", [uuid4(), "abc"])
def test_unknown_run_is_not_there(api: APIClient, calculated: Scenario, key: Any) -> None:
    known = calculated.current_id

    assert api.get(f"{CALCULATIONS}/{key}").status_code == 404
    assert api.post(f"{CALCULATIONS}/{key}/cancel").status_code == 404
    assert api.get(f"{CALCULATIONS}/{known}/diff/{key}").status_code == 404
    assert api.get(f"{CALCULATIONS}/{key}/diff/{known}").status_code == 404


def test_history_says_why_a_run_is_pending(api: APIClient, calculated: Scenario, other_user: User) -> None:
    queue(other_user, 1)
    worker_seen(worker=uuid4(), running=None)
    started = api.post(at(calculated), {"inputs": SMALL}).json()

    listed = api.get(at(calculated, "calculations")).json()["items"]
    shown = api.get(started["links"]["calculation"]).json()

    assert [item["state"] for item in listed] == ["queued", "succeeded"]
    assert [item["position"] for item in listed] == [2, None]
    assert (shown["position"], shown["message"]) == (2, "1 run is calculated before this one.")
    assert listed[0] == {name: shown[name] for name in listed[0]}
    assert (shown["startedAt"], shown["finishedAt"], shown["result"]) == (None, None, None)


def test_history_is_filtered_by_state(api: APIClient, scenario: Scenario) -> None:
    for inputs in (HEFA, SMALL, {**HEFA, "country": "USA"}):
        api.post(at(scenario), {"inputs": inputs})
    work()
    api.post(at(scenario), {"inputs": {**HEFA, "finance": {"lifetime": 22}}})

    def count(state: str) -> int:
        return api.get(f"{at(scenario, 'calculations')}?state={state}").json()["total"]

    counts = {state: count(state) for state in ("queued", "running", "succeeded", "failed", "errored", "cancelled")}
    assert counts == {"queued": 1, "running": 0, "succeeded": 1, "failed": 0, "errored": 0, "cancelled": 2}
    assert api.get(f"{at(scenario, 'calculations')}?state=dreaming").status_code == 400


def test_a_pending_run_is_compared_by_its_inputs(api: APIClient, calculated: Scenario) -> None:
    pending = api.post(at(calculated), {"inputs": SMALL}).json()["calculationId"]

    body = api.get(f"{CALCULATIONS}/{calculated.current_id}/diff/{pending}").json()

    assert {change["path"] for change in body["inputs"]} >= {"plant.capacity"}
    assert body["kpis"]["npvUsd"]["after"] is None
    assert body["kpis"]["npvUsd"]["before"] is not None


def test_a_worker_seen_long_ago_is_not_counted_on(api: APIClient, scenario: Scenario) -> None:
    worker_seen(worker=uuid4(), running=None)
    Worker.objects.update(seen_at=Now() - timedelta(minutes=1))

    api.post(at(scenario), {})

    assert status_of(api, scenario)["message"] == "No worker is running: your run waits and is kept."
