"""How many queries each request takes, whatever the number of rows, and that lists carry nothing large.

Writes run within a savepoint of the test's transaction, which is two statements more.
"""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.core.exceptions import FieldFetchBlocked
from django.db.models import fields
from rest_framework import serializers
from rest_framework.test import APIClient

from accounts.models import User
from projects.models import Project
from scenarios.models import Calculation, Scenario
from tests.scenarios.cases import CALCULATIONS, HEFA, PROJECTS, SCENARIOS, SMALL

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue_in_memory")]

type Counter = Callable[[int], AbstractContextManager[Any]]
SIZES = pytest.mark.parametrize("size", [1, 25])
SAVEPOINT = 2


def scenarios_like(calculated: Scenario, count: int) -> list[Scenario]:
    """``calculated`` and more like it in its project, each with a result of its own."""
    found = [calculated]
    for order in range(1, count):
        result = Calculation.objects.get(pk=calculated.current_id)
        twin = Scenario.objects.get(pk=calculated.pk)
        twin.pk, twin.order, twin.name, twin.current = uuid.uuid4(), order, f"Twin {order}", None
        twin.save(force_insert=True)
        result.pk, result.scenario = uuid.uuid4(), twin
        result.save(force_insert=True)
        Scenario.objects.filter(pk=twin.pk).update(current=result)
        found.append(twin)
    return found


def calculations_like(calculated: Scenario, count: int) -> None:
    """More runs of the same scenario."""
    for _ in range(1, count):
        twin = Calculation.objects.get(pk=calculated.current_id)
        twin.pk = uuid.uuid4()
        twin.save(force_insert=True)


def large_columns(captured: Any) -> list[str]:
    """The columns a list must not read that its last query, the page, reads."""
    page = captured.captured_queries[-1]["sql"]
    large = ("inputs", "resolved_inputs", "result", "problems", "password")
    return [name for name in large if f'"{name}"' in page]


@SIZES
def test_list(api: APIClient, calculated: Scenario, size: int, django_assert_num_queries: Counter) -> None:
    scenarios_like(calculated, size)

    with django_assert_num_queries(2) as captured:  # user, page with current results and count
        body = api.get(f"{PROJECTS}/{calculated.project_id}/scenarios?pageSize=100").json()
    with django_assert_num_queries(0):
        assert api.get(f"{PROJECTS}/{calculated.project_id}/scenarios?pageSize=100").json() == body

    assert len(body["items"]) == size
    assert large_columns(captured) == []


@SIZES
def test_detail(api: APIClient, calculated: Scenario, size: int, django_assert_num_queries: Counter) -> None:
    scenarios_like(calculated, size)

    with django_assert_num_queries(2) as captured:  # user, scenario with role and headline of the current result
        assert api.get(f"{SCENARIOS}/{calculated.pk}").status_code == 200
    with django_assert_num_queries(0):
        assert api.get(f"{SCENARIOS}/{calculated.pk}").status_code == 200

    assert large_columns(captured) == ["inputs"]


@SIZES
def test_status(api: APIClient, calculated: Scenario, size: int, django_assert_num_queries: Counter) -> None:
    scenarios_like(calculated, size)

    with django_assert_num_queries(3):  # user, how it stands, the result
        answer = api.get(f"{SCENARIOS}/{calculated.pk}/calculate/status")
    with django_assert_num_queries(0):
        again = api.get(f"{SCENARIOS}/{calculated.pk}/calculate/status", HTTP_IF_NONE_MATCH=answer.headers["ETag"])

    assert answer.json()["technoEconomics"]
    assert again.status_code == 304


@SIZES
def test_trace(api: APIClient, calculated: Scenario, size: int, django_assert_num_queries: Counter) -> None:
    calculations_like(calculated, size)

    with django_assert_num_queries(2):  # user, scenario with the whole current result
        assert api.get(f"{SCENARIOS}/{calculated.pk}/trace/npv").json()["inputs"]
    with django_assert_num_queries(0):
        assert api.get(f"{SCENARIOS}/{calculated.pk}/trace/npv").json()["inputs"]


@SIZES
def test_comparison(api: APIClient, calculated: Scenario, size: int, django_assert_num_queries: Counter) -> None:
    scenarios_like(calculated, size)

    with django_assert_num_queries(3):  # user, project, scenarios with their whole results
        body = api.get(f"{PROJECTS}/{calculated.project_id}/comparison").json()
    with django_assert_num_queries(0):
        assert api.get(f"{PROJECTS}/{calculated.project_id}/comparison").json() == body

    assert len(body["scenarios"]) == size


@SIZES
def test_calculations(api: APIClient, calculated: Scenario, size: int, django_assert_num_queries: Counter) -> None:
    calculations_like(calculated, size)

    with django_assert_num_queries(2) as captured:  # user, page with who asked for each and count
        body = api.get(f"{SCENARIOS}/{calculated.pk}/calculations?pageSize=100").json()

    assert len(body["items"]) == size
    assert large_columns(captured) == []


@SIZES
def test_calculation(api: APIClient, calculated: Scenario, size: int, django_assert_num_queries: Counter) -> None:
    calculations_like(calculated, size)

    with django_assert_num_queries(2):  # user, calculation with who asked for it
        assert api.get(f"{CALCULATIONS}/{calculated.current_id}").json()["result"]


