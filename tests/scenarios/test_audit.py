"""Who changed which project and scenario, from what to what, as owners of its team read it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.choices import Role
from accounts.models import AuditEntry, Team, User
from accounts.services import audit as audit_service
from masterdata.catalogue import current
from projects.models import Project
from scenarios.models import Scenario
from tests.factories import project_make, team_make, user_make
from tests.fixtures import api_client
from tests.scenarios.cases import HEFA, PROJECTS, SCENARIOS, SMALL, scenario_make, state_of

pytestmark = pytest.mark.django_db

type Counter = Callable[[int], AbstractContextManager[Any]]


@pytest.fixture(autouse=True)
def _one_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five minutes that do not end within a test."""
    monkeypatch.setattr(audit_service, "BURST_S", 10**9)


def audit(api: APIClient, project: Project, query: str = "") -> list[dict[str, Any]]:
    response = api.get(f"{PROJECTS}/{project.pk}/audit{query}")
    assert response.status_code == 200, response.json()
    return response.json()["items"]


def draft(api: APIClient, scenario: Scenario, **finance: Any) -> None:
    response = api.patch(f"{SCENARIOS}/{scenario.pk}/draft", {"inputs": {"finance": finance}})
    assert response.status_code == 200, response.json()


def test_a_change_says_who_what_when_and_by_which_door(api: APIClient, user: User, project: Project) -> None:
    name = project.name
    response = api.patch(f"{PROJECTS}/{project.pk}", {"name": "Kerteh", "stage": "feed"})

    newest, made = audit(api, project)
    assert newest == {
        "id": newest["id"],
        "at": newest["at"],
        "since": newest["at"],
        "saves": 1,
        "actor": {"id": str(user.pk), "name": user.name},
        "via": "token",
        "requestId": response.headers["X-Request-ID"],
        "kind": "project",
        "action": "changed",
        "target": {"id": str(project.pk), "label": "Kerteh"},
        "projectId": str(project.pk),
        "changes": [
            {"path": "name", "before": name, "after": "Kerteh"},
            {"path": "stage", "before": "screening", "after": "feed"},
        ],
        "summary": f"{user.name} changed name from {name} to Kerteh and changed stage from Screening to "
        "Front-end engineering design (FEED) in project Kerteh",
    }
    assert (made["action"], made["via"]) == ("created", "command")


def test_nothing_changed_is_nothing_to_tell(api: APIClient, project: Project, scenario: Scenario) -> None:
    before = AuditEntry.objects.count()

    assert api.patch(f"{PROJECTS}/{project.pk}", {"name": project.name}).status_code == 200
    assert api.patch(f"{SCENARIOS}/{scenario.pk}", {"inputs": HEFA, "name": "Base"}).status_code == 200
    assert api.post(f"{SCENARIOS}/{scenario.pk}/move", {"order": 0}).status_code == 200
    assert api.post(f"{SCENARIOS}/{scenario.pk}/calculate/sync", {}).status_code == 200

    assert AuditEntry.objects.count() == before


def test_inputs_are_told_by_path_with_only_what_differs(api: APIClient, scenario: Scenario, project: Project) -> None:
    url = f"{SCENARIOS}/{scenario.pk}"
    oil, tallow = {"feedstock": "Used cooking oil", "share": 0.5}, {"feedstock": "Tallow", "share": 0.5}
    api.patch(url, {"inputs": {**SMALL, "feedstocks": [oil, tallow], "finance": {"discountRate": 0.1}}})
    api.patch(
        url,
        {
            "inputs": {
                **HEFA,
                "plant": {"capacity": {"value": 300, "unit": "kt/year"}},
                "feedstocks": [oil, {**tallow, "price": 700}],
                "finance": {"discountRate": 0.08, "taxRate": 0.2},
            }
        },
    )

    entry = audit(api, project)[0]
    assert changes_of(entry) == {
        "inputs.plant.capacity": ({"value": 250, "unit": "kt/year"}, {"value": 300, "unit": "kt/year"}),
        "inputs.feedstocks[Tallow].price": (None, 700),
        "inputs.finance.discountRate": (0.1, 0.08),
        "inputs.finance.taxRate": (None, 0.2),
    }
    assert (
        entry["summary"].endswith(
            "changed Capacity from 250 kt/year to 300 kt/year, changed Discount rate from 10 % to 8 %, "
            "set Tax rate to 20 % and made 1 more change in scenario Base"
        )
        or "Price of Tallow" in entry["summary"]
    )


