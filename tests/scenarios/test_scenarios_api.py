"""Scenarios over HTTP: made, listed, changed, copied, moved and deleted."""

from typing import Any

import pytest
from django.db.models import RestrictedError
from rest_framework.test import APIClient

from accounts.choices import Role
from accounts.models import User
from masterdata.models import ProductFigure
from projects.models import Project
from scenarios.models import Calculation, Scenario
from tests.factories import project_make, team_make, user_make
from tests.scenarios.cases import HEFA, PROJECTS, SCENARIOS, SMALL, calculate, scenario_make

pytestmark = pytest.mark.django_db


def url_of(scenario: Scenario, *parts: str) -> str:
    return "/".join([SCENARIOS, str(scenario.pk), *parts])


def orders(project: Project) -> dict[str, int]:
    return dict(Scenario.objects.filter(project=project).order_by("order").values_list("name", "order"))


def test_scenario_is_made_at_the_end_of_its_project(api: APIClient, project: Project) -> None:
    url = f"{PROJECTS}/{project.pk}/scenarios"

    response = api.post(url, {"name": "Base", "inputs": HEFA})
    second = api.post(url, {"name": "Base"})

    body = response.json()
    assert response.status_code == 201
    assert body == {
        "id": body["id"],
        "projectId": str(project.pk),
        "name": "Base",
        "order": 0,
        "status": "draft",
        "kpis": None,
        "calculatedAt": None,
        "version": 1,
        "createdAt": body["createdAt"],
        "updatedAt": body["updatedAt"],
        "inputs": HEFA,
        "myRole": "owner",
    }
    assert response.headers["Location"] == f"{SCENARIOS}/{body['id']}"
    assert response.headers["ETag"] == api.get(response.headers["Location"]).headers["ETag"]
    assert (second.json()["order"], second.json()["inputs"]) == (1, {})


def test_maker_is_remembered(api: APIClient, project: Project, user: User) -> None:
    api.post(f"{PROJECTS}/{project.pk}/scenarios", {"name": "Base"})

    assert Scenario.objects.get().created_by == user


def test_list_is_in_order_and_without_inputs(api: APIClient, project: Project, user: User) -> None:
    made = [scenario_make(project=project, user=user, name=name) for name in ("c", "a", "b")]
    scenario_make(project=project_make(user=user), user=user, name="elsewhere")
    calculate(made[1], user=user)

    body = api.get(f"{PROJECTS}/{project.pk}/scenarios").json()

    assert [(item["name"], item["order"], item["status"]) for item in body["items"]] == [
        ("c", 0, "draft"),
        ("a", 1, "calculated"),
        ("b", 2, "draft"),
    ]
    assert body["total"] == 3
    assert all("inputs" not in item for item in body["items"])
    assert [item["kpis"] is None for item in body["items"]] == [True, False, True]
    assert body["items"][1]["kpis"]["npvUsd"] == Calculation.objects.get().npv_usd
    assert body["items"][1]["calculatedAt"] is not None


def test_list_is_filtered_searched_and_ordered(api: APIClient, project: Project, user: User) -> None:
    made = {name: scenario_make(project=project, user=user, name=name) for name in ("dear oil", "cheap oil", "base")}
    calculate(made["base"], user=user)
    url = f"{PROJECTS}/{project.pk}/scenarios"

    def names(query: str) -> list[str]:
        return [item["name"] for item in api.get(f"{url}?{query}").json()["items"]]

    assert names("status=calculated") == ["base"]
    assert names("search=OIL") == ["dear oil", "cheap oil"]
    assert names("ordering=name") == ["base", "cheap oil", "dear oil"]
    assert names("pageSize=2&page=2") == ["base"]
    wrong = api.get(f"{url}?status=dreaming&ordering=inputs&colour=red&pageSize=101").json()
    assert {error["field"] for error in wrong["errors"]} == {"status", "ordering", "colour", "pageSize"}


def test_lists_are_read_on_by_cursor(api: APIClient, project: Project, user: User) -> None:
    made = [scenario_make(project=project, user=user, name=name) for name in "abcde"]
    for lifetime in (21, 22, 23, 24, 25):
        calculate(made[0], user=user, inputs={**HEFA, "finance": {"lifetime": lifetime}})

    for url in (f"{PROJECTS}/{project.pk}/scenarios", url_of(made[0], "calculations")):
        page = api.get(f"{url}?cursor=&pageSize=2").json()
        read = [item["id"] for item in page["items"]]
        while page["hasNext"]:
            page = api.get(page["links"]["next"]).json()
            read += [item["id"] for item in page["items"]]
        assert read == [item["id"] for item in api.get(url).json()["items"]]
        assert len(read) == 5


