"""Writers at once, each with a connection of its own: no place twice, no write lost, nothing broken."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import User
from projects.models import Project
from scenarios.choices import ScenarioStatus
from scenarios.models import Calculation, Scenario
from tests.fixtures import api_client
from tests.scenarios.cases import HEFA, PROJECTS, SCENARIOS, SMALL, scenario_make
from tests.scenarios.racing import together
from tests.waiting import wait_for_a_waiter

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ask(user: User) -> Callable[..., Any]:
    """One request by a client of its own."""

    def send(method: str, address: str, body: Any = None, **headers: str) -> Any:
        return getattr(api_client(user), method)(address, body, **headers)

    return send


def places(project: Project) -> list[int]:
    return list(Scenario.objects.filter(project=project).order_by("order").values_list("order", flat=True))


def test_scenarios_made_at_once_have_places_of_their_own(ask: Callable[..., Any], project: Project) -> None:
    url = f"{PROJECTS}/{project.pk}/scenarios"

    answers = together(*(lambda: ask("post", url, {"name": "New"}) for _ in range(6)))

    assert [answer.status_code for answer in answers] == [201] * 6
    assert sorted(answer.json()["order"] for answer in answers) == list(range(6))
    assert places(project) == list(range(6))


def test_scenarios_moved_and_copied_at_once_keep_places_of_their_own(
    ask: Callable[..., Any], project: Project, user: User
) -> None:
    made = [scenario_make(project=project, user=user, inputs={}) for _ in range(5)]

    def move(index: int, to: int) -> Callable[[], Any]:
        return lambda: ask("post", f"{SCENARIOS}/{made[index].pk}/move", {"order": to})

    def copy(index: int) -> Callable[[], Any]:
        return lambda: ask("post", f"{SCENARIOS}/{made[index].pk}/duplicate", {})

    for _ in range(4):
        answers = together(move(0, 4), copy(0), move(4, 0), copy(4), move(2, 1), copy(2))
        assert [answer.status_code for answer in answers] == [200, 201, 200, 201, 200, 201]
    assert places(project) == list(range(5 + 4 * 3))


def test_a_move_that_waits_has_taken_nobodys_place(ask: Callable[..., Any], project: Project, user: User) -> None:
    """A new status is a new entry in every index of a row, so its place is checked when its writer commits.

    Had the move taken that place by then, the writer would wait for the move, and the move for the writer's row.
    """
    made = [scenario_make(project=project, user=user, inputs={}) for _ in range(3)]

    def move() -> int:
        try:
            return ask("post", f"{SCENARIOS}/{made[0].pk}/move", {"order": 2}).status_code
        finally:
            connection.close()

    def write() -> int:
        try:
            return Scenario.objects.filter(pk=made[2].pk).update(status=ScenarioStatus.FAILED)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            Scenario.objects.select_for_update().get(pk=made[1].pk)
            moved = pool.submit(move)
            wait_for_a_waiter()
            assert pool.submit(write).result(timeout=30) == 1
        assert moved.result(timeout=30) == 200

    ordered = list(Scenario.objects.filter(project=project).order_by("order"))
    assert ordered == [made[1], made[2], made[0]]
    assert ordered[1].status == ScenarioStatus.FAILED


def test_move_of_what_is_deleted_meanwhile(ask: Callable[..., Any], project: Project, user: User) -> None:
    for _ in range(5):
        made = [scenario_make(project=project, user=user, inputs={}) for _ in range(3)]
        url = f"{SCENARIOS}/{made[1].pk}"

        deleted, moved, copied, written = together(
            lambda url=url: ask("delete", url).status_code,
            lambda url=url: ask("post", f"{url}/move", {"order": 0}).status_code,
            lambda url=url: ask("post", f"{url}/duplicate", {}).status_code,
            lambda url=url: ask("patch", url, {"name": "late"}).status_code,
        )

        assert deleted == 204
        assert (moved in {200, 404}, copied in {201, 404}, written in {200, 404}) == (True, True, True)
        assert not Scenario.objects.filter(pk=made[1].pk).exists()
        assert len(places(project)) == len(set(places(project)))


def test_scenario_for_a_project_that_is_deleted_meanwhile(
    ask: Callable[..., Any], project: Project, user: User
) -> None:
    for _ in range(5):
        url = f"{PROJECTS}/{ask('post', PROJECTS, {'name': 'Short-lived'}).json()['id']}"
        made = ask("post", f"{url}/scenarios", {"name": "First"}).json()

        deleted, created, copied = together(
            lambda url=url: ask("delete", url).status_code,
            lambda url=url: ask("post", f"{url}/scenarios", {"name": "Late"}).status_code,
            lambda made=made: ask("post", f"{SCENARIOS}/{made['id']}/duplicate", {}).status_code,
        )

        # A scenario that was added while the project was being emptied keeps it; then nothing is deleted.
        assert deleted in {204, 409}
        assert (created in {201, 404}, copied in {201, 404}) == (True, True)
        assert Scenario.objects.filter(project_id=made["projectId"]).exists() == (deleted == 409)


def test_of_writers_with_the_same_version_exactly_one_wins(
    ask: Callable[..., Any], project: Project, user: User
) -> None:
    scenario = scenario_make(project=project, user=user, inputs={})
    url = f"{SCENARIOS}/{scenario.pk}"

    for _ in range(4):
        tag = ask("get", url).headers["ETag"]
        answers = together(
            lambda tag=tag: ask("patch", url, {"name": "left"}, HTTP_IF_MATCH=tag).status_code,
            lambda tag=tag: ask("patch", url, {"name": "right"}, HTTP_IF_MATCH=tag).status_code,
        )
        assert sorted(answers) == [200, 412]
    scenario.refresh_from_db()
    assert scenario.version == 5


def test_calculation_with_the_same_version_is_made_once(
    masterdata: None, ask: Callable[..., Any], project: Project, user: User
) -> None:
    scenario = scenario_make(project=project, user=user)
    url = f"{SCENARIOS}/{scenario.pk}"
    tag = ask("get", url).headers["ETag"]

    statuses = together(
        lambda: ask("post", f"{url}/calculate/sync", {"inputs": HEFA}, HTTP_IF_MATCH=tag).status_code,
        lambda: ask("post", f"{url}/calculate/sync", {"inputs": SMALL}, HTTP_IF_MATCH=tag).status_code,
    )

    assert sorted(statuses) == [200, 412]
    assert Calculation.objects.count() == 1


def test_same_inputs_at_once_are_calculated_once(
    masterdata: None, ask: Callable[..., Any], project: Project, user: User
) -> None:
    scenario = scenario_make(project=project, user=user)
    url = f"{SCENARIOS}/{scenario.pk}/calculate/sync"

    answers = together(*(lambda: ask("post", url, {}) for _ in range(4)))

    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.json()["calculationId"] for answer in answers}) == 1
    assert Calculation.objects.count() == 1


def test_drafts_at_once_lose_no_field(ask: Callable[..., Any], project: Project, user: User) -> None:
    scenario = scenario_make(project=project, user=user, inputs={})
    url = f"{SCENARIOS}/{scenario.pk}/draft"

    changes = [{"plant": {"loadHours": 8000}}, {"plant": {"capacity": 5e5}}, {"finance": {"lifetime": 25}}]
    answers = together(*(lambda change=change: ask("patch", url, {"inputs": change}) for change in changes))

    assert [answer.status_code for answer in answers] == [200] * 3
    scenario.refresh_from_db()
    assert scenario.inputs == {"plant": {"loadHours": 8000, "capacity": 5e5}, "finance": {"lifetime": 25}}
