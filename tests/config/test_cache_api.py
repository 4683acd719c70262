"""The cache over HTTP: codings of what is kept, its status, and making it begin anew."""

import gzip
from typing import Any

import brotli
import orjson
import pytest
from django.core.cache import cache
from django.test import override_settings
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Team, User
from config.cache import answers
from projects.models import Project
from tests.factories import project_make
from tests.fixtures import api_client

pytestmark = pytest.mark.django_db

PROJECTS = "/api/v1/projects"
STATUS = "/api/v1/cache/status"
INVALIDATE = "/api/v1/cache/invalidate"
NOWHERE = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://127.0.0.1:1"}}


@pytest.fixture
def staff_api(staff_user: User) -> APIClient:
    return api_client(staff_user)


@pytest.fixture
def projects(user: User, team: Team) -> list[Project]:
    return [project_make(user=user, team=team) for _ in range(20)]


@pytest.mark.parametrize(("coding", "open_up"), [("gzip", gzip.decompress), ("br", brotli.decompress)])
def test_kept_answers_are_sent_in_the_coding_the_client_takes(
    api: APIClient, projects: list[Project], coding: str, open_up: Any
) -> None:
    plain = api.get(PROJECTS)
    coded = api.get(PROJECTS, HTTP_ACCEPT_ENCODING=coding)

    assert (coded.headers["Content-Encoding"], coded.headers["Content-Type"]) == (coding, "application/json")
    assert "Content-Encoding" not in plain.headers
    assert {"Accept-Encoding", "Authorization", "Cookie"} <= set(coded.headers["Vary"].split(", "))
    assert open_up(coded.content) == plain.content
    assert len(coded.content) <= 0.4 * len(plain.content)


def test_tag_of_a_coded_answer_serves_reader_and_writer(api: APIClient, projects: list[Project]) -> None:
    url = f"{PROJECTS}/{projects[0].pk}"
    api.patch(url, {"description": "x" * 2000})
    tag = api.get(url, HTTP_ACCEPT_ENCODING="br").headers["ETag"]

    assert tag.startswith('W/"')
    assert api.get(url, HTTP_IF_NONE_MATCH=tag).status_code == 304
    assert api.patch(url, {"name": "y"}, HTTP_IF_MATCH=tag).status_code == 200
    assert api.patch(url, {"name": "z"}, HTTP_IF_MATCH=tag).status_code == 412


def test_small_answers_are_not_worth_it(api: APIClient, project: Project) -> None:
    assert "Content-Encoding" not in api.get(f"{PROJECTS}/{project.pk}", HTTP_ACCEPT_ENCODING="br").headers


def test_no_two_people_share_what_is_kept(api: APIClient, other_user: User, project: Project) -> None:
    assert api.get(PROJECTS).json()["total"] == 1

    assert api_client(other_user).get(PROJECTS).json()["total"] == 0
    assert api_client(other_user).get(f"{PROJECTS}/{project.pk}").status_code == 404


def test_id_may_be_written_in_any_way(api: APIClient, project: Project) -> None:
    ways = [str(project.pk), str(project.pk).upper(), project.pk.hex]
    assert {api.get(f"{PROJECTS}/{way}").json()["name"] for way in ways} == {project.name}
    api.patch(f"{PROJECTS}/{project.pk}", {"name": "new"})

    assert {api.get(f"{PROJECTS}/{way}").json()["name"] for way in ways} == {"new"}


def test_project_that_goes_to_another_team_is_gone_for_the_first(
    api: APIClient, user: User, other_user: User, team: Team, project: Project
) -> None:
    team.memberships.create(user=other_user)
    theirs = api_client(other_user)
    scenario = api.post(f"{PROJECTS}/{project.pk}/scenarios", {"name": "Base"}).json()
    urls = [
        f"{PROJECTS}/{project.pk}",
        f"{PROJECTS}/{project.pk}/scenarios",
        f"{PROJECTS}/{project.pk}/comparison",
        f"/api/v1/scenarios/{scenario['id']}",
        f"/api/v1/scenarios/{scenario['id']}/calculate/status",
    ]
    assert [theirs.get(url).status_code for url in urls] == [200] * 5
    mine = Team.objects.get(personal_of=user)
    assert api.patch(f"{PROJECTS}/{project.pk}", {"team": str(mine.pk)}).status_code == 200

    assert [theirs.get(url).status_code for url in urls] == [404] * 5
    assert theirs.get(PROJECTS).json()["total"] == 0


