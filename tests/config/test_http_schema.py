"""The OpenAPI description is valid, complete and speaks the wire's names."""

import re
from io import StringIO
from typing import Any

import brotli
import orjson
import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from config.http import openapi

pytestmark = pytest.mark.django_db

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def schema(anonymous_api: APIClient) -> Any:
    response = anonymous_api.get("/api/schema", HTTP_ACCEPT="application/vnd.oai.openapi+json")
    assert response.status_code == 200
    return orjson.loads(response.content)


def operations(schema: Any) -> list[tuple[str, str, Any]]:
    return [
        (path, method, operation)
        for path, item in schema["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


def test_it_validates_without_a_warning() -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=StringIO(), stderr=StringIO())


def test_every_operation_documents_its_problems(schema: Any) -> None:
    assert operations(schema)
    for path, method, operation in operations(schema):
        problems = {
            code: body
            for code, body in operation["responses"].items()
            if "application/problem+json" in body.get("content", {})
        }
        assert "500" in problems, path
        if method in {"post", "put", "patch"}:
            assert {"400", "401", "413", "415"} <= set(problems), path
        for body in problems.values():
            assert body["content"]["application/problem+json"]["schema"]["$ref"].endswith("/Problem")


def test_names_are_camel_case(schema: Any) -> None:
    names = {name for component in schema["components"]["schemas"].values() for name in component.get("properties", {})}

    assert "createdAt" in names
    assert [name for name in names if "_" in name] == []
    assert len({op["operationId"] for *_, op in operations(schema)}) == len(operations(schema))


def test_changes_take_if_match_and_reads_take_if_none_match(schema: Any) -> None:
    item = schema["paths"]["/api/v1/projects/{id}"]

    for method, header, status in [
        ("get", "If-None-Match", "304"),
        ("put", "If-Match", "412"),
        ("delete", "If-Match", "412"),
    ]:
        assert header in {parameter["name"] for parameter in item[method]["parameters"]}
        assert status in item[method]["responses"]


def test_lists_name_every_query_parameter_they_take(schema: Any, api: APIClient) -> None:
    documented = {
        parameter["name"]
        for parameter in schema["paths"]["/api/v1/projects"]["get"]["parameters"]
        if parameter["in"] == "query"
    }
    told = api.get("/api/v1/projects?nonsense=1").json()["errors"][0]["message"]

    assert documented == set(re.search(r"takes: (.*)\.$", told)[1].split(", "))


def test_it_is_made_once_and_told_apart_by_its_tag(client: Client) -> None:
    first = client.get("/api/schema")

    assert first.headers["Content-Type"] == "application/vnd.oai.openapi"
    assert first.content.startswith(b"openapi: ")
    assert client.get("/api/schema", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    json = client.get("/api/schema", headers={"Accept": "application/json"})
    assert (json.headers["Content-Type"], json.headers["ETag"] != first.headers["ETag"]) == ("application/json", True)
    assert "Accept" in json.headers["Vary"].split(", ")
    assert openapi.description(is_yaml=False) is openapi.description(is_yaml=False)


def test_it_is_sent_in_the_coding_the_client_takes(client: Client) -> None:
    plain = client.get("/api/schema", headers={"Accept": "application/json"})
    coded = client.get("/api/schema", headers={"Accept": "application/json", "Accept-Encoding": "br"})

    assert coded.headers["Content-Encoding"] == "br"
    assert brotli.decompress(coded.content) == plain.content
    assert orjson.loads(plain.content) == yaml.safe_load(client.get("/api/schema").content)
