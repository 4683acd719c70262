"""JSON and pages: what may not be written, what a browser gets, and the headers of every response."""

import datetime
import math
import uuid
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import numpy
import orjson
import pytest
from django.test import Client
from django.utils.translation import gettext_lazy
from rest_framework.test import APIClient

from accounts.models import User
from config.http.naming import camel, snake
from config.http.problems import FieldError
from config.http.rendering import FiniteDict, encode
from projects.models import Project
from tests.factories import project_make

HTML = "text/html,application/xhtml+xml,*/*;q=0.8"
PROJECTS = "/api/v1/projects"


@pytest.mark.parametrize(
    "data",
    [
        math.nan,
        {"npv": math.inf},
        {"rows": [{"a": [1.0, -math.inf]}]},
        {"mixed": (None, "x", math.nan)},
        numpy.float64("nan"),
        {"price": Decimal("NaN")},
        {"frozen": MappingProxyType({"npv": math.nan})},
    ],
)
def test_number_that_is_not_finite_never_passes_for_null(data: Any) -> None:
    with pytest.raises(ValueError, match="not a finite number"):
        encode(data)


def test_null_and_the_word_are_fine() -> None:
    assert encode({"irr": None, "note": "null and NaN"}) == b'{"irr":null,"note":"null and NaN"}'


def test_values_as_they_go_on_the_wire() -> None:
    key = uuid.uuid4()
    east = datetime.timezone(datetime.timedelta(hours=8))
    data = {
        "id": key,
        "utc": datetime.datetime(2026, 11, 22, 1, 2, 3, tzinfo=datetime.UTC),
        "local": datetime.datetime(2026, 11, 22, 1, 2, 3, tzinfo=east),
        "numpy": numpy.float64(0.1),
        "decimal": Decimal("1.50"),
        "lazy": gettext_lazy("Name"),
        "set": {2, 1},
    }

    assert orjson.loads(encode(data)) == {
        "id": str(key),
        "utc": "2026-11-22T01:02:03Z",
        "local": "2026-11-22T01:02:03+08:00",
        "numpy": 0.1,
        "decimal": 1.5,
        "lazy": "Name",
        "set": [1, 2],
    }


def test_what_has_no_json_form_is_refused() -> None:
    for value in (object(), FieldError("npv", "x", "y")):
        with pytest.raises(TypeError):
            encode({"value": value})


@pytest.mark.parametrize(
    ("name", "wire"),
    [("created_at", "createdAt"), ("name", "name"), ("us45z", "us45z"), ("a_b_c", "aBC"), ("h2_share", "h2Share")],
)
def test_names_on_the_wire_and_back(name: str, wire: str) -> None:
    assert (camel(name), snake(wire), camel(wire)) == (wire, name, wire)


@pytest.mark.django_db
@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "application/*"])
def test_programs_get_json(browser: Client, accept: str | None) -> None:
    headers = {} if accept is None else {"accept": accept}

    response = browser.get(PROJECTS, headers=headers)

    assert response.headers["Content-Type"] == "application/json"


@pytest.mark.django_db
def test_pages_are_for_people_who_are_signed_in(api: APIClient, browser: Client, anonymous_api: APIClient) -> None:
    assert browser.get(PROJECTS, headers={"accept": HTML}).headers["Content-Type"] == "text/html; charset=utf-8"
    assert anonymous_api.get(PROJECTS, HTTP_ACCEPT=HTML).headers["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_browsable_list_and_detail_show_data_and_forms(browser: Client, user: User) -> None:
    project = project_make(user=user, name="Kuantan <HEFA>")

    listing = browser.get(PROJECTS, headers={"accept": HTML}).content.decode()
    detail = browser.get(f"{PROJECTS}/{project.pk}", headers={"accept": HTML}).content.decode()

    for page in (listing, detail):
        assert "Kuantan &lt;HEFA&gt;" in page
        assert "<HEFA>" not in page
    assert 'data-method="PUT"' in detail
    assert 'data-method="DELETE"' in detail
    assert "_content" in listing
    assert "Sign out" in listing


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v1/", "/api/v1", "/api/v1/auth/me", PROJECTS, f"{PROJECTS}?stage=dreaming"])
def test_every_kind_of_page_renders_within_the_content_policy(browser: Client, path: str) -> None:
    response = browser.get(path, headers={"accept": HTML})

    page = response.content.decode()
    assert response.status_code in {200, 400, 405}
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<style" not in page
    assert "unsafe" not in response.headers["Content-Security-Policy"]


@pytest.mark.django_db
def test_error_page_keeps_its_status(browser: Client, project: Project) -> None:
    response = browser.get(f"{PROJECTS}/{uuid.uuid4()}", headers={"accept": HTML})

    assert response.status_code == 404
    assert "requestId" in response.content.decode()


@pytest.mark.django_db
def test_json_costs_no_query_for_forms(browser: Client, project: Project, django_assert_num_queries: Any) -> None:
    browser.get("/api/v1/auth/me")

    with django_assert_num_queries(2):  # user, page with count
        browser.get(PROJECTS)


@pytest.mark.django_db
def test_root_names_every_collection(api: APIClient) -> None:
    body = api.get("/api/v1/").json()

    assert body["projects"] == PROJECTS
    assert body["auth/me"] == "/api/v1/auth/me"
    assert "auth/login" not in body
    for url in (body["projects"], body["auth/me"], body["schema"], body["docs"]):
        assert api.get(url).status_code == 200


@pytest.mark.django_db
def test_every_response_says_how_long_it_took_and_what_a_browser_may_do(anonymous_api: APIClient) -> None:
    for path in ("/api/v1/projects", "/nowhere", "/login", "/api/schema"):
        headers = anonymous_api.get(path).headers
        assert len(headers["X-Request-ID"]) == 32
        assert float(headers["X-Process-Time"]) > 0
        assert headers["Server-Timing"].startswith("app;dur=")
        assert headers["Content-Security-Policy"].startswith("default-src 'self';")
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Permissions-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.django_db
def test_request_ids_differ(anonymous_api: APIClient) -> None:
    ids = {anonymous_api.get("/api/v1/projects").headers["X-Request-ID"] for _ in range(3)}

    assert len(ids) == 3


@pytest.mark.django_db
def test_documentation_is_for_anyone_and_loads_nothing_from_elsewhere(anonymous_api: APIClient) -> None:
    page = anonymous_api.get("/api/docs")
    script = anonymous_api.get("/api/docs?script=")

    assert page.status_code == 200
    assert script.headers["Content-Type"].startswith("application/javascript")
    assert "style-src 'self' 'unsafe-inline'" in page.headers["Content-Security-Policy"]
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert "<script>" not in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert "/static/drf_spectacular_sidecar/" in page.text


@pytest.mark.django_db
def test_head_and_options_answer_like_get(api: APIClient, project: Project) -> None:
    for url in (PROJECTS, f"{PROJECTS}/{project.pk}"):
        assert api.head(url).headers["ETag"] == api.get(url).headers["ETag"]
        assert api.options(url).status_code == 200


def test_what_is_known_to_be_finite_is_not_looked_through() -> None:
    unknown = {"a": None, "b": float("nan")}

    assert encode(FiniteDict(unknown)) == b'{"a":null,"b":null}'
    with pytest.raises(ValueError, match="not a finite number"):
        encode(unknown)
