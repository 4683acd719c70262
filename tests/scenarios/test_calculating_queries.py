"""What a background calculation costs the database over HTTP, however long the queue and the history.

Writes run within a savepoint of the test's transaction, which is two statements more.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from masterdata.catalogue import current
from scenarios.models import Scenario
from tests.scenarios.cases import CALCULATIONS, HEFA, SCENARIOS, SMALL
from tests.scenarios.test_queries import calculations_like
from tests.scenarios.test_queue import queue

pytestmark = pytest.mark.django_db

type Counter = Callable[[int], AbstractContextManager[Any]]
SAVEPOINT = 2
# Once the run is committed: the task, and the bell for workers that wait.
WAKE = 1


@pytest.fixture(params=[1, 25])
def queued(request: pytest.FixtureRequest, calculated: Scenario, user: User, other_user: User) -> Scenario:
    """A calculated scenario with a history, while runs of its user and of another are queued."""
    calculations_like(calculated, request.param)
    queue(user, request.param)
    queue(other_user, request.param)
    current()  # the master data in memory, as in a process that has served a request
    return calculated


@pytest.fixture
def accept(queued: Scenario, api: APIClient, django_capture_on_commit_callbacks: Any) -> Callable[..., Any]:
    def send(inputs: Any = None, **headers: str) -> Any:
        body = {} if inputs is None else {"inputs": inputs}
        with django_capture_on_commit_callbacks(execute=True):
            answer = api.post(f"{SCENARIOS}/{queued.pk}/calculate", body, **headers)
        assert answer.status_code == 202
        return answer.json()

    return send


def test_accepting(accept: Callable[..., Any], django_assert_num_queries: Counter) -> None:
    # user, lock of the scenario with the master data version, the same result known?, insert, audit and update together
    with django_assert_num_queries(4 + SAVEPOINT + WAKE):
        assert accept(SMALL)["status"] == "calculating"
    # lock of the scenario, the active run, which is the same
    with django_assert_num_queries(2 + SAVEPOINT):
        assert accept(SMALL)["status"] == "calculating"
    # lock of the scenario, the active run, its end, the same result known?, that result, audit and update together
    with django_assert_num_queries(6 + SAVEPOINT):
        assert accept(HEFA)["status"] == "calculated"


def test_accepting_what_is_saved(
    accept: Callable[..., Any], queued: Scenario, api: APIClient, django_assert_num_queries: Counter
) -> None:
    api.patch(f"{SCENARIOS}/{queued.pk}", {"inputs": SMALL})

    # lock of the scenario, which has no result, insert and update together
    with django_assert_num_queries(2 + SAVEPOINT + WAKE):
        assert accept()["status"] == "calculating"


def test_accepting_under_a_key(accept: Callable[..., Any], django_assert_num_queries: Counter) -> None:
    # as above and: the key, what of it is of no use, its insert within a savepoint
    with django_assert_num_queries(4 + 3 + 2 * SAVEPOINT + WAKE):
        accept(SMALL, HTTP_IDEMPOTENCY_KEY="k")
    # lock of the scenario, the key, its run
    with django_assert_num_queries(3 + SAVEPOINT):
        accept(SMALL, HTTP_IDEMPOTENCY_KEY="k")


def test_waiting(
    accept: Callable[..., Any], queued: Scenario, api: APIClient, django_assert_num_queries: Counter
) -> None:
    run = accept(SMALL)["calculationId"]

    with django_assert_num_queries(2) as captured:  # how the scenario stands, its run in the queue
        assert api.get(f"{SCENARIOS}/{queued.pk}/calculate/status").json()["status"] == "calculating"
    assert not [query for query in captured.captured_queries if "resolved_inputs" in query["sql"]]
    with django_assert_num_queries(2):  # the run with what goes in, its place in the queue
        assert api.get(f"{CALCULATIONS}/{run}").json()["position"]
    with django_assert_num_queries(2):  # page with count, the place of the one that is queued
        assert api.get(f"{SCENARIOS}/{queued.pk}/calculations").json()["items"][0]["position"]


def test_cancelling(
    accept: Callable[..., Any], queued: Scenario, api: APIClient, django_assert_num_queries: Counter
) -> None:
    accept(SMALL)
    # scenario with role, its active run, update of the scenario, update of the run, how the scenario stands
    with django_assert_num_queries(5 + SAVEPOINT):
        assert api.post(f"{SCENARIOS}/{queued.pk}/calculate/cancel").status_code == 202
    again = accept({**SMALL, "country": "USA"})
    # run with role, update of the scenario, update of the run, how the scenario stands
    with django_assert_num_queries(4 + SAVEPOINT):
        assert api.post(again["links"]["cancel"]).status_code == 202
    with django_assert_num_queries(2):  # how the scenario stands, what its last run said
        assert api.get(f"{SCENARIOS}/{queued.pk}/calculate/status").json()["message"] == "Cancelled."
