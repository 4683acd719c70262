"""Copies of projects, and the other apps that take part in them."""

from collections.abc import Iterator

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.choices import Role
from accounts.models import Team, User
from accounts.services import personal_team
from projects import services
from projects.models import Project
from tests.factories import project_make, team_make

pytestmark = pytest.mark.django_db

URL = "/api/v1/projects"


@pytest.fixture
def registered() -> Iterator[None]:
    """Registrations of the test are undone after it."""
    before = list(services._duplications)
    yield
    services._duplications[:] = before


def test_copy_has_the_source_s_fields_and_its_own_history(api: APIClient, user: User, team: Team) -> None:
    source = project_make(user=user, team=team, name="bar", description="long", stage="fid", progress=0.5)
    services.project_update(project=source, name="bar")

    response = api.post(f"{URL}/{source.pk}/duplicate")

    body = response.json()
    assert response.status_code == 201
    assert response.headers["Location"] == f"{URL}/{body['id']}"
    assert body["id"] != str(source.pk)
    assert (body["name"], body["description"], body["stage"], body["progress"]) == ("bar (copy)", "long", "fid", 0.5)
    assert (body["team"]["id"], body["version"]) == (str(team.pk), 1)


def test_copy_goes_where_it_is_told(api: APIClient, user: User, project: Project) -> None:
    mine = personal_team(user)

    body = api.post(f"{URL}/{project.pk}/duplicate", {"name": "mine", "team": str(mine.pk)}).json()

    assert (body["name"], body["team"]["id"]) == ("mine", str(mine.pk))


def test_longest_name_still_fits(api: APIClient, user: User) -> None:
    source = project_make(user=user, name="x" * 200)

    body = api.post(f"{URL}/{source.pk}/duplicate").json()

    assert body["name"] == "x" * 193 + " (copy)"


def test_copy_into_a_team_one_only_reads_is_refused(api: APIClient, user: User, project: Project) -> None:
    elsewhere = team_make((user, Role.VIEWER))

    response = api.post(f"{URL}/{project.pk}/duplicate", {"team": str(elsewhere.pk)})

    assert response.status_code == 403
    assert Project.objects.count() == 1


def test_other_apps_take_part_in_the_same_transaction(registered: None, user: User, project: Project) -> None:
    seen = []

    def copy_rows(*, source: Project, copy: Project, user: User) -> None:
        seen.append((source.pk, copy.pk, user.pk, connection.in_atomic_block))

    services.on_duplicate(copy_rows)
    services.on_duplicate(copy_rows)

    copy = services.project_duplicate(project=project, user=user, team=project.team)

    assert seen == [(project.pk, copy.pk, user.pk, True)]


def test_copy_is_whole_or_not_at_all(registered: None, user: User, project: Project) -> None:
    def fail(*, source: Project, copy: Project, user: User) -> None:
        raise RuntimeError("half way")

    services.on_duplicate(fail)

    with pytest.raises(RuntimeError, match="half way"):
        services.project_duplicate(project=project, user=user, team=project.team)

    assert Project.objects.get() == project