def changes_of(entry: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {change["path"]: (change["before"], change["after"]) for change in entry["changes"]}


def test_a_calculation_is_told_when_its_inputs_are_others(api: APIClient, scenario: Scenario, project: Project) -> None:
    assert api.post(f"{SCENARIOS}/{scenario.pk}/calculate", {"inputs": SMALL}).status_code == 202
    assert api.post(f"{SCENARIOS}/{scenario.pk}/calculate", {"inputs": SMALL}).status_code == 202
    assert api.post(f"{SCENARIOS}/{scenario.pk}/calculate/sync", {"inputs": HEFA}).status_code == 200

    back, there = audit(api, project)[:2]
    capacity = {"value": 250, "unit": "kt/year"}
    assert changes_of(there) == {"inputs.plant.capacity": (None, capacity)}
    assert changes_of(back) == {"inputs.plant.capacity": (capacity, None)}


def test_what_one_person_types_is_one_entry_from_first_to_last(
    api: APIClient, scenario: Scenario, project: Project
) -> None:
    before = len(audit(api, project))
    for rate in (0.1, 0.11, 0.12):
        draft(api, scenario, discountRate=rate)
    draft(api, scenario, taxRate=0.3)
    draft(api, scenario, taxRate=None)

    first, *rest = audit(api, project)
    assert len(rest) == before
    assert first["saves"] == 5
    assert first["since"] < first["at"]
    assert changes_of(first) == {"inputs.finance.discountRate": (None, 0.12)}
    assert AuditEntry.objects.filter(burst__isnull=False).count() == 5


def test_what_is_typed_and_put_back_is_still_told(api: APIClient, scenario: Scenario, project: Project) -> None:
    draft(api, scenario, lifetime=20)
    draft(api, scenario, lifetime=25)
    draft(api, scenario, lifetime=20)

    entry = audit(api, project)[0]
    assert entry["saves"] == 3
    assert changes_of(entry) == {"inputs.finance.lifetime": (None, 20)}
    draft(api, scenario, lifetime=None)
    entry = audit(api, project)[0]
    assert (entry["saves"], entry["changes"]) == (4, [])
    assert entry["summary"].endswith("changed scenario Base and put it back as it was")


def test_two_people_who_type_are_two_entries(
    api: APIClient, editor: User, scenario: Scenario, project: Project
) -> None:
    draft(api, scenario, lifetime=20)
    draft(api_client(editor), scenario, lifetime=21)
    draft(api, scenario, lifetime=22)

    mine, theirs = audit(api, project)[:2]
    assert (mine["saves"], changes_of(mine)) == (2, {"inputs.finance.lifetime": (None, 22)})
    assert theirs["actor"]["name"] == editor.name
    assert changes_of(theirs) == {"inputs.finance.lifetime": (20, 21)}


def test_no_save_is_lost_at_the_edge_of_a_window(
    api: APIClient, scenario: Scenario, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft(api, scenario, lifetime=20)
    monkeypatch.setattr(audit_service, "BURST_S", 10**8)  # another window
    draft(api, scenario, lifetime=21)

    after, until = audit(api, project)[:2]
    assert changes_of(until) == {"inputs.finance.lifetime": (None, 20)}
    assert changes_of(after) == {"inputs.finance.lifetime": (20, 21)}


def test_a_time_within_a_burst_shows_what_it_was_until_then(
    api: APIClient, scenario: Scenario, project: Project
) -> None:
    for lifetime in (20, 21, 22):
        draft(api, scenario, lifetime=lifetime)
    third = AuditEntry.objects.filter(burst__isnull=False).order_by("-pk")[0].at

    until = audit(api, project, f"?kind=scenario&before={third.isoformat().replace('+', '%2B')}")[0]

    assert (until["saves"], changes_of(until)) == (2, {"inputs.finance.lifetime": (None, 21)})


def test_scenarios_are_told_from_making_to_deleting(api: APIClient, scenario: Scenario, project: Project) -> None:
    url = f"{SCENARIOS}/{scenario.pk}"
    copy = api.post(f"{url}/duplicate", {"name": "Twin"}).json()["id"]
    api.patch(f"{SCENARIOS}/{copy}", {"name": "Other"})
    api.post(f"{SCENARIOS}/{copy}/move", {"order": 0})
    api.delete(url)

    told = [entry["summary"].split(" ", 2)[2] for entry in audit(api, project, "?kind=scenario")]
    assert told == [
        "deleted scenario Base",
        "moved scenario Other from 2 to 1",
        "changed name from Twin to Other in scenario Other",
        "made scenario Twin as a copy of Base",
        "made scenario Base",
    ]
    assert changes_of(audit(api, project, "?kind=scenario")[0]) == {"inputs": (dict(HEFA), None)}


def test_a_project_that_moves_is_told_to_both_teams(api: APIClient, user: User, team: Team, project: Project) -> None:
    theirs = team_make((user, Role.OWNER), name="Theirs")
    api.patch(f"{PROJECTS}/{project.pk}", {"team": str(theirs.pk)})

    left, joined = (api.get(f"/api/v1/teams/{one.pk}/audit?kind=project").json()["items"][0] for one in (team, theirs))
    assert left["action"] == joined["action"] == "moved"
    assert changes_of(left) == changes_of(joined) == {"team": (team.name, "Theirs")}
    assert [entry["action"] for entry in audit(api, project)] == ["moved", "created"]


def test_filters_by_kind_person_and_time(api: APIClient, user: User, editor: User, scenario: Scenario) -> None:
    project = scenario.project
    api.patch(f"{PROJECTS}/{project.pk}", {"name": "Kerteh"})
    api_client(editor).patch(f"{PROJECTS}/{project.pk}", {"name": "Kuantan"})
    last = AuditEntry.objects.latest("pk").at

    def labels(query: str) -> list[str]:
        return [entry["target"]["label"] for entry in audit(api, project, query)]

    at = last.isoformat().replace("+", "%2B")
    assert labels("?kind=scenario") == ["Base"]
    assert labels(f"?person={editor.pk}") == ["Kuantan"]
    assert labels(f"?after={at}") == ["Kuantan"]
    assert "Kuantan" not in labels(f"?before={at}")
    assert labels(f"?after={(last + timedelta(seconds=1)).isoformat().replace('+', '%2B')}") == []
    response = api.get(f"{PROJECTS}/{project.pk}/audit?kind=nothing&person=x&after=yesterday&who=me")
    assert response.status_code == 400
    assert {error["field"] for error in response.json()["errors"]} == {"kind", "person", "after", "who"}


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("editor", 403), ("viewer", 403), ("stranger", 404)])
def test_owners_alone_read_it(
    request: pytest.FixtureRequest, user: User, team: Team, project: Project, role: str, status: int
) -> None:
    reader = {"owner": lambda: user, "stranger": user_make}.get(role, lambda: request.getfixturevalue(role))()
    client = api_client(reader)

    assert client.get(f"{PROJECTS}/{project.pk}/audit").status_code == status
    assert client.get(f"/api/v1/teams/{team.pk}/audit").status_code == status
    assert api_client(None).get(f"{PROJECTS}/{project.pk}/audit").status_code == 401


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_it_is_only_read(api: APIClient, team: Team, project: Project, method: str) -> None:
    before = list(AuditEntry.objects.values())

    for url in (f"{PROJECTS}/{project.pk}/audit", f"/api/v1/teams/{team.pk}/audit"):
        assert getattr(api, method)(url, {}).status_code == 405

    assert list(AuditEntry.objects.values()) == before


