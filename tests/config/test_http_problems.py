"""Every error is a problem of the same shape, whatever broke and wherever."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Team, User
from projects.models import Project
from tests.config.http_routes import SECRET
from tests.factories import PASSWORD, user_make

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.config.http_routes")]

PROJECTS = "/api/v1/projects"


@pytest.fixture
def anybody() -> APIClient:
    """A client that is not signed in and shows what a caller sees when the product breaks."""
    return APIClient(raise_request_exception=False)


def assert_problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert set(body) == {"type", "title", "status", "detail", "requestId", "errors"}
    assert body["status"] == status
    assert body["requestId"] == response.headers["X-Request-ID"]
    assert body["title"]
    assert all(set(error) == {"field", "code", "message"} for error in body["errors"])
    return body


def test_unknown_address(anybody: APIClient) -> None:
    for url in ("/api/nowhere", "/api/v1/nowhere", "/api/v1/projects/", "/api/v2"):
        assert_problem(anybody.get(url), 404)


def test_unknown_page_is_html(anybody: APIClient) -> None:
    response = anybody.get("/nowhere")

    assert response.status_code == 404
    assert response.headers["Content-Type"].startswith("text/html")


def test_not_signed_in(anybody: APIClient) -> None:
    response = anybody.get(PROJECTS)

    assert_problem(response, 401)
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="api"'


def test_wrong_method(api: APIClient, project: Project) -> None:
    response = api.post(f"{PROJECTS}/{project.pk}", {})

    assert_problem(response, 405)
    assert set(response.headers["Allow"].split(", ")) >= {"GET", "PUT", "PATCH", "DELETE"}


def test_no_such_representation(api: APIClient) -> None:
    assert_problem(api.get(PROJECTS, HTTP_ACCEPT="text/csv"), 406)


def test_not_json(api: APIClient) -> None:
    assert_problem(api.post(PROJECTS, "name=x", content_type="application/x-www-form-urlencoded"), 415)
    assert_problem(api.post(PROJECTS, "<name/>", content_type="text/xml"), 415)


def test_duplicate_names_no_values(anybody: APIClient) -> None:
    response = anybody.get("/api/test/duplicate")

    body = assert_problem(response, 409)
    assert body["type"] == "urn:safapac:problem:duplicate"
    assert body["errors"] == [{"field": "email", "code": "unique", "message": "Exists already."}]
    assert "example.com" not in response.text


def test_duplicate_found_by_validation_is_a_duplicate_too(anybody: APIClient) -> None:
    user_make(email="twice@example.com")

    body = assert_problem(anybody.get("/api/test/duplicate-model"), 409)

    assert body["type"] == "urn:safapac:problem:duplicate"
    assert [e["code"] for e in body["errors"]] == ["unique"]


def test_what_is_in_use_is_kept(anybody: APIClient, project: Project, user: User) -> None:
    Team.objects.exclude(pk=project.team_id).delete()

    body = assert_problem(anybody.get("/api/test/restricted"), 409)

    assert body["type"] == "urn:safapac:problem:in-use"
    assert Project.objects.exists()


def test_rate_limits_say_when_to_come_back(anybody: APIClient) -> None:
    plain = anybody.get("/api/test/ratelimited")
    framework = anybody.get("/api/test/throttled")

    assert_problem(plain, 429)
    assert_problem(framework, 429)
    assert (plain.headers["Retry-After"], framework.headers["Retry-After"]) == ("60", "8")


def test_validation_of_models_names_wire_fields(anybody: APIClient) -> None:
    body = assert_problem(anybody.get("/api/test/invalid-model"), 400)

    assert {(e["field"], e["code"]) for e in body["errors"]} == {
        ("email", "invalid"),
        ("name", "max_length"),
        ("password", "blank"),
    }


def test_validation_of_the_whole_has_no_field(anybody: APIClient) -> None:
    body = assert_problem(anybody.get("/api/test/invalid"), 400)

    assert body["errors"] == [{"field": "", "code": "both", "message": "Not both."}]
    assert body["detail"] == "Not both."


def test_database_that_does_not_answer_in_time(anybody: APIClient) -> None:
    response = anybody.get("/api/test/too-slow")

    body = assert_problem(response, 503)
    assert response.headers["Retry-After"] == "5"
    assert "pg_sleep" not in body["detail"]


def test_value_that_no_column_holds(anybody: APIClient) -> None:
    assert_problem(anybody.get("/api/test/out-of-range"), 400)


@pytest.mark.parametrize("path", ["/api/test/broken", "/api/test/nan"])
def test_our_own_fault_is_told_without_a_secret_and_logged(
    anybody: APIClient, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        response = anybody.get(path)

    body = assert_problem(response, 500)
    assert SECRET not in response.text
    assert "Traceback" not in response.text
    assert any(body["requestId"] in record.getMessage() for record in caplog.records)
    assert any(record.exc_info for record in caplog.records)


def test_our_own_fault_on_a_page_is_a_page(anybody: APIClient) -> None:
    response = anybody.get("/plain/broken")

    assert response.status_code == 500
    assert response.headers["Content-Type"].startswith("text/html")
    assert SECRET not in response.text


def test_suspicious_requests_are_told_nothing(anybody: APIClient) -> None:
    host = anybody.get(PROJECTS, HTTP_HOST="evil.example")
    suspicious = anybody.get("/api/test/suspicious")

    assert_problem(host, 400)
    assert "evil" not in host.text
    assert_problem(suspicious, 400)
    assert SECRET not in suspicious.text


def test_session_without_csrf_token_writes_nothing() -> None:
    user = user_make(password=PASSWORD)
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)

    response = client.post(PROJECTS, {"name": "forged"}, content_type="application/json")

    assert_problem(response, 403)
    assert not Project.objects.exists()


def test_problems_name_the_caller_s_request_id(anybody: APIClient) -> None:
    given = anybody.get(PROJECTS, HTTP_X_REQUEST_ID="run-2026-11-22")
    forged = anybody.get(PROJECTS, HTTP_X_REQUEST_ID="<script>alert(1)</script>")

    assert given.json()["requestId"] == "run-2026-11-22"
    assert forged.json()["requestId"] != "<script>alert(1)</script>"
    assert len(forged.json()["requestId"]) == 32


def test_body_that_another_view_reads_is_bounded_as_well(anybody: APIClient) -> None:
    response = anybody.post("/api/test/raw", b"x" * 1_000_001, content_type="application/octet-stream")

    assert_problem(response, 413)


def test_nested_errors_carry_their_paths(anybody: APIClient) -> None:
    body = {
        "orderParts": [{"partName": "a", "unitPrice": 1}, {"unitPrice": -1, "colour": "red"}, 7],
        "shipTo": {"partName": ""},
        "weightLimits": [1, 20, "x"],
        "lineCount": 3,
    }

    problem = assert_problem(anybody.post("/api/test/orders", body), 400)

    assert {(e["field"], e["code"]) for e in problem["errors"]} == {
        ("orderParts[1].partName", "required"),
        ("orderParts[1].unitPrice", "min_value"),
        ("orderParts[1].colour", "unknown"),
        ("orderParts[2]", "invalid"),
        ("shipTo.partName", "blank"),
        ("shipTo.unitPrice", "required"),
        ("weightLimits[1]", "max_value"),
        ("weightLimits[2]", "invalid"),
        ("lineCount", "read_only"),
    }


def test_a_field_s_own_check_is_found_under_its_wire_name(anybody: APIClient) -> None:
    part = {"partName": "a", "unitPrice": 1}

    problem = assert_problem(anybody.post("/api/test/orders", {"orderParts": [part] * 4}), 400)

    assert [(e["field"], e["code"]) for e in problem["errors"]] == [("orderParts", "max_length")]


def test_declared_names_are_camel_case_and_free_form_keys_are_not_touched(anybody: APIClient) -> None:
    free = {"H2": 1, "snake_case": {"CamelCase": [{"x_y": None}]}}

    body = anybody.post(
        "/api/test/orders", {"orderParts": [{"partName": "a", "unitPrice": 1}], "freeForm": free}
    ).json()

    assert body == {"orderParts": [{"partName": "a", "unitPrice": 1.0}], "freeForm": free, "lineCount": 1}


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.get("/api/nowhere", HTTP_ACCEPT="text/html"),
        lambda client: client.get(PROJECTS, HTTP_ACCEPT="text/html,application/xhtml+xml,*/*;q=0.8"),
    ],
)
def test_browsers_that_are_not_signed_in_get_the_same_problem(
    anybody: APIClient, call: Callable[[APIClient], Any]
) -> None:
    response = call(anybody)

    assert_problem(response, response.status_code)
