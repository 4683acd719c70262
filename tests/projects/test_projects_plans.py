"""A page of a team's projects is read from an index in the order asked for, and not sorted out of all of them."""

import re

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import Team, User
from config.database.plans import request_explain
from projects.models import Project

COUNT = 5_000
PAGE = 20


@pytest.fixture
def many_projects(user: User, team: Team) -> Team:
    """A team of thousands of projects, written at once: a service takes a second for a thousand."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO projects_project (id, team_id, name, description, stage, progress, created_by_id, created_at,"
            " updated_at, version) SELECT gen_random_uuid(), %s, md5(i::text), '', (ARRAY['feed', 'fid'])[1 + i %% 2],"
            " 0, %s, now() - i * interval '1 min', now() - (i * 7919 %% %s) * interval '1 min', 1"
            " FROM generate_series(1, %s) AS i",
            [team.pk, user.pk, COUNT, COUNT],
        )
        cursor.execute("ANALYZE projects_project")
    return team


INDEXES = [
    ("ordering=-updatedAt", "projects_team_updated"),
    ("ordering=updatedAt", "projects_team_updated"),
    ("ordering=name", "projects_team_name"),
    ("ordering=-name", "projects_team_name"),
    ("ordering=createdAt", "projects_team_created"),
    ("ordering=-createdAt", "projects_team_created"),
    ("stage=feed", "projects_team_stage"),
]


@pytest.mark.parametrize(("query", "index"), INDEXES)
def test_a_page_reads_little_more_than_it_shows(user: User, many_projects: Team, query: str, index: str) -> None:
    for path in (f"/api/v1/projects?team={many_projects.pk}&{query}", f"/api/v1/projects?{query}"):
        assert_reads_a_page(path, user, index)


@pytest.mark.parametrize(("query", "index"), INDEXES)
def test_reading_on_reads_little_more_than_a_page(
    api: APIClient, user: User, many_projects: Team, query: str, index: str
) -> None:
    """Wherever in the list: what lies before the cursor is passed over by the index."""
    for path in (f"/api/v1/projects?cursor=&team={many_projects.pk}&{query}", f"/api/v1/projects?cursor=&{query}"):
        assert_reads_a_page(path, user, index)
        for _ in range(3):
            path = api.get(path).json()["links"]["next"]
        assert_reads_a_page(path, user, index)


def assert_reads_a_page(path: str, user: User, index: str) -> None:
    (page,) = request_explain(path=path, user=user).statements
    (scan,) = [line for line in page.plan if " using " in line and " on projects_project" in line]
    pattern = r"using (\w+) on projects_project .*actual .*rows=([\d.]+) loops=(\d+)"
    used, rows, loops = re.search(pattern, scan).groups()
    assert used == index
    assert PAGE <= float(rows) * int(loops) <= 2 * PAGE + 2


@pytest.mark.parametrize("path", ["", "?stage=feed", "?ordering=name"])
def test_a_page_costs_the_same_whatever_there_is(user: User, many_projects: Team, path: str) -> None:
    """Blocks that the server looks at, which no other load changes."""
    (before,) = request_explain(path=f"/api/v1/projects{path}", user=user).statements
    Project.objects.filter(pk__in=Project.objects.order_by("created_at").values("pk")[: COUNT - 50]).delete()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE projects_project")
    (after,) = request_explain(path=f"/api/v1/projects{path}", user=user).statements

    assert blocks(before.plan) <= blocks(after.plan) + 100


def blocks(plan: list[str]) -> int:
    """Of the whole statement, which its first node sums up."""
    line = next(line for line in plan if "Buffers: shared" in line)
    return sum(map(int, re.findall(r"(?:hit|read)=(\d+)", line)))
