"""Entity tags of projects: readers that have it, writers that have an old one, and two writers at once."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.choices import Role
from accounts.models import Team, User
from projects.models import Project
from tests.factories import project_make
from tests.fixtures import api_client

URL = "/api/v1/projects"


@pytest.mark.django_db
def test_reader_who_has_it_gets_304_without_a_body(api: APIClient, project: Project) -> None:
    url = f"{URL}/{project.pk}"
    tag = api.get(url).headers["ETag"]

    for given in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        response = api.get(url, HTTP_IF_NONE_MATCH=given)
        assert (response.status_code, response.content, response.headers["ETag"]) == (304, b"", tag)
    assert api.get(url, HTTP_IF_NONE_MATCH='"other"').status_code == 200


@pytest.mark.django_db
def test_tag_moves_with_what_is_shown(api: APIClient, project: Project, user: User, team: Team) -> None:
    url = f"{URL}/{project.pk}"
    tags = [api.get(url).headers["ETag"]]

    api.patch(url, {"name": "new"})
    tags.append(api.get(url).headers["ETag"])
    team.name = "another name"
    team.save()
    tags.append(api.get(url).headers["ETag"])
    membership = team.memberships.get(user=user)
    membership.role = Role.VIEWER
    membership.save()
    tags.append(api.get(url).headers["ETag"])

    assert len(set(tags)) == 4


@pytest.mark.django_db
def test_list_answers_304_until_something_changes(api: APIClient, project: Project) -> None:
    tag = api.get(URL).headers["ETag"]

    unchanged = api.get(URL, HTTP_IF_NONE_MATCH=tag)
    api.patch(f"{URL}/{project.pk}", {"name": "new"})
    changed = api.get(URL, HTTP_IF_NONE_MATCH=tag)

    assert (unchanged.status_code, unchanged.content, unchanged.headers["ETag"]) == (304, b"", tag)
    assert changed.status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["put", "patch", "delete"])
@pytest.mark.parametrize("given", ['"stale"', "not a tag", ""])
def test_stale_write_changes_nothing(api: APIClient, project: Project, method: str, given: str) -> None:
    response = getattr(api, method)(f"{URL}/{project.pk}", {"name": "mine"}, HTTP_IF_MATCH=given)

    assert response.status_code == 412
    assert response.json()["type"] == "urn:safapac:problem:stale-write"
    kept = Project.objects.get()
    assert (kept.name, kept.version) == (project.name, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["{}", "W/{}", '"x", {}', "*"])
def test_write_on_the_present_version_succeeds(api: APIClient, project: Project, form: str) -> None:
    url = f"{URL}/{project.pk}"
    tag = api.get(url).headers["ETag"]

    written = api.patch(url, {"name": "mine"}, HTTP_IF_MATCH=form.format(tag))
    deleted = api.delete(url, HTTP_IF_MATCH=written.headers["ETag"])

    assert (written.status_code, deleted.status_code) == (200, 204)


@pytest.mark.django_db
def test_write_without_a_condition_is_allowed(api: APIClient, project: Project) -> None:
    assert api.patch(f"{URL}/{project.pk}", {"name": "mine"}).status_code == 200


def together(*calls: Callable[[], int]) -> list[int]:
    """Results of ``calls`` run at once, each in a thread with a database connection of its own."""
    barrier = threading.Barrier(len(calls))
    results: list[int] = []

    def run(call: Callable[[], int]) -> None:
        try:
            barrier.wait()
            results.append(call())
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(results)


@pytest.mark.django_db(transaction=True)
def test_of_writers_with_the_same_version_exactly_one_wins(user: User) -> None:
    project = project_make(user=user, name="start")
    url = f"{URL}/{project.pk}"
    tag = api_client(user).get(url).headers["ETag"]

    def write(name: str) -> int:
        return api_client(user).patch(url, {"name": name}, HTTP_IF_MATCH=tag).status_code

    for _ in range(5):
        results = together(lambda: write("left"), lambda: write("right"), lambda: write("middle"))
        assert results == [200, 412, 412]
        tag = api_client(user).get(url).headers["ETag"]
    project.refresh_from_db()
    assert project.version == 6


@pytest.mark.django_db(transaction=True)
def test_writers_without_a_condition_lose_no_field(user: User) -> None:
    project = project_make(user=user, name="start")
    url = f"{URL}/{project.pk}"

    results = together(
        lambda: api_client(user).patch(url, {"name": "new"}).status_code,
        lambda: api_client(user).patch(url, {"description": "long"}).status_code,
        lambda: api_client(user).patch(url, {"stage": "fid"}).status_code,
    )

    assert results == [200, 200, 200]
    project.refresh_from_db()
    assert (project.name, project.description, project.stage, project.version) == ("new", "long", "fid", 4)


@pytest.mark.django_db(transaction=True)
def test_delete_and_write_at_once_end_in_a_delete(user: User) -> None:
    project = project_make(user=user)
    url = f"{URL}/{project.pk}"

    results = together(
        lambda: api_client(user).delete(url).status_code,
        lambda: api_client(user).patch(url, {"name": "late"}).status_code,
    )

    assert results in ([204, 404], [200, 204])
    assert not Project.objects.exists()