@SIZES
def test_diff(api: APIClient, calculated: Scenario, size: int, django_assert_num_queries: Counter) -> None:
    calculations_like(calculated, size + 1)
    first, second = calculated.calculations.order_by("pk")[:2]

    with django_assert_num_queries(2):  # user, both calculations
        assert api.get(f"{CALCULATIONS}/{first.pk}/diff/{second.pk}").status_code == 200


@pytest.mark.parametrize("how", ["calculate", "calculate/sync"])
def test_calculating_makes_no_field(api: APIClient, calculated: Scenario, how: str) -> None:
    # One that is made counts itself on the class of all fields, and Python looks all of them up anew.
    url = f"{SCENARIOS}/{calculated.pk}/{how}"
    api.post(url, {"inputs": SMALL})
    made = fields.Field.creation_counter, serializers.Field._creation_counter

    assert api.post(url, {"inputs": {**SMALL, "finance": {"lifetime": 23}}}).status_code in {200, 202}

    assert (fields.Field.creation_counter, serializers.Field._creation_counter) == made


@SIZES
def test_calculate(api: APIClient, calculated: Scenario, size: int, django_assert_num_queries: Counter) -> None:
    calculations_like(calculated, size)
    url = f"{SCENARIOS}/{calculated.pk}/calculate/sync"

    # user, lock of the scenario with the master data version, the same result known?, insert, audit and update together
    with django_assert_num_queries(4 + SAVEPOINT):
        assert api.post(url, {"inputs": SMALL}).status_code == 200
    # lock of the scenario, the same result known?, that result, audit and update together
    with django_assert_num_queries(4 + SAVEPOINT):
        assert api.post(url, {"inputs": HEFA}).status_code == 200


@SIZES
def test_preview(api: APIClient, calculated: Scenario, size: int, django_assert_num_queries: Counter) -> None:
    scenarios_like(calculated, size)

    with django_assert_num_queries(3):  # user, scenario, master data version
        assert api.post(f"{SCENARIOS}/{calculated.pk}/preview", {"inputs": SMALL}).status_code == 200


@SIZES
def test_draft(api: APIClient, calculated: Scenario, size: int, django_assert_num_queries: Counter) -> None:
    calculations_like(calculated, size)
    url = f"{SCENARIOS}/{calculated.pk}/draft"

    # user, lock of the scenario with the master data version, a result known?, audit and update together, read back
    with django_assert_num_queries(5 + SAVEPOINT):
        assert api.patch(url, {"inputs": {"finance": {"lifetime": 25}}}).status_code == 200
    # lock of the scenario, update, read back
    with django_assert_num_queries(3 + SAVEPOINT):
        assert api.patch(url, {"inputs": {"finance": {"lifetime": 25}}}).status_code == 200


@SIZES
def test_writes(
    api: APIClient, calculated: Scenario, project: Project, size: int, django_assert_num_queries: Counter
) -> None:
    scenarios_like(calculated, size)
    url = f"{SCENARIOS}/{calculated.pk}"

    # user, project with role, master data version, lock of the project, last place, insert, audit, read back; and the
    # savepoint of the service within that of the request
    with django_assert_num_queries(8 + 2 * SAVEPOINT):
        assert api.post(f"{PROJECTS}/{project.pk}/scenarios", {"name": "New", "inputs": HEFA}).status_code == 201
    # lock of the scenario, audit and update together, read back
    with django_assert_num_queries(3 + SAVEPOINT):
        assert api.patch(url, {"name": "Renamed"}).status_code == 200
    # scenario with role, the source, lock of the project, last place, insert, audit, read back
    with django_assert_num_queries(7 + SAVEPOINT):
        assert api.post(f"{url}/duplicate", {}).status_code == 201
    # scenario with role, lock of the project, places, update of all places, update of the version, audit, read back
    with django_assert_num_queries(7 + SAVEPOINT):
        assert api.post(f"{url}/move", {"order": 1}).status_code == 200


@SIZES
def test_delete(api: APIClient, calculated: Scenario, size: int, django_assert_num_queries: Counter) -> None:
    calculations_like(calculated, size)

    # user, lock of the scenario, audit, its calculations, who else shows them, delete calculations, delete the scenario
    with django_assert_num_queries(7 + SAVEPOINT):
        assert api.delete(f"{SCENARIOS}/{calculated.pk}").status_code == 204


def test_units(api: APIClient, django_assert_num_queries: Counter) -> None:
    with django_assert_num_queries(1):  # user
        assert api.get("/api/v1/units").status_code == 200


def test_what_a_shape_leaves_out_is_refused_rather_than_fetched(user: User, calculated: Scenario) -> None:
    listed = Scenario.objects.visible_to(user).for_list().get()
    shown = Scenario.objects.visible_to(user).for_detail().get()
    run = Calculation.objects.visible_to(user).for_list().get()

    for row, name in (
        (listed, "inputs"),
        (listed, "project"),
        (shown, "created_by"),
        (run, "result"),
        (run, "scenario"),
    ):
        with pytest.raises(FieldFetchBlocked):
            getattr(row, name)
    with pytest.raises(FieldFetchBlocked):
        _ = shown.current.result
