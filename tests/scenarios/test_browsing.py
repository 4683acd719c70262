"""The API as pages for people who are signed in, and as the OpenAPI description has it."""

from typing import Any

import orjson
import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from scenarios.models import Scenario
from scenarios.querysets import HEADLINE
from tests.scenarios.cases import CALCULATIONS, PROJECTS, SCENARIOS, SMALL
from tests.scenarios.runs import start

pytestmark = pytest.mark.django_db

PAGES = [
    f"{PROJECTS}/{{project}}/scenarios",
    f"{PROJECTS}/{{project}}/comparison",
    f"{SCENARIOS}/{{scenario}}",
    f"{SCENARIOS}/{{scenario}}/calculate/status",
    f"{SCENARIOS}/{{scenario}}/trace/npv",
    f"{SCENARIOS}/{{scenario}}/calculations",
    f"{CALCULATIONS}/{{calculation}}",
    "/api/v1/units",
]


@pytest.fixture
def browser(user: User) -> Client:
    client = Client(enforce_csrf_checks=True, headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    client.force_login(user)
    return client


def address(page: str, calculated: Scenario) -> str:
    return page.format(project=calculated.project_id, scenario=calculated.pk, calculation=calculated.current_id)


@pytest.mark.parametrize("page", PAGES)
def test_who_is_signed_in_gets_a_page(browser: Client, calculated: Scenario, page: str) -> None:
    response = browser.get(address(page, calculated))

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<html" in response.text
    assert response.text.count("HTTP 200 OK") == 1


@pytest.mark.parametrize("page", PAGES)
def test_page_for_a_viewer_is_there_too(viewer: User, calculated: Scenario, page: str) -> None:
    browser = Client(headers={"accept": "text/html"})
    browser.force_login(viewer)

    assert browser.get(address(page, calculated)).status_code == 200


def test_page_of_a_scenario_lets_it_be_changed(browser: Client, calculated: Scenario) -> None:
    page = browser.get(address(f"{SCENARIOS}/{{scenario}}", calculated)).text

    assert "Base" in page
    assert 'data-method="DELETE"' in page
    assert 'data-method="PUT"' in page


def test_writes_by_session_need_the_page_s_token(browser: Client, calculated: Scenario) -> None:
    url = address(f"{SCENARIOS}/{{scenario}}", calculated)

    refused = browser.patch(url, {"name": "Renamed"}, content_type="application/json")
    token = browser.get(url).context["csrf_token"]
    allowed = browser.patch(
        url, {"name": "Renamed"}, content_type="application/json", headers={"x-csrftoken": str(token)}
    )

    assert refused.status_code == 403
    assert allowed.status_code == 200
    assert Scenario.objects.get().name == "Renamed"


@pytest.mark.parametrize("part", ["calculate", "calculate/cancel", "cancel"])
def test_calculations_are_asked_for_and_cancelled_from_pages(
    browser: Client, calculated: Scenario, user: User, part: str
) -> None:
    url = f"{SCENARIOS}/{calculated.pk}/{part}"
    if part != "calculate":
        run = start(calculated, user=user, inputs=SMALL)
        url = f"{CALCULATIONS}/{run.pk}/cancel" if part == "cancel" else url
    form = browser.get(url)
    token = {"x-csrftoken": str(form.context["csrf_token"])}

    # As the script of the page sends it.
    refused = browser.post(url, {"inputs": SMALL}, content_type="application/json")
    answer = browser.post(url, {"inputs": SMALL}, content_type="application/json", headers=token)

    assert form.status_code == 405  # the page is there for its form
    assert form.text.count('name="_content"') == 1
    assert orjson.loads(form.context["raw_data_post_form"]["_content"].value()) == (
        {"inputs": None} if part == "calculate" else {}
    )
    assert refused.status_code == 403
    assert (answer.status_code, answer.headers["Content-Type"]) == (202, "text/html; charset=utf-8")
    assert "HTTP 202 Accepted" in answer.text
    assert ("calculating" in answer.text) == (part == "calculate")


@pytest.fixture
def schema(anonymous_api: APIClient) -> Any:
    response = anonymous_api.get("/api/schema", HTTP_ACCEPT="application/vnd.oai.openapi+json")
    return orjson.loads(response.content)


def test_description_has_every_route_of_scenarios(schema: Any) -> None:
    paths = {
        path.removeprefix("/api/v1/"): set(item)
        for path, item in schema["paths"].items()
        if path.startswith(("/api/v1/scenarios", "/api/v1/calculations", "/api/v1/units"))
        or path.endswith(("/scenarios", "/comparison"))
    }

    assert paths == {
        "units": {"get"},
        "projects/{project_id}/comparison": {"get"},
        "projects/{project_id}/scenarios": {"get", "post"},
        "scenarios/{id}": {"get", "put", "patch", "delete"},
        "scenarios/{id}/draft": {"patch"},
        "scenarios/{id}/duplicate": {"post"},
        "scenarios/{id}/move": {"post"},
        "scenarios/{id}/calculate": {"post"},
        "scenarios/{id}/calculate/cancel": {"post"},
        "scenarios/{id}/calculate/sync": {"post"},
        "scenarios/{id}/calculate/status": {"get"},
        "scenarios/{id}/preview": {"post"},
        "scenarios/{id}/trace/{kpi}": {"get"},
        "scenarios/{scenario_id}/calculations": {"get"},
        "calculations/{id}": {"get"},
        "calculations/{id}/cancel": {"post"},
        "calculations/{id}/diff/{other}": {"get"},
    }


@pytest.mark.parametrize("scope", ["scenarios/{id}/calculate", "scenarios/{id}/calculate/sync"])
def test_description_has_the_headers_of_a_calculation(schema: Any, scope: str) -> None:
    operation = schema["paths"][f"/api/v1/{scope}"]["post"]
    sent = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "header"}

    assert sent == ({"If-Match"} if scope.endswith("sync") else {"If-Match", "Idempotency-Key"})
    assert ("202" in operation["responses"]) != scope.endswith("sync")


