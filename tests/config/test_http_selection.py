"""``?fields=`` shows what it names, of lists and of objects, and refuses what is not there."""

from typing import Any

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from projects.models import Project

pytestmark = pytest.mark.django_db

URL = "/api/v1/projects"


def test_only_what_is_named_is_shown(api: APIClient, project: Project) -> None:
    whole = api.get(f"{URL}/{project.pk}").json()

    for fields, expected in (
        ("name", {"name": whole["name"]}),
        ("stage,name", {"name": whole["name"], "stage": whole["stage"]}),
        (
            "team.name, createdBy.id",
            {"team": {"name": whole["team"]["name"]}, "createdBy": {"id": str(project.created_by_id)}},
        ),
        ("team,team.name", {"team": whole["team"]}),
        ("team.name,team", {"team": whole["team"]}),
        ("myRole,version", {"myRole": "owner", "version": 1}),
    ):
        assert api.get(f"{URL}/{project.pk}", {"fields": fields}).json() == expected
        listed = api.get(URL, {"fields": fields}).json()
        assert (listed["items"], listed["total"]) == ([expected], 1)
        assert api.get(URL, {"fields": fields, "cursor": ""}).json()["items"] == [expected]


@pytest.mark.parametrize("path", [URL, f"{URL}/{{key}}"])
def test_all_that_is_unknown_is_named_at_once_with_what_there_is(api: APIClient, project: Project, path: str) -> None:
    answer = api.get(path.format(key=project.pk), {"fields": "name,colour,team.colour,name.x,created_by"})

    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert (error["field"], error["code"]) == ("fields", "unknown")
    assert error["message"].startswith("There is no colour, team.colour, name.x, created_by; there is id, name, ")
    assert "team, team.id, team.name, createdBy, createdBy.id, createdBy.name" in error["message"]


@pytest.mark.parametrize("fields", ["", ",", "name,"])
def test_an_empty_name_is_unknown(api: APIClient, fields: str) -> None:
    assert api.get(URL, {"fields": fields}).json()["errors"][0]["code"] == "unknown"


def test_a_list_reads_no_other_columns(api: APIClient, project: Project) -> None:
    with CaptureQueriesContext(connection) as captured:
        api.get(f"{URL}?fields=name,stage")

    (page,) = [query["sql"] for query in captured.captured_queries if 'AS "stage"' in query["sql"]]
    columns = page.partition(" FROM ")[0]
    assert '"name"' in columns
    assert '"description"' not in columns
    assert "accounts_user" not in page


def test_what_is_kept_of_one_selection_is_not_shown_for_another(api: APIClient, project: Project) -> None:
    for _ in range(2):
        for fields in ("name", "stage"):
            assert set(api.get(f"{URL}/{project.pk}?fields={fields}").json()) == {fields}
            assert set(api.get(f"{URL}?fields={fields}").json()["items"][0]) == {fields}


def test_a_write_answers_with_everything(api: APIClient, project: Project) -> None:
    assert "version" in api.patch(f"{URL}/{project.pk}?fields=name", {"name": "x"}).json()


def test_the_description_names_it_for_lists_and_objects(api: APIClient) -> None:
    schema = api.get("/api/schema", HTTP_ACCEPT="application/vnd.oai.openapi+json")
    paths: Any = orjson.loads(schema.content)["paths"]
    for path in (URL, f"{URL}/{{id}}", "/api/v1/scenarios/{scenario_id}/calculations", "/api/v1/countries"):
        named = {parameter["name"] for parameter in paths[path]["get"]["parameters"]}
        assert "fields" in named, path
    assert "fields" not in {parameter["name"] for parameter in paths[f"{URL}/{{id}}"]["patch"]["parameters"]}
    content = paths[URL]["get"]["responses"]["200"]["content"]
    assert content["application/x-ndjson"]["schema"] == {"$ref": "#/components/schemas/Project"}