def test_name_and_inputs_change_by_themselves(api: APIClient, calculated: Scenario) -> None:
    renamed = api.patch(url_of(calculated), {"name": "Renamed"}).json()
    changed = api.patch(url_of(calculated), {"inputs": SMALL}).json()

    assert (renamed["name"], renamed["inputs"], renamed["status"]) == ("Renamed", HEFA, "calculated")
    assert (changed["name"], changed["inputs"], changed["status"]) == ("Renamed", SMALL, "draft")
    assert changed["kpis"] is None
    assert renamed["version"] + 1 == changed["version"]


def test_what_was_read_may_be_sent_back(api: APIClient, calculated: Scenario) -> None:
    seen = api.get(url_of(calculated)).json()

    response = api.put(url_of(calculated), {**seen, "name": "Renamed"})

    assert response.status_code == 200, response.json()
    changed = {"name": "Renamed", "version": seen["version"] + 1, "updatedAt": response.json()["updatedAt"]}
    assert response.json() == {**seen, **changed}


def test_put_keeps_the_inputs_it_leaves_out(api: APIClient, calculated: Scenario) -> None:
    body = api.put(url_of(calculated), {"name": "Renamed"}).json()

    assert (body["inputs"], body["status"]) == (HEFA, "calculated")
    assert {error["field"] for error in api.put(url_of(calculated), {"inputs": HEFA}).json()["errors"]} == {"name"}


def test_result_survives_a_rename_after_the_master_data_have_changed(api: APIClient, calculated: Scenario) -> None:
    seen = api.get(url_of(calculated)).json()
    ProductFigure.objects.filter(product__code="jet", parameter="lower_heating_value").update(value=44)

    body = api.put(url_of(calculated), {**seen, "name": "Renamed"}).json()

    assert (body["name"], body["status"], body["kpis"]) == ("Renamed", "calculated", seen["kpis"])


def test_incomplete_inputs_are_kept_until_they_are_calculated(api: APIClient, project: Project) -> None:
    inputs = {"pathway": "ATJ-SPK", "country": "MYS", "feedstocks": [{"feedstock": "Tallow"}]}

    created = api.post(f"{PROJECTS}/{project.pk}/scenarios", {"name": "ATJ", "inputs": inputs}).json()
    refused = api.post(f"{SCENARIOS}/{created['id']}/calculate/sync", {})

    assert (created["inputs"], created["status"]) == (inputs, "draft")
    assert refused.status_code == 400
    assert api.get(f"{SCENARIOS}/{created['id']}").json() == created


def test_copy_stands_last_and_has_no_result_yet(api: APIClient, calculated: Scenario, user: User) -> None:
    scenario_make(project=calculated.project, user=user, name="Second")

    response = api.post(url_of(calculated, "duplicate"), {})
    named = api.post(url_of(calculated, "duplicate"), {"name": "Mine"}).json()

    body = response.json()
    assert response.status_code == 201
    assert response.headers["Location"] == f"{SCENARIOS}/{body['id']}"
    assert (body["name"], body["order"], body["version"]) == ("Base (copy)", 2, 1)
    assert (body["inputs"], body["status"], body["kpis"]) == (HEFA, "draft", None)
    assert (named["name"], named["order"]) == ("Mine", 3)
    assert Calculation.objects.count() == 1
    assert api.get(url_of(calculated)).json()["status"] == "calculated"


def test_longest_name_still_fits_a_copy(api: APIClient, project: Project, user: User) -> None:
    source = scenario_make(project=project, user=user, name="x" * 200)

    assert api.post(url_of(source, "duplicate"), {}).json()["name"] == "x" * 193 + " (copy)"


@pytest.mark.parametrize(
    ("moved", "to", "expected"),
    [
        ("a", 0, "abcd"),
        ("a", 1, "bacd"),
        ("a", 3, "bcda"),
        ("d", 0, "dabc"),
        ("c", 1, "acbd"),
        ("b", 2, "acbd"),
        ("b", 1_000_000, "acdb"),
    ],
)
def test_move_closes_up_the_others(
    api: APIClient, project: Project, user: User, moved: str, to: int, expected: str
) -> None:
    made = {name: scenario_make(project=project, user=user, name=name) for name in "abcd"}

    body = api.post(url_of(made[moved], "move"), {"order": to})

    assert body.status_code == 200
    assert orders(project) == {name: place for place, name in enumerate(expected)}
    assert (body.json()["order"], body.json()["version"]) == (expected.index(moved), 2)


