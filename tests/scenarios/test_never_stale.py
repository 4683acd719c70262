"""No kept answer is ever stale: two people with two roles read while one of them writes, held against the database."""

import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from accounts.choices import Role
from accounts.models import Membership, User
from accounts.services import user_create
from config.cache import versions
from projects.models import Project
from projects.services import project_create, project_update
from scenarios.models import Calculation, Scenario
from tests.fixtures import api_client
from tests.scenarios.cases import HEFA, PROJECTS, SCENARIOS, SMALL, scenario_make
from tests.scenarios.racing import together
from tests.stack.product import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("masterdata")]

WRITES = 60
READS = 120
# After so many writes the writer waits until everybody has read without one beside them.
QUIET_EVERY = 10

# The address of an answer, what it shows, and the same from the database; a version comes first and only grows.
type Look = tuple[str, Callable[[Any], list[Any]], Callable[[], list[Any]]]


class World:
    """A project of two scenarios that an owner writes and a member reads, whose role changes too.

    ``begun`` and ``ended`` count the writes, so that a reader knows whether one went on beside a read; ``quiet`` counts
    by reader the reads that had none beside them and so showed exactly what there was.
    """

    def __init__(self) -> None:
        self.owner = user_create(email="owner@example.com", name="Owner")
        self.member = user_create(email="member@example.com", name="Member")
        self.team = self.owner.personal_team
        self.membership = Membership.objects.create(user=self.member, team=self.team, role=Role.VIEWER)
        self.project = project_create(user=self.owner, team=self.team, name="Plant")
        self.scenarios = [scenario_make(project=self.project, user=self.owner) for _ in range(2)]
        self.begun = self.ended = 0
        self.quiet: Counter[User] = Counter()
        self.is_written = False

    @property
    def project_url(self) -> str:
        return f"{PROJECTS}/{self.project.pk}"

    def scenario_url(self, index: int) -> str:
        return f"{SCENARIOS}/{self.scenarios[index].pk}"


def write(world: World, draw: random.Random) -> None:
    """One change, drawn from all that kept answers show."""
    client, number, url = api_client(world.owner), world.begun, world.scenario_url(draw.randrange(2))
    changes: list[Callable[[], Any]] = [
        lambda: client.patch(world.project_url, {"name": f"Plant {number}"}),
        lambda: client.patch(url, {"name": f"Case {number}"}),
        lambda: client.post(f"{url}/calculate/sync", {"inputs": draw.choice([HEFA, SMALL])}),
        lambda: client.patch(f"{url}/draft", {"inputs": {"finance": {"lifetime": 10 + number % 20}}}),
        lambda: client.post(f"{url}/move", {"order": draw.randrange(2)}),
        lambda: client.patch("/api/v1/auth/me", {"name": f"Owner {number}"}),
    ]
    world.begun += 1
    if draw.random() < 0.15:
        world.membership.role = draw.choice([Role.VIEWER, Role.EDITOR])
        world.membership.save()
    else:
        answer = draw.choice(changes)()
        assert answer.status_code == 200, answer.content
    world.ended += 1


def write_all(world: World, seed: int) -> int:
    draw = random.Random(seed)  # noqa: S311
    try:
        for number in range(1, WRITES + 1):
            write(world, draw)
            time.sleep(draw.random() * 0.02)
            if number % QUIET_EVERY == 0:
                wait_for_a_quiet_read_of_each(world)
    finally:
        world.is_written = True
    return world.ended


def wait_for_a_quiet_read_of_each(world: World) -> None:
    """However slowly they read."""
    before = world.quiet.copy()
    wait_for(lambda: all(world.quiet[user] > before[user] for user in (world.owner, world.member)))


def read_all(world: World, user: User, seed: int) -> int:
    """Read at random, at least until all is written; returns how many reads were quiet."""
    draw, client, reads = random.Random(seed), api_client(user), 0  # noqa: S311
    while reads < READS or not world.is_written:
        reads += 1
        url, shown, stored = draw.choice(LOOKS)(world, draw.randrange(2), user)
        begun, ended, before = world.begun, world.ended, stored()
        answer = client.get(url)
        assert answer.status_code == 200, answer.content
        found, after = shown(answer.json()), stored()
        assert before[0] <= found[0] <= after[0], url
        if begun == ended == world.begun:
            assert found == after, url
            world.quiet[user] += 1
    return world.quiet[user]


