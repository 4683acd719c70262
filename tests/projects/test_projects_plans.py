"""A page of a team's projects is read from an index in the order asked for, and not sorted out of all of them."""

import re

import pytest
from django.db import connection

from accounts.models import Team, User
from config.database.plans import request_explain

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


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("ordering=-updatedAt", "projects_team_updated"),
        ("ordering=updatedAt", "projects_team_updated"),
        ("ordering=name", "projects_team_name"),
        ("ordering=-name", "projects_team_name"),
        ("ordering=createdAt", "projects_team_created"),
        ("ordering=-createdAt", "projects_team_created"),
        ("stage=feed", "projects_team_stage"),
    ],
)
def test_a_page_reads_little_more_than_it_shows(user: User, many_projects: Team, query: str, index: str) -> None:
    page = request_explain(path=f"/api/v1/projects?team={many_projects.pk}&{query}", user=user).statements[-1]
    (scan,) = [line for line in page.plan if "on projects_project" in line]
    used, rows = re.search(r"using (\w+) on projects_project .*actual .*rows=(\d+)", scan).groups()
    assert used == index
    assert PAGE <= int(rows) <= 2 * PAGE


def test_a_stage_is_counted_from_the_index_alone(user: User, many_projects: Team) -> None:
    count = request_explain(path="/api/v1/projects?stage=feed", user=user).statements[0]
    assert count.sql.startswith("SELECT COUNT(*)")
    assert any("projects_team_stage" in line for line in count.plan)
