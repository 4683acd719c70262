"""The kept number of a team's projects is the number of its projects, whoever writes in whatever way."""

import random
import threading
from collections import Counter

import pytest
from django.db import connection, transaction
from rest_framework.test import APIClient

from accounts.choices import Role
from accounts.models import Team, User
from accounts.services import personal_team, user_create
from projects.choices import Stage
from projects.models import Project, TeamProjects
from projects.services import project_create, project_delete, project_duplicate, project_update
from tests.factories import project_make, team_make

URL = "/api/v1/projects"


def kept() -> dict[tuple[object, str], int]:
    rows = TeamProjects.objects.values_list("team_id", "stage", "projects")
    return {(team, stage): number for team, stage, number in rows if number}


def stored() -> dict[tuple[object, str], int]:
    return dict(Counter(Project.objects.values_list("team_id", "stage")))


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_counts_follow_every_change(user: User, team: Team, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311
    teams = [team, personal_team(user), team_make((user, Role.OWNER))]
    for number in range(60):
        rows = list(Project.objects.all())
        chosen = draw.choice(rows) if rows else project_make(user=user, team=team)
        match draw.randrange(9):
            case 0 | 1:
                project_create(user=user, team=draw.choice(teams), name=f"P {number}", stage=draw.choice(Stage.values))
            case 2:
                project_duplicate(project=chosen, user=user, team=draw.choice(teams))
            case 3:
                project_update(project=chosen, team=draw.choice(teams), stage=draw.choice(Stage.values))
            case 4:
                project_delete(project=chosen)
            case 5:
                copies = [Project(team=draw.choice(teams), name="bulk", stage=draw.choice(Stage.values)) for _ in "abc"]
                Project.objects.bulk_create(copies)
            case 6:
                Project.objects.filter(team=draw.choice(teams)).update(stage=draw.choice(Stage.values))
            case 7:
                Project.objects.filter(name="bulk", team=draw.choice(teams)).delete()
            case 8:
                with transaction.atomic():
                    project_make(user=user, team=team)
                    transaction.set_rollback(True)
        assert kept() == stored()


@pytest.mark.django_db
def test_a_list_tells_the_kept_number(api: APIClient, user: User, team: Team, other_user: User) -> None:
    for stage in (Stage.FEED, Stage.FEED, Stage.FID):
        project_make(user=user, team=team, stage=stage)
    mine = project_make(user=user, stage=Stage.FEED)
    project_make(user=other_user, stage=Stage.FEED)

    for query, total in (
        ("", 4),
        ("?team=%20", 4),
        ("?stage=feed", 3),
        (f"?team={team.pk}", 3),
        (f"?team={team.pk}&stage=fid", 1),
        (f"?team={mine.team_id}", 1),
        (f"?team={personal_team(other_user).pk}", 0),
        (f"?owner={user.pk}", 4),
        (f"?search={mine.name.replace(' ', '+')}&stage=feed", 1),
        ("?stage=operation", 0),
    ):
        body = api.get(URL + query).json()
        assert (body["total"], len(body["items"])) == (total, total), query


@pytest.mark.django_db
def test_pages_of_several_teams_are_one_list(api: APIClient, user: User, team: Team) -> None:
    teams = [team, personal_team(user), *(team_make((user, Role.VIEWER)) for _ in range(3))]
    for number in range(30):
        project_make(user=user, team=teams[number * 7 % 5], name=f"P {number % 11:02}")

    for ordering in ("-updatedAt", "name", "-name,createdAt", "createdAt"):
        whole = [item["id"] for item in api.get(f"{URL}?ordering={ordering}&pageSize=100").json()["items"]]
        pages = [
            item["id"]
            for page in range(1, 6)
            for item in api.get(f"{URL}?ordering={ordering}&pageSize=7&page={page}").json()["items"]
        ]
        read_on = []
        link = f"{URL}?ordering={ordering}&pageSize=7&cursor="
        while link:
            body = api.get(link).json()
            read_on += [item["id"] for item in body["items"]]
            link = body["links"]["next"]
        assert pages == read_on == whole
        assert len(set(whole)) == 30
    names = [item["name"] for item in api.get(f"{URL}?ordering=name&pageSize=100").json()["items"]]
    assert names == sorted(names)


@pytest.mark.django_db(transaction=True)
def test_counts_hold_when_many_write_at_once() -> None:
    user = user_create(email="counts@example.com")
    teams = [personal_team(user), team_make((user, Role.OWNER))]
    failures: list[BaseException] = []

    def write(seed: int) -> None:
        draw = random.Random(seed)  # noqa: S311
        try:
            for number in range(25):
                project = project_create(
                    user=user, team=draw.choice(teams), name=f"{seed} {number}", stage=draw.choice(Stage.values)
                )
                project = project_update(project=project, team=draw.choice(teams), stage=draw.choice(Stage.values))
                if draw.random() < 0.5:
                    project_delete(project=project)
        except BaseException as error:  # noqa: BLE001
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert kept() == stored()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE projects_project CASCADE")
    assert kept() == {}