def test_without_a_cache_the_database_answers(api: APIClient, project: Project) -> None:
    body = api.get(PROJECTS).json()

    with override_settings(CACHES=NOWHERE):
        assert api.get(PROJECTS).json() == body
        api.patch(f"{PROJECTS}/{project.pk}", {"name": "new"})
        assert api.get(PROJECTS).json()["items"][0]["name"] == "new"


def test_status_counts_by_kind(staff_api: APIClient, api: APIClient, project: Project) -> None:
    before = staff_api.get(STATUS).json()
    for _ in range(3):
        api.get(PROJECTS)

    after = staff_api.get(STATUS).json()

    assert set(after["tags"]) == {"projects", "master-data", "scenarios", "results", "traces", "comparisons", "shared"}
    kind, earlier = after["tags"]["projects"], before["tags"]["projects"]
    assert (kind["hits"] - earlier["hits"], kind["misses"] - earlier["misses"]) == (2, 1)
    assert kind["entries"] - earlier["entries"] == 1
    assert kind["ratio"] == kind["hits"] / (kind["hits"] + kind["misses"])
    assert (kind["ttl"], after["tags"]["master-data"]["ttl"]) == (300, 3600)
    assert after["hits"] >= 2


@pytest.mark.parametrize("body", [{}, {"tags": ["projects"]}, {"tags": ["master-data", "projects"]}])
def test_invalidated_answers_are_made_anew(
    staff_api: APIClient,
    api: APIClient,
    project: Project,
    body: dict[str, Any],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    before = api.get(PROJECTS).json()
    Project.objects.filter(pk=project.pk).update(name="by hand")
    assert api.get(PROJECTS).json() == before

    answer = staff_api.post(INVALIDATE, body)

    assert (answer.status_code, answer.content) == (204, b"")
    assert api.get(PROJECTS).json()["items"][0]["name"] == "by hand"


def test_other_kinds_stay(staff_api: APIClient, api: APIClient, project: Project) -> None:
    before = api.get(PROJECTS).json()
    Project.objects.filter(pk=project.pk).update(name="by hand")
    staff_api.post(INVALIDATE, {"tags": ["master-data"]})

    assert api.get(PROJECTS).json() == before


@pytest.mark.parametrize("body", [{"tags": ["everything"]}, {"tags": "projects"}, {"tags": [5, {}]}, {"tag": []}])
def test_what_cannot_be_invalidated_is_refused_by_name(staff_api: APIClient, body: dict[str, Any]) -> None:
    answer = staff_api.post(INVALIDATE, body)

    assert answer.status_code == 400
    assert {error["field"].partition("[")[0].partition(".")[0] for error in answer.json()["errors"]} == set(body)


def test_only_staff_see_and_invalidate(api: APIClient) -> None:
    assert (api.get(STATUS).status_code, api.post(INVALIDATE, {}).status_code) == (403, 403)
    assert (APIClient().get(STATUS).status_code, APIClient().post(INVALIDATE, {}).status_code) == (401, 401)


def test_status_of_no_cache_says_so(staff_api: APIClient) -> None:
    with override_settings(CACHES=NOWHERE):
        answer = staff_api.get(STATUS)

    assert (answer.status_code, orjson.loads(answer.content)["title"]) == (503, "No cache")


def test_reader_who_has_it_already_fills_the_cache_too(
    api: APIClient, project: Project, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    url = f"{PROJECTS}/{project.pk}"
    tag = api.get(url).headers["ETag"]
    cache.clear()
    answers.clear()
    assert api.get(url, HTTP_IF_NONE_MATCH=tag).status_code == 304

    with django_assert_num_queries(0):
        assert api.get(url, HTTP_IF_NONE_MATCH=tag).status_code == 304


def test_reader_who_has_it_gets_304_without_a_cache_as_well(api: APIClient, project: Project) -> None:
    scenario = api.post(f"{PROJECTS}/{project.pk}/scenarios", {"name": "Base"}).json()["id"]
    for url in (PROJECTS, f"{PROJECTS}/{project.pk}", f"/api/v1/scenarios/{scenario}/calculate/status"):
        tag = api.get(url).headers["ETag"]
        with override_settings(CACHES=NOWHERE):
            assert api.get(url, HTTP_IF_NONE_MATCH=tag).status_code == 304, url