def test_places_are_closed_up_after_a_delete(api: APIClient, project: Project, user: User) -> None:
    made = {name: scenario_make(project=project, user=user, name=name) for name in "abcd"}

    assert api.delete(url_of(made["b"])).status_code == 204
    kept = orders(project)
    added = api.post(f"{PROJECTS}/{project.pk}/scenarios", {"name": "e"}).json()
    api.post(url_of(made["d"], "move"), {"order": 0})

    assert kept == {"a": 0, "c": 2, "d": 3}
    assert added["order"] == 4
    assert orders(project) == {"d": 0, "a": 1, "c": 2, "e": 3}


def test_move_leaves_other_projects_alone(api: APIClient, project: Project, user: User) -> None:
    elsewhere = project_make(user=user)
    for name in "abc":
        scenario_make(project=elsewhere, user=user, name=name)
    made = [scenario_make(project=project, user=user, name=name) for name in "xyz"]

    api.post(url_of(made[2], "move"), {"order": 0})

    assert orders(project) == {"z": 0, "x": 1, "y": 2}
    assert orders(elsewhere) == {"a": 0, "b": 1, "c": 2}


def test_delete_takes_the_calculations_along(api: APIClient, calculated: Scenario, user: User) -> None:
    calculate(calculated, user=user, inputs=SMALL)
    assert Calculation.objects.count() == 2

    response = api.delete(url_of(calculated))

    assert (response.status_code, response.content) == (204, b"")
    assert api.get(url_of(calculated)).status_code == 404
    assert not Calculation.objects.exists()


def test_current_result_goes_only_with_its_scenario(calculated: Scenario, user: User) -> None:
    earlier = calculated.current
    calculate(calculated, user=user, inputs=SMALL)

    earlier.delete()
    with pytest.raises(RestrictedError):
        Scenario.objects.get().current.delete()

    assert Calculation.objects.count() == 1


def test_copy_of_a_project_has_its_scenarios(api: APIClient, calculated: Scenario, user: User) -> None:
    scenario_make(project=calculated.project, user=user, name="Second", inputs=SMALL)

    copy = api.post(f"{PROJECTS}/{calculated.project_id}/duplicate", {}).json()

    items = api.get(f"{PROJECTS}/{copy['id']}/scenarios").json()["items"]
    assert [(item["name"], item["order"], item["status"], item["kpis"]) for item in items] == [
        ("Base", 0, "draft", None),
        ("Second", 1, "draft", None),
    ]
    assert api.get(f"{SCENARIOS}/{items[1]['id']}").json()["inputs"] == SMALL
    source = api.get(f"{PROJECTS}/{calculated.project_id}/scenarios").json()["items"]
    assert {item["id"] for item in source}.isdisjoint(item["id"] for item in items)
    assert source[0]["status"] == "calculated"


def test_delete_of_a_project_takes_everything_along(api: APIClient, calculated: Scenario, user: User) -> None:
    kept = calculate(scenario_make(project=project_make(user=user), user=user, name="Kept"), user=user)

    assert api.delete(f"{PROJECTS}/{calculated.project_id}").status_code == 204

    assert list(Scenario.objects.all()) == [kept]
    assert list(Calculation.objects.all()) == [kept.current]


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", "calculate/sync"),
        ("post", "calculate/status"),
        ("put", "draft"),
        ("get", "preview"),
        ("post", "trace/npv"),
        ("delete", "calculations"),
        ("post", ""),
    ],
)
def test_wrong_method_is_told_which_are_right(api: APIClient, scenario: Scenario, method: str, address: str) -> None:
    response: Any = getattr(api, method)(url_of(scenario, *filter(None, [address])))

    assert (response.status_code, response.json()["status"]) == (405, 405)
    assert response.headers["Allow"]


def test_scenarios_have_no_list_beside_their_project_s(api: APIClient) -> None:
    assert api.get(SCENARIOS).status_code == 404
    assert api.post(SCENARIOS, {"name": "x"}).status_code == 404


def test_role_is_that_in_the_team_of_the_scenario(api: APIClient, project: Project, user: User) -> None:
    own = scenario_make(project=project, user=user)
    other = user_make()
    theirs = project_make(user=other, team=team_make((other, Role.OWNER), (user, Role.VIEWER)))
    read_only = scenario_make(project=theirs, user=other)

    assert api.get(url_of(own)).json()["myRole"] == "owner"
    assert api.get(url_of(read_only)).json()["myRole"] == "viewer"
    assert api.patch(url_of(read_only), {"name": "x"}).status_code == 403
    assert api.get(f"{PROJECTS}/{theirs.pk}/scenarios").json()["total"] == 1
