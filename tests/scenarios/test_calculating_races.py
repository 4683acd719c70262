"""Requests for calculations at once, each with a connection of its own: one run, one answer, nothing stuck."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from projects.models import Project
from scenarios.choices import ACTIVE_STATES
from scenarios.models import Calculation, IdempotencyKey, Scenario
from tests.fixtures import api_client
from tests.scenarios.cases import CALCULATIONS, HEFA, SCENARIOS, SMALL, scenario_make
from tests.scenarios.racing import together
from tests.scenarios.runs import work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("masterdata")]

ROUNDS = 4


@pytest.fixture
def ask(user: User) -> Callable[..., Any]:
    """One POST by a client of its own."""

    def send(address: str, body: Any = None, **headers: str) -> Any:
        return api_client(user).post(address, body, **headers)

    return send


@pytest.fixture
def fresh(project: Project, user: User) -> Callable[[], Scenario]:
    return lambda: scenario_make(project=project, user=user)


def active(scenario: Scenario) -> list[Calculation]:
    return list(scenario.calculations.filter(state__in=ACTIVE_STATES))


def is_settled(scenario: Scenario) -> bool:
    """Calculating exactly while a run is active."""
    scenario.refresh_from_db()
    return (scenario.status == "calculating") == bool(active(scenario))


def test_same_inputs_at_once_are_one_run(ask: Callable[..., Any], fresh: Callable[[], Scenario]) -> None:
    for _ in range(ROUNDS):
        scenario = fresh()

        answers = together(*(lambda s=scenario: ask(f"{SCENARIOS}/{s.pk}/calculate", {"inputs": SMALL}),) * 4)

        assert [answer.status_code for answer in answers] == [202] * 4
        assert len({answer.json()["calculationId"] for answer in answers}) == 1
        assert scenario.calculations.count() == 1


def test_of_other_inputs_at_once_the_later_stands(ask: Callable[..., Any], fresh: Callable[[], Scenario]) -> None:
    for _ in range(ROUNDS):
        scenario = fresh()
        url = f"{SCENARIOS}/{scenario.pk}/calculate"

        answers = together(
            lambda url=url: ask(url, {"inputs": HEFA}),
            lambda url=url: ask(url, {"inputs": SMALL}),
        )

        assert [answer.status_code for answer in answers] == [202] * 2
        (left,) = active(scenario)
        assert sorted(scenario.calculations.values_list("state", flat=True)) == ["cancelled", "queued"]
        scenario.refresh_from_db()
        assert scenario.inputs == left.inputs
        assert is_settled(scenario)


def test_calculated_and_cancelled_at_once(ask: Callable[..., Any], fresh: Callable[[], Scenario]) -> None:
    for _ in range(ROUNDS):
        scenario = fresh()
        url = f"{SCENARIOS}/{scenario.pk}/calculate"
        ask(url, {"inputs": HEFA})

        started, cancelled = together(
            lambda url=url: ask(url, {"inputs": SMALL}).status_code,
            lambda url=url: ask(f"{url}/cancel").status_code,
        )

        # Whoever cancels what was replaced a moment before is told so.
        assert (started, cancelled in {202, 409}) == (202, True)
        assert is_settled(scenario)
        assert len(active(scenario)) <= 1


def test_cancelled_twice_at_once_is_cancelled_once(ask: Callable[..., Any], fresh: Callable[[], Scenario]) -> None:
    for _ in range(ROUNDS):
        scenario = fresh()
        run = ask(f"{SCENARIOS}/{scenario.pk}/calculate").json()["calculationId"]

        statuses = together(
            lambda run=run: ask(f"{CALCULATIONS}/{run}/cancel").status_code,
            lambda s=scenario: ask(f"{SCENARIOS}/{s.pk}/calculate/cancel").status_code,
        )

        assert sorted(statuses) == [202, 409]
        assert is_settled(scenario)


def test_cancelled_while_a_worker_finishes(ask: Callable[..., Any], fresh: Callable[[], Scenario]) -> None:
    for _ in range(ROUNDS):
        scenario = fresh()
        run = ask(f"{SCENARIOS}/{scenario.pk}/calculate").json()["calculationId"]

        def finish() -> int:
            try:
                return work()
            except AssertionError:  # the run was taken from it
                return 0

        status, finished = together(lambda run=run: ask(f"{CALCULATIONS}/{run}/cancel").status_code, finish)

        scenario.refresh_from_db()
        assert (status, finished, scenario.status) in {(202, 0, "draft"), (409, 1, "calculated")}


def test_same_key_at_once_is_served_once(ask: Callable[..., Any], fresh: Callable[[], Scenario]) -> None:
    for number in range(ROUNDS):
        scenario = fresh()
        url, key = f"{SCENARIOS}/{scenario.pk}/calculate", f"key {number}"

        first, second = together(*(lambda url=url, key=key: ask(url, {"inputs": SMALL}, HTTP_IDEMPOTENCY_KEY=key),) * 2)

        assert (first.status_code, second.status_code) == (202, 202)
        assert first.json() == second.json()
        assert scenario.calculations.count() == 1
    assert IdempotencyKey.objects.count() == ROUNDS


def test_same_key_for_two_scenarios_at_once_serves_one(ask: Callable[..., Any], fresh: Callable[[], Scenario]) -> None:
    for number in range(ROUNDS):
        pair = [fresh(), fresh()]
        key = f"key {number}"

        statuses = together(
            *(
                lambda s=s, key=key: ask(f"{SCENARIOS}/{s.pk}/calculate", {}, HTTP_IDEMPOTENCY_KEY=key).status_code
                for s in pair
            )
        )

        assert sorted(statuses) == [202, 422]
        assert Calculation.objects.filter(scenario__in=pair).count() == 1
        assert all(is_settled(scenario) for scenario in pair)
