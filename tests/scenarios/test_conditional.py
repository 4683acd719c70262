"""Entity tags of scenarios: readers that have it already, and writers that have an old one."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.choices import Role
from accounts.models import Team, User
from projects.models import Project
from scenarios.models import Scenario
from tests.scenarios.cases import HEFA, SCENARIOS, SMALL, calculate, scenario_make, state_of

pytestmark = pytest.mark.django_db

WRITES: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    "put": ("put", "", {"name": "Mine", "inputs": SMALL}),
    "patch": ("patch", "", {"name": "Mine"}),
    "delete": ("delete", "", None),
    "draft": ("patch", "/draft", {"inputs": SMALL}),
    "calculate": ("post", "/calculate/sync", {"inputs": SMALL}),
}


def url_of(scenario: Scenario) -> str:
    return f"{SCENARIOS}/{scenario.pk}"


def test_reader_who_has_it_gets_304_without_a_body(api: APIClient, calculated: Scenario) -> None:
    tag = api.get(url_of(calculated)).headers["ETag"]

    response = api.get(url_of(calculated), HTTP_IF_NONE_MATCH=tag)

    assert (response.status_code, response.content, response.headers["ETag"]) == (304, b"", tag)
    assert api.get(url_of(calculated), HTTP_IF_NONE_MATCH='"other"').status_code == 200


@pytest.mark.parametrize("part", ["calculate/status", "trace/npv", "calculations"])
def test_results_are_read_again_only_when_they_have_changed(
    api: APIClient, calculated: Scenario, user: User, part: str
) -> None:
    url = f"{url_of(calculated)}/{part}"
    tag = api.get(url).headers["ETag"]

    unchanged = api.get(url, HTTP_IF_NONE_MATCH=tag)
    calculate(calculated, user=user, inputs=SMALL)
    changed = api.get(url, HTTP_IF_NONE_MATCH=tag)

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert changed.status_code == 200


def test_tag_moves_with_what_is_shown(
    api: APIClient, scenario: Scenario, project: Project, user: User, team: Team
) -> None:
    second = scenario_make(project=project, user=user, name="Second")
    tags = [api.get(url_of(scenario)).headers["ETag"]]

    def seen() -> None:
        tags.append(api.get(url_of(scenario)).headers["ETag"])

    api.patch(url_of(scenario), {"name": "Renamed"})
    seen()
    api.post(f"{url_of(scenario)}/calculate/sync", {})
    seen()
    api.post(f"{url_of(second)}/move", {"order": 0})
    seen()
    membership = team.memberships.get(user=user)
    membership.role = Role.VIEWER
    membership.save()
    seen()

    assert len(set(tags)) == 5


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("given", ['"stale"', "not a tag"])
def test_stale_write_changes_nothing(api: APIClient, calculated: Scenario, write: str, given: str) -> None:
    method, part, body = WRITES[write]
    before = state_of(calculated)

    response = getattr(api, method)(url_of(calculated) + part, body, HTTP_IF_MATCH=given)

    assert response.status_code == 412
    assert response.json()["type"] == "urn:safapac:problem:stale-write"
    assert state_of(calculated) == before


@pytest.mark.parametrize("write", WRITES)
def test_write_on_the_present_version_succeeds_once(api: APIClient, calculated: Scenario, write: str) -> None:
    method, part, body = WRITES[write]
    tag = api.get(url_of(calculated)).headers["ETag"]

    first = getattr(api, method)(url_of(calculated) + part, body, HTTP_IF_MATCH=tag)
    again = getattr(api, method)(url_of(calculated) + part, body, HTTP_IF_MATCH=tag)

    assert first.status_code in {200, 204}
    assert again.status_code == (404 if write == "delete" else 412)


def test_answers_carry_the_tag_of_what_they_wrote(api: APIClient, scenario: Scenario) -> None:
    for method, part, body in (
        ("patch", "", {"name": "Mine"}),
        ("patch", "/draft", {"inputs": {"finance": {"lifetime": 25}}}),
        ("post", "/calculate/sync", {"inputs": HEFA}),
        ("post", "/move", {"order": 0}),
    ):
        response = getattr(api, method)(url_of(scenario) + part, body)
        assert response.headers["ETag"] == api.get(url_of(scenario)).headers["ETag"], part
