"""Runs of many users, and what must be true of them in the end."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from django.db import Error, connection, transaction

from accounts.models import User
from projects.models import Project
from scenarios.choices import RunState
from scenarios.models import Calculation, Scenario, Worker
from scenarios.services import calculation_start, inputs_calculate, scenario_create
from tests.factories import project_make, user_make
from tests.scenarios.cases import HEFA
from tests.stack.product import PATIENCE_S, wait_for

# So many different inputs; a result is known by scenario, so none is taken from another's.
VARIANTS = 20


def inputs_of(number: int) -> dict[str, Any]:
    return {**HEFA, "finance": {"discountRate": 0.05 + number % VARIANTS * 0.002}}


def scenarios_make(*, users: int, each: int) -> list[tuple[User, Scenario]]:
    """Scenarios of several users, one of each after the other."""
    owners = [(user, project_make(user=user)) for user in (user_make() for _ in range(users))]
    return [
        (user, scenario_make(project, user, round_ * users + place))
        for round_ in range(each)
        for place, (user, project) in enumerate(owners)
    ]


def scenario_make(project: Project, user: User, number: int) -> Scenario:
    return scenario_create(project=project, user=user, name=f"Case {number}", inputs=inputs_of(number))


def start(user: User, scenario: Scenario, *, key: str | None = None) -> Calculation:
    with transaction.atomic():
        locked = Scenario.objects.select_for_update().get(pk=scenario.pk)
        return calculation_start(scenario=locked, user=user, idempotency_key=key)


def start_surely(user: User, scenario: Scenario) -> None:
    """As a client does whose request was not answered: the same again, under the same key."""

    def is_accepted() -> bool:
        try:
            start(user, scenario, key=str(scenario.pk))
        except Error:
            connection.close()
            return False
        return True

    wait_for(is_accepted)


def wait_until_all_ended() -> None:
    wait_for(lambda: not Calculation.objects.active().exists(), timeout_s=3 * PATIENCE_S)


@cache
def expected(number: int) -> bytes:
    """What waiting for it gives, as stored."""
    result = inputs_calculate(inputs=inputs_of(number))
    del result["resolvedInputs"]
    return orjson.dumps(result, option=orjson.OPT_SORT_KEYS)


def assert_each_succeeded_once(made: Sequence[tuple[User, Scenario]]) -> None:
    """One run for each scenario, succeeded, shown by it, with the result that waiting for it gives; nothing else."""
    expected.cache_clear()
    runs = {run.scenario_id: run for run in Calculation.objects.all()}
    assert Calculation.objects.count() == len(runs) == len(made)
    assert {run.state for run in runs.values()} == {RunState.SUCCEEDED}
    for number, (_, scenario) in enumerate(made):
        found = orjson.dumps(runs[scenario.pk].result, option=orjson.OPT_SORT_KEYS)
        assert found == expected(number % VARIANTS)
    shown = Scenario.objects.values_list("pk", "status", "current_id")
    assert set(shown) == {(scenario.pk, "calculated", runs[scenario.pk].pk) for _, scenario in made}


@contextmanager
def held_up(*scenarios: Scenario) -> Iterator[None]:
    """While this lasts, whoever calculates one of them comes to the point of storing the result and no further."""
    with transaction.atomic():
        assert len(Scenario.objects.filter(pk__in=[one.pk for one in scenarios]).select_for_update()) == len(scenarios)
        yield


def start_elsewhere(user: User, scenario: Scenario) -> Calculation:
    """In a transaction of its own, committed when this returns, while this connection is in the midst of another."""

    def work() -> Calculation:
        try:
            return start(user, scenario)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()


def pid_that_runs(run: UUID, *, other_than: int | None = None) -> int:
    """The process that holds a run, once there is one."""
    found: list[int] = []

    def is_held() -> bool:
        workers = Calculation.objects.filter(pk=run, state=RunState.RUNNING).values("worker")
        found[:] = Worker.objects.filter(pk__in=workers).exclude(pid=other_than).values_list("pid", flat=True)
        return bool(found)

    wait_for(is_held)
    return found[0]
