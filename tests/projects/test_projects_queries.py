"""How many queries each read of projects takes, whatever the number of rows."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.core.exceptions import FieldFetchBlocked
from rest_framework.test import APIClient

from accounts.models import Team, User
from projects.models import Project
from tests.factories import project_make, user_make

pytestmark = pytest.mark.django_db

URL = "/api/v1/projects"
type Counter = Callable[[int], AbstractContextManager[object]]


@pytest.mark.parametrize("size", [1, 25])
def test_list(api: APIClient, user: User, team: Team, size: int, django_assert_num_queries: Counter) -> None:
    for _ in range(size):
        project_make(user=user, team=team)

    with django_assert_num_queries(2):  # user, page with count
        body = api.get(f"{URL}?pageSize=100").json()
    with django_assert_num_queries(0):
        assert api.get(f"{URL}?pageSize=100").json() == body

    assert len(body["items"]) == size


@pytest.mark.parametrize("size", [1, 25])
def test_detail(api: APIClient, user: User, team: Team, size: int, django_assert_num_queries: Counter) -> None:
    made = [project_make(user=user, team=team) for _ in range(size)]

    with django_assert_num_queries(2):  # user, project with team, maker and role
        assert api.get(f"{URL}/{made[0].pk}").status_code == 200
    with django_assert_num_queries(0):
        assert api.get(f"{URL}/{made[0].pk}").status_code == 200


@pytest.mark.parametrize("size", [1, 25])
def test_members(api: APIClient, project: Project, team: Team, size: int, django_assert_num_queries: Counter) -> None:
    for _ in range(size - 1):
        team.memberships.create(user=user_make())

    with django_assert_num_queries(2):  # user, page with users and count
        body = api.get(f"{URL}/{project.pk}/members?pageSize=100").json()

    assert len(body["items"]) == size


def test_writes(api: APIClient, project: Project, django_assert_num_queries: Counter) -> None:
    # Each within a savepoint of the test's transaction, which is two statements more.
    with django_assert_num_queries(2 + 5):  # user, personal team, insert, audit, read back
        assert api.post(URL, {"name": "x"}).status_code == 201
    with django_assert_num_queries(2 + 3):  # lock, update, read back
        assert api.patch(f"{URL}/{project.pk}", {"name": project.name}).status_code == 200
    with django_assert_num_queries(2 + 4):  # as above, and the audit of what is another
        assert api.patch(f"{URL}/{project.pk}", {"name": "x"}).status_code == 200


def test_what_a_shape_leaves_out_is_refused_rather_than_fetched(user: User, project: Project) -> None:
    row = Project.objects.visible_to(user).for_list().get()

    with pytest.raises(FieldFetchBlocked):
        _ = row.created_by.password
    with pytest.raises(FieldFetchBlocked):
        _ = row.team.created_at
