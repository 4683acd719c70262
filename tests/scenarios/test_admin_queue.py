"""The operators' page: how the queue stands, who works, and what can be done about a run."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from config.http.middleware import STRICT_CSP
from config.templatetags.ages import age
from scenarios.admin.operations import BY_OPERATOR
from scenarios.models import Calculation, Scenario, Worker
from scenarios.services import queue_outcomes
from scenarios.services.execution import calculation_execute
from scenarios.services.workers import worker_leave, worker_seen
from tests.factories import user_make
from tests.fixtures import browser_of
from tests.scenarios.cases import SMALL, calculate, state_of
from tests.scenarios.runs import claim, start, work
from tests.scenarios.test_calculating_api import give_up
from tests.scenarios.test_queue import queue

pytestmark = pytest.mark.django_db

type Counter = Callable[[int], AbstractContextManager[Any]]

QUEUE = "/admin/scenarios/calculation/queue/"
LIST = "/admin/scenarios/calculation/"


def client_with(*permissions: str) -> Client:
    """Somebody of the staff with these permissions on calculations."""
    user = user_make(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return browser_of(user)


@pytest.fixture
def operator(db: None) -> Client:
    return client_with("view_calculation", "change_calculation")


def texts(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def post(client: Client, action: str, *runs: Calculation, **fields: str) -> Any:
    body = {"action": f"{action}_selected", "_selected_action": [str(run.pk) for run in runs], "queue": "yes"}
    return client.post(LIST, {**body, **fields})


def state(run: Calculation) -> str:
    return Calculation.objects.values_list("state", flat=True).get(pk=run.pk)


def messages_of(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def test_page_shows_how_the_queue_stands(operator: Client, user: User, scenario: Scenario) -> None:
    runs = queue(user, 4)
    broken = start(scenario, user=user)
    Calculation.objects.filter(pk=broken.pk).update(turn=0, queued_at=timezone.now() - timedelta(days=1))
    give_up(broken)
    Calculation.objects.filter(pk=runs[3].pk).update(queued_at=timezone.now() - timedelta(minutes=5))
    worker = uuid4()
    worker_seen(worker=worker, running=None)
    Worker.objects.update(host="desk-7", pid=4242)
    done = claim_as(worker)
    work_on(done)
    claim_as(worker)

    page = operator.get(QUEUE)

    shown = texts(page.text)
    assert page.status_code == 200
    for figure in (
        "Waiting 2", "Oldest 5 min", "Delayed 0", "Running 1", "Workers 1", "Finished in the last minute 2",
        "Succeeded in the last day 1", "Errored in the last day 1", "Failed in the last day 0",
    ):  # fmt: skip
        assert figure in shown
    assert "desk-7 4242" in shown
    assert "desk-7:4242" in shown  # who holds the one that runs
    assert "worker_died: Calculating it was interrupted" in shown
    assert "No worker is running" not in shown


def claim_as(worker: Any) -> Calculation:
    run = claim()
    Calculation.objects.filter(pk=run.pk).update(worker=worker)
    run.worker = worker
    return run


def work_on(run: Calculation) -> None:
    assert calculation_execute(calculation=run)


def test_page_of_an_idle_product(operator: Client) -> None:
    worker_seen(worker=uuid4(), running=None)

    shown = texts(operator.get(QUEUE).text)

    assert "Waiting 0 Oldest – Delayed 0 Running 0 Workers 1" in shown
    assert "Nothing waits." in shown


def test_banner_where_no_worker_is(operator: Client, user: User) -> None:
    never = operator.get(QUEUE).text
    worker = uuid4()
    worker_seen(worker=worker, running=None)
    Worker.objects.update(host="desk-7", pid=4242, seen_at=Now() - timedelta(minutes=3))
    lost = operator.get(QUEUE).text
    worker_seen(worker=worker, running=None)
    there = operator.get(QUEUE).text
    worker_leave(worker=worker)
    stopped = operator.get(QUEUE).text

    assert ["errornote" in page for page in (never, lost, there, stopped)] == [True, True, False, True]
    assert "No worker is running: calculations are taken in and kept, and wait." in texts(never)
    assert "The last one, desk-7:4242, was seen 3 min ago." in texts(lost)


@pytest.mark.parametrize("count", [1, 12])
def test_page_takes_as_many_queries_for_many_runs(
    operator: Client, user: User, count: int, django_assert_num_queries: Counter
) -> None:
    for run in queue(user, count):
        Calculation.objects.filter(pk=run.pk).update(state="errored", finished_at=Now())
    queue(user, count)
    for _ in range(count):
        worker_seen(worker=uuid4(), running=None)
    operator.get(QUEUE)

    # user, permissions of the user and of groups, then workers, what waits and since when, what was finished just now,
    # workers counted, outcomes of the day, what waits, what went wrong
    with django_assert_num_queries(10) as captured:
        page = operator.get(QUEUE)

    assert page.text.count('name="_selected_action"') == 2 * count
    for large in ("inputs", "resolved_inputs", "result"):
        assert not [query for query in captured.captured_queries if f'"{large}"' in query["sql"]]


def test_page_is_plain_under_the_policy(operator: Client, user: User) -> None:
    (run,) = queue(user, 1)

    for page in (operator.get(QUEUE), post(operator, "cancel", run)):
        assert page.headers["Content-Security-Policy"] == STRICT_CSP
        assert " style=" not in page.text
        assert "<style" not in page.text
        assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>\s*\S", page.text)
        assert " onclick=" not in page.text


def test_names_of_users_are_text(operator: Client, user: User) -> None:
    (run,) = queue(user, 1)
    Scenario.objects.filter(pk=run.scenario_id).update(name="<script>alert(1)</script>")

    for page in (operator.get(QUEUE), post(operator, "cancel", run)):
        assert "&lt;script&gt;alert(1)" in page.text
        assert "<script>alert" not in page.text


@pytest.mark.parametrize("running", [False, True])
def test_a_pending_run_is_cancelled_once_that_is_confirmed(operator: Client, user: User, running: bool) -> None:
    (run,) = queue(user, 1)
    if running:
        claim()

    asked = post(operator, "cancel", run)
    before = state(run)
    answer = operator.post(LIST, hidden_fields(asked.text), follow=True)

    run.refresh_from_db()
    assert asked.status_code == 200
    assert "Cancel 1 calculation?" in texts(asked.text)
    assert before in {"queued", "running"}
    assert (run.state, run.message) == ("cancelled", BY_OPERATOR)
    assert Scenario.objects.get(pk=run.scenario_id).status == "draft"
    assert answer.redirect_chain == [(QUEUE, 302)]
    assert messages_of(answer) == ["1 calculation cancelled."]


def hidden_fields(html: str) -> dict[str, Any]:
    """What the form of a page sends."""
    form = html[html.index('class="delete-confirmation"') :]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form):
        found.setdefault(name, []).append(value)
    assert "csrfmiddlewaretoken" in found
    return found


def test_an_errored_run_is_tried_again_once_that_is_confirmed(operator: Client, user: User, scenario: Scenario) -> None:
    run = start(scenario, user=user)
    give_up(run)

    asked = post(operator, "retry", run)
    before = Calculation.objects.count()
    answer = operator.post(LIST, hidden_fields(asked.text), follow=True)

    assert before == 1
    assert "Try 1 calculation again?" in texts(asked.text)
    assert messages_of(answer) == ["1 calculation queued again."]
    again = Calculation.objects.exclude(pk=run.pk).get()
    assert (again.state, again.trigger, again.user) == ("queued", "operator", user)
    assert work() == 1
    scenario.refresh_from_db()
    assert (scenario.status, scenario.current_id) == ("calculated", again.pk)
    # What has been calculated since is not offered once more.
    assert 'name="_selected_action"' not in operator.get(QUEUE).text


def test_many_are_done_and_those_that_cannot_be_are_named(operator: Client, user: User) -> None:
    done, *pending = queue(user, 3)
    work_on(claim())

    asked = post(operator, "cancel", done, *pending)
    answer = operator.post(LIST, hidden_fields(asked.text), follow=True)

    assert [state(run) for run in (done, *pending)] == ["succeeded", "cancelled", "cancelled"]
    assert messages_of(answer) == [
        f"{done.pk} is left as it is: the run has succeeded.",
        "2 calculations cancelled.",
    ]


def test_from_the_list_it_goes_back_to_the_list(operator: Client, user: User) -> None:
    (run,) = queue(user, 1)

    body = {"action": "cancel_selected", "_selected_action": [str(run.pk)], "confirmed": "yes"}
    answer = operator.post(f"{LIST}?state__exact=queued", body, follow=True)

    assert answer.redirect_chain == [(f"{LIST}?state__exact=queued", 302)]
    assert messages_of(answer) == ["1 calculation cancelled."]


def test_too_many_at_once_are_refused(operator: Client, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scenarios.admin.calculations.MOST_AT_ONCE", 1)
    runs = queue(user, 2)

    answer = post(operator, "cancel", *runs, confirmed="yes")

    assert answer.status_code == 302
    assert messages_of(operator.get(QUEUE)) == ["At most 1 calculation at once: select fewer."]
    assert [state(run) for run in runs] == ["queued", "queued"]


@pytest.mark.parametrize("action", ["cancel", "retry"])
def test_who_may_only_look_changes_nothing(user: User, scenario: Scenario, action: str) -> None:
    run = start(scenario, user=user)
    if action == "retry":
        give_up(run)
    before = state_of(scenario)
    reader = client_with("view_calculation")

    page = reader.get(QUEUE)
    answers = [post(reader, action, run), post(reader, action, run, confirmed="yes")]

    assert page.status_code == 200
    assert "_selected_action" not in page.text
    assert [answer.status_code for answer in answers] == [403, 403]
    assert state_of(scenario) == before


def test_who_may_not_see_calculations_does_not_see_the_queue(user: User) -> None:
    (run,) = queue(user, 1)
    staff, member = client_with("view_scenario"), Client()
    member.force_login(user)

    assert staff.get(QUEUE).status_code == 403
    assert post(staff, "cancel", run, confirmed="yes").status_code == 403
    assert member.get(QUEUE).status_code == 302
    assert Client().get(QUEUE).headers["Location"].startswith("/admin/login/")
    assert "Queue" not in staff.get("/admin/").text
    assert state(run) == "queued"


def test_forms_of_others_are_refused(user: User) -> None:
    (run,) = queue(user, 1)
    client = Client(enforce_csrf_checks=True)
    client.force_login(user_make(is_staff=True, is_superuser=True))

    assert post(client, "cancel", run, confirmed="yes").status_code == 403
    assert state(run) == "queued"


def test_reading_changes_nothing(operator: Client, user: User) -> None:
    (run,) = queue(user, 1)

    operator.get(LIST, {"action": "cancel_selected", "_selected_action": str(run.pk), "confirmed": "yes"})

    assert state(run) == "queued"


def test_front_page_and_list_lead_to_the_queue(operator: Client) -> None:
    assert reverse("admin:scenarios_calculation_queue") == QUEUE
    for page in ("/admin/", LIST):
        assert f'href="{QUEUE}"' in operator.get(page).text


@pytest.mark.parametrize("bulk", [False, True])
def test_a_run_that_is_deleted_leaves_no_scenario_calculating(user: User, scenario: Scenario, bulk: bool) -> None:
    run = start(scenario, user=user)
    client = Client()
    client.force_login(user_make(is_staff=True, is_superuser=True))

    if bulk:
        client.post(LIST, {"action": "delete_selected", "_selected_action": [str(run.pk)], "post": "yes"})
    else:
        client.post(f"{LIST}{run.pk}/delete/", {"post": "yes"})

    scenario.refresh_from_db()
    assert not Calculation.objects.exists()
    assert scenario.status == "draft"


def test_outcomes_are_those_of_the_last_day(user: User, scenario: Scenario, other_user: User) -> None:
    calculate(scenario, user=user)
    Calculation.objects.update(finished_at=F("finished_at") - timedelta(hours=25))
    calculate(scenario, user=user, inputs=SMALL)

    assert queue_outcomes() == {"succeeded": 1, "failed": 0, "errored": 0, "cancelled": 0}


@pytest.mark.parametrize(
    ("ago", "told"),
    [(-5, "0 s"), (0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (7300, "2 h"), (200_000, "2 d")],
)
def test_ages(ago: int, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert age(now - timedelta(seconds=ago)) == told
    assert age(None) == ""