def test_description_of_a_calculation_says_where_it_is(schema: Any) -> None:
    accepted = schema["paths"]["/api/v1/scenarios/{id}/calculate"]["post"]["responses"]["202"]

    assert "Location" in accepted["headers"]
    assert accepted["content"]["application/json"]["schema"]["$ref"].endswith("/Started")


def test_description_has_the_inputs_as_they_are_declared(schema: Any) -> None:
    sent = schema["components"]["schemas"]["ScenarioRequest"]["properties"]

    capacity = sent["inputs"]["properties"]["plant"]["properties"]["capacity"]
    assert set(sent) == {"name", "inputs"}
    assert "[t/year]" in capacity["description"]
    assert capacity["oneOf"][0]["exclusiveMinimum"] is True
    assert "reference" not in sent["inputs"]["properties"]


def test_description_agrees_with_what_is_sent(schema: Any, api: APIClient, calculated: Scenario) -> None:
    shown = schema["components"]["schemas"]

    for url, name in (
        (f"{SCENARIOS}/{calculated.pk}", "Scenario"),
        (f"{SCENARIOS}/{calculated.pk}/calculate/status", "Result"),
        (f"{CALCULATIONS}/{calculated.current_id}", "Calculation"),
    ):
        assert set(api.get(url).json()) == set(shown[name]["properties"]), name
    assert len(shown["Kpis"]["properties"]) == len(HEADLINE)


@pytest.mark.parametrize(
    ("path", "method", "code"),
    [
        ("projects/{project_id}/comparison", "get", "400"),
        ("master-data/defaults", "get", "400"),
        ("scenarios/{id}/trace/{kpi}", "get", "409"),
        ("scenarios/{id}/calculate/sync", "post", "412"),
        ("scenarios/{id}/calculate", "post", "412"),
        ("scenarios/{id}/calculate", "post", "422"),
        ("scenarios/{id}/calculate/cancel", "post", "409"),
        ("calculations/{id}/cancel", "post", "409"),
    ],
)
def test_answers_of_one_route_alone_are_described(api: APIClient, path: str, method: str, code: str) -> None:
    schema = api.get("/api/schema", headers={"Accept": "application/json"}).json()

    described = schema["paths"][f"/api/v1/{path}"][method]["responses"]
    assert list(described[code]["content"]) == ["application/problem+json"]


@pytest.mark.parametrize("route", ["units", "master-data", "master-data/fresh"])
def test_what_comes_whole_takes_no_parameters(api: APIClient, route: str) -> None:
    answer = api.get(f"/api/v1/{route}?pageSize=5&search=price")

    assert answer.status_code == 400
    assert {error["field"] for error in answer.json()["errors"]} == {"pageSize", "search"}