def _project(world: World, _: int, user: User) -> Look:
    def stored() -> list[Any]:
        row = Project.objects.visible_to(user).get(pk=world.project.pk)
        return [row.version, row.name, row.my_role, User.objects.get(pk=world.owner.pk).name]

    return world.project_url, _of_project, stored


def _of_project(body: Any) -> list[Any]:
    return [body["version"], body["name"], body["myRole"], body["createdBy"]["name"]]


def _projects(world: World, _: int, user: User) -> Look:
    def shown(body: Any) -> list[Any]:
        return _of_project(next(item for item in body["items"] if item["id"] == str(world.project.pk)))

    return PROJECTS, shown, _project(world, 0, user)[2]


def _scenario(world: World, index: int, user: User) -> Look:
    def stored() -> list[Any]:
        row = Scenario.objects.get(pk=world.scenarios[index].pk)
        return [row.version, row.name, row.order, row.status, row.inputs]

    def shown(body: Any) -> list[Any]:
        return [body[name] for name in ("version", "name", "order", "status", "inputs")]

    return world.scenario_url(index), shown, stored


def _scenarios(world: World, _: int, user: User) -> Look:
    def stored() -> list[Any]:
        rows = list(Scenario.objects.filter(project=world.project).order_by("order"))
        return [sum(row.version for row in rows), *((row.name, row.status, row.version) for row in rows)]

    def shown(body: Any) -> list[Any]:
        rows = [(item["name"], item["status"], item["version"]) for item in body["items"]]
        return [sum(version for *_, version in rows), *rows]

    return f"{world.project_url}/scenarios", shown, stored


def _result(world: World, index: int, user: User) -> Look:
    def stored() -> list[Any]:
        row = Scenario.objects.get(pk=world.scenarios[index].pk)
        run = Calculation.objects.filter(pk=row.current_id).first()
        return [0, row.status, run.npv_usd if run and row.calculated else None]

    def shown(body: Any) -> list[Any]:
        return [0, body["status"], body["financials"]["npv"] if body["financials"] else None]

    return f"{world.scenario_url(index)}/calculate/status", shown, stored


LOOKS: list[Callable[[World, int, User], Look]] = [_project, _projects, _scenario, _scenarios, _result]


@pytest.mark.parametrize("seed", range(2))
def test_random_reads_beside_random_writes_show_what_the_database_has(seed: int) -> None:
    world = World()

    written, owner, member = together(
        lambda: write_all(world, seed),
        lambda: read_all(world, world.owner, seed + 100),
        lambda: read_all(world, world.member, seed + 200),
    )

    assert written == WRITES
    assert min(owner, member) >= WRITES / QUIET_EVERY


def test_after_each_write_every_answer_is_the_new_one() -> None:
    world, draw = World(), random.Random(1)  # noqa: S311
    readers = [(user, api_client(user)) for user in (world.owner, world.member)]
    for _ in range(25):
        write(world, draw)
        for user, client in readers:
            for look in LOOKS:
                for index in range(2):
                    url, shown, stored = look(world, index, user)
                    assert shown(client.get(url).json()) == stored(), url


def test_what_is_read_between_a_write_and_its_commit_is_not_kept_beyond_it() -> None:
    world = World()
    client = api_client(world.member)

    def name() -> str:
        return client.get(world.project_url).json()["name"]

    with transaction.atomic():
        project = Project.objects.select_for_update().get(pk=world.project.pk)
        project_update(project=project, name="New")
        assert together(name) == ["Plant"]

    assert name() == "New"


def test_once_committed_the_old_state_is_never_found_though_the_writer_gets_no_further(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It may be killed, or has not told the cache yet; others have read and asked again meanwhile."""
    world = World()
    client = api_client(world.member)
    monkeypatch.setattr(versions, "_when_committed", lambda callback: None)

    def name() -> str:
        return client.get(world.project_url).json()["name"]

    assert name() == "Plant"
    with transaction.atomic():
        project = Project.objects.select_for_update().get(pk=world.project.pk)
        project_update(project=project, name="New")
        assert together(name) == ["Plant"]

    assert name() == "New"
