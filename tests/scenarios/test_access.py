"""Who may do what: every route against every role, and against somebody of another team."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.choices import Role
from accounts.models import User
from projects.models import Project
from scenarios.api.urls import urlpatterns
from scenarios.models import Calculation, Scenario
from tests.factories import project_make, team_make, user_make
from tests.fixtures import api_client
from tests.scenarios.cases import HEFA, PROJECTS, SMALL, calculate, scenario_make, state_of
from tests.scenarios.runs import start

pytestmark = pytest.mark.django_db

# Not calculated yet, unlike the others.
HALF: dict[str, Any] = {**HEFA, "plant": {"capacity": 250_000.5}}
# By name and method: address, body, and the status for somebody who may.
ROUTES: dict[tuple[str, str], tuple[str, dict[str, Any] | None, int]] = {
    ("unit-list", "get"): ("units", None, 200),
    ("project-comparison", "get"): ("projects/{project}/comparison", None, 200),
    ("scenario-list", "get"): ("projects/{project}/scenarios", None, 200),
    ("scenario-list", "post"): ("projects/{project}/scenarios", {"name": "New", "inputs": HEFA}, 201),
    ("scenario-detail", "get"): ("scenarios/{scenario}", None, 200),
    ("scenario-detail", "put"): ("scenarios/{scenario}", {"name": "New", "inputs": SMALL}, 200),
    ("scenario-detail", "patch"): ("scenarios/{scenario}", {"inputs": SMALL}, 200),
    ("scenario-detail", "delete"): ("scenarios/{scenario}", None, 204),
    ("scenario-draft", "patch"): ("scenarios/{scenario}/draft", {"inputs": {"finance": {"lifetime": 25}}}, 200),
    ("scenario-duplicate", "post"): ("scenarios/{scenario}/duplicate", {}, 201),
    ("scenario-move", "post"): ("scenarios/{scenario}/move", {"order": 1}, 200),
    ("scenario-calculate", "post"): ("scenarios/{scenario}/calculate", {"inputs": HALF}, 202),
    ("scenario-calculate-cancel", "post"): ("scenarios/{waiting}/calculate/cancel", None, 202),
    ("scenario-calculate-sync", "post"): ("scenarios/{scenario}/calculate/sync", {"inputs": SMALL}, 200),
    ("scenario-calculate-status", "get"): ("scenarios/{scenario}/calculate/status", None, 200),
    ("scenario-preview", "post"): ("scenarios/{scenario}/preview", {"inputs": SMALL}, 200),
    ("scenario-trace", "get"): ("scenarios/{scenario}/trace/npv", None, 200),
    ("calculation-list", "get"): ("scenarios/{scenario}/calculations", None, 200),
    ("calculation-detail", "get"): ("calculations/{calculation}", None, 200),
    ("calculation-cancel", "post"): ("calculations/{queued}/cancel", None, 202),
    ("calculation-diff", "get"): ("calculations/{calculation}/diff/{earlier}", None, 200),
}
OF_NOBODY = {("unit-list", "get")}
READS_BY_POST = {("scenario-preview", "post")}
WRITES = [route for route in ROUTES if route[1] != "get" and route not in READS_BY_POST]
READS = [route for route in ROUTES if route not in WRITES]

type Ask = Callable[..., Any]


@pytest.fixture
def stored(project: Project, user: User) -> Scenario:
    """The first of two scenarios, calculated twice; the second waits for a worker."""
    made = scenario_make(project=project, user=user)
    start(scenario_make(project=project, user=user, name="Second"), user=user)
    calculate(made, user=user, inputs=SMALL)
    return calculate(made, user=user, inputs=HEFA)


@pytest.fixture
def ask(stored: Scenario) -> Ask:
    earlier = stored.calculations.exclude(pk=stored.current_id).get()
    there = {
        "project": stored.project_id,
        "scenario": stored.pk,
        "calculation": stored.current_id,
        "earlier": earlier.pk,
        "waiting": Scenario.objects.get(name="Second").pk,
        "queued": Calculation.objects.active().get().pk,
    }

    def send(client: APIClient, route: tuple[str, str], body: Any = None, **instead: object) -> Any:
        address, own, _ = ROUTES[route]
        return getattr(client, route[1])(f"/api/v1/{address.format(**{**there, **instead})}", body or own)

    return send


def everything() -> list[dict[str, Any]]:
    return [state_of(scenario) for scenario in Scenario.objects.order_by("pk")]


def methods(callback: Any) -> set[str]:
    actions = getattr(callback, "actions", None)
    return set(actions or {name for name in callback.cls.http_method_names if hasattr(callback.cls, name)})


def test_no_route_is_left_out_above() -> None:
    declared = {(route.name, method) for route in urlpatterns for method in methods(route.callback)}

    # What a share link shows, it shows to anybody (test_sharing.py).
    open_to_all = {("shared", "get")}
    asked = {(name, method) for name, method in declared if method not in {"head", "options"}}
    assert asked - open_to_all == set(ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_who_is_not_signed_in_is_told_to(ask: Ask, anonymous_api: APIClient, route: Any) -> None:
    before = everything()

    answer = ask(anonymous_api, route)

    assert (answer.status_code, answer.json()["status"]) == (401, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert everything() == before


@pytest.mark.parametrize("route", [route for route in ROUTES if route not in OF_NOBODY], ids=" ".join)
def test_object_of_another_team_is_not_there(ask: Ask, other_user: User, route: Any) -> None:
    # Somebody with a project and a result of their own, so that it is not for having nothing that they see nothing.
    mine = scenario_make(project=project_make(user=other_user), user=other_user)
    calculate(mine, user=other_user)
    nowhere = {name: uuid4() for name in ("project", "scenario", "calculation", "earlier", "waiting", "queued")}
    before = everything()

    answer = ask(api_client(other_user), route)
    missing = ask(api_client(other_user), route, **nowhere)

    assert (answer.status_code, missing.status_code) == (404, 404)
    assert answer.headers["Content-Type"] == "application/problem+json"
    # Nothing tells an object of others from one that does not exist.
    assert {**answer.json(), "requestId": ""} == {**missing.json(), "requestId": ""}
    assert everything() == before


@pytest.mark.parametrize("route", WRITES, ids=" ".join)
def test_viewer_writes_nothing(ask: Ask, viewer: User, route: Any) -> None:
    before = everything()

    answer = ask(api_client(viewer), route)

    assert (answer.status_code, answer.json()["status"]) == (403, 403)
    assert everything() == before


@pytest.mark.parametrize("route", READS, ids=" ".join)
def test_viewer_reads_everything(ask: Ask, viewer: User, route: Any) -> None:
    before = everything()

    assert ask(api_client(viewer), route).status_code == 200
    assert everything() == before


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_editor_does_everything(ask: Ask, editor: User, route: Any) -> None:
    answer = ask(api_client(editor), route)

    assert answer.status_code == ROUTES[route][2]


@pytest.mark.parametrize("key", ["1", "abc", "%00", "a%27b"])
def test_ids_that_are_none_are_not_there(api: APIClient, key: str) -> None:
    for address in (
        f"scenarios/{key}",
        f"scenarios/{key}/trace/npv",
        f"projects/{key}/scenarios",
        f"calculations/{key}",
    ):
        assert api.get(f"/api/v1/{address}").status_code == 404


def test_calculations_are_compared_only_with_ones_own(ask: Ask, api: APIClient, other_user: User) -> None:
    foreign = calculate(scenario_make(project=project_make(user=other_user), user=other_user), user=other_user)

    for swapped in ({"earlier": foreign.current_id}, {"calculation": foreign.current_id}):
        assert ask(api, ("calculation-diff", "get"), **swapped).status_code == 404


def test_role_is_that_in_the_team_of_the_scenario(stored: Scenario, user: User) -> None:
    stranger = user_make()
    theirs = project_make(user=stranger, team=team_make((stranger, Role.OWNER), (user, Role.VIEWER)))
    read_only = scenario_make(project=theirs, user=stranger)
    client = api_client(user)

    assert client.get(f"/api/v1/scenarios/{stored.pk}").json()["myRole"] == "owner"
    assert client.get(f"/api/v1/scenarios/{read_only.pk}").json()["myRole"] == "viewer"
    assert client.patch(f"/api/v1/scenarios/{read_only.pk}", {"name": "x"}).status_code == 403
    assert client.get(f"{PROJECTS}/{theirs.pk}/scenarios").json()["total"] == 1


# What only a calculation, or the database, says: by name and a value that would be worth forging.
FORGERIES: dict[str, Any] = {
    "id": "00000000-0000-0000-0000-000000000000",
    "projectId": "00000000-0000-0000-0000-000000000000",
    "project": "00000000-0000-0000-0000-000000000000",
    "order": 7,
    "status": "failed",
    "version": 99,
    "kpis": {"npvUsd": 1e12},
    "npvUsd": 1e12,
    "results": {"npv": 1e12},
    "result": {"financials": {"npv": 1e12}},
    "current": "00000000-0000-0000-0000-000000000000",
    "currentId": "00000000-0000-0000-0000-000000000000",
    "calculationId": "00000000-0000-0000-0000-000000000000",
    "calculatedAt": "2020-01-01T00:00:00Z",
    "resolvedInputs": {},
    "inputsHash": "0" * 48,
    "createdBy": "00000000-0000-0000-0000-000000000000",
    "createdAt": "2020-01-01T00:00:00Z",
    "updatedAt": "2020-01-01T00:00:00Z",
    "myRole": "viewer",
}


WITH_A_BODY = [route for route in ROUTES if ROUTES[route][1] is not None]


@pytest.mark.parametrize("route", WITH_A_BODY, ids=" ".join)
def test_results_cannot_be_forged(ask: Ask, api: APIClient, route: Any) -> None:
    own = ROUTES[route][1] or {}
    forged = {name: value for name, value in FORGERIES.items() if name not in own}
    before = everything()

    answer = ask(api, route, body={**own, **forged})

    assert answer.status_code == 400
    assert {error["field"] for error in answer.json()["errors"]} == set(forged)
    assert {error["code"] for error in answer.json()["errors"]} <= {"unknown", "read_only"}
    assert everything() == before


@pytest.mark.parametrize("route", [route for route in WITH_A_BODY if "inputs" in ROUTES[route][1]], ids=" ".join)
def test_results_cannot_be_forged_among_the_inputs(ask: Ask, api: APIClient, route: Any) -> None:
    own = ROUTES[route][1]
    before = everything()

    answer = ask(api, route, body={**own, "inputs": {**own["inputs"], "financials": {"npv": 1e12}, "npv": 1e12}})

    assert answer.status_code == 400
    assert {error["field"] for error in answer.json()["errors"]} == {"inputs.financials", "inputs.npv"}
    assert everything() == before