def test_refused_writes_are_not_told(api: APIClient, viewer: User, scenario: Scenario, project: Project) -> None:
    kept, before = state_of(scenario), list(AuditEntry.objects.values())
    url = f"{SCENARIOS}/{scenario.pk}"

    for client, status in ((api_client(viewer), 403), (api_client(user_make()), 404), (api, 412)):
        assert client.patch(url, {"name": "x"}, HTTP_IF_MATCH='"old"').status_code == status
        assert client.delete(url, HTTP_IF_MATCH='"old"').status_code == status
    assert api.patch(f"{url}/draft", {"inputs": {"finance": {"lifetime": -1}}}).status_code == 400

    assert state_of(scenario) == kept
    assert list(AuditEntry.objects.values()) == before


@pytest.mark.parametrize("size", [1, 25])
def test_queries(
    api: APIClient, user: User, scenario: Scenario, project: Project, size: int, django_assert_num_queries: Counter
) -> None:
    current()
    for number in range(size):
        scenario_make(project=project, user=user, name=f"Case {number}")
        draft(api, scenario, lifetime=20 + number)
    api.get("/api/v1/auth/me")

    with django_assert_num_queries(4):  # project with role, count, page, the steps of what was typed
        assert len(audit(api, project, "?pageSize=100")) == size + 3
    with django_assert_num_queries(3):  # nothing typed among them
        audit(api, project, "?kind=project")


def test_a_change_in_the_admin_is_told(client: Client, project: Project) -> None:
    staff = user_make(is_staff=True, is_superuser=True)
    client.force_login(staff)
    page = f"/admin/projects/project/{project.pk}/change/"
    form = {"name": "By staff", "description": "", "stage": "fid", "progress": "0.5", "team": str(project.team_id)}

    assert client.post(page, form).status_code == 302

    entry = AuditEntry.objects.latest("pk")
    assert (entry.actor, entry.via, entry.action, entry.team) == (staff.pk, "admin", "changed", project.team_id)
    assert {change["path"] for change in entry.changes} == {"name", "stage", "progress"}


def test_personal_projects_are_told_to_their_person(api: APIClient, user: User) -> None:
    project = project_make(user=user, name="Mine")

    assert [entry["target"]["label"] for entry in audit(api, project)] == ["Mine"]
