"""Projects over HTTP: who sees them, who writes them, and what a write may say."""

import pytest
from rest_framework.test import APIClient

from accounts.choices import Role
from accounts.models import Team, User
from accounts.services import personal_team
from projects.models import Project
from tests.factories import project_make, team_make, user_make
from tests.fixtures import api_client

pytestmark = pytest.mark.django_db

URL = "/api/v1/projects"


def test_project_is_made_in_the_personal_team_by_default(api: APIClient, user: User) -> None:
    response = api.post(URL, {"name": "bar"})

    assert response.status_code == 201
    body = response.json()
    assert body == {
        "id": body["id"],
        "name": "bar",
        "description": "",
        "stage": "screening",
        "progress": 0.0,
        "team": {"id": str(personal_team(user).pk), "name": user.name},
        "createdBy": {"id": str(user.pk), "name": user.name},
        "myRole": "owner",
        "version": 1,
        "createdAt": body["createdAt"],
        "updatedAt": body["updatedAt"],
    }
    assert response.headers["Location"] == f"{URL}/{body['id']}"
    assert response.headers["ETag"] == api.get(f"{URL}/{body['id']}").headers["ETag"]


def test_names_may_repeat(api: APIClient) -> None:
    assert [api.post(URL, {"name": "bar"}).status_code for _ in range(2)] == [201, 201]


def test_project_is_made_in_a_team_one_writes_in(api: APIClient, user: User) -> None:
    team = team_make((user, Role.EDITOR))

    response = api.post(URL, {"name": "x", "team": str(team.pk), "stage": "feed", "progress": 0.25})

    assert response.status_code == 201
    assert response.json()["team"] == {"id": str(team.pk), "name": team.name}
    assert response.json()["myRole"] == "editor"
    assert (response.json()["stage"], response.json()["progress"]) == ("feed", 0.25)


def test_team_of_others_does_not_exist(api: APIClient, other_user: User) -> None:
    foreign = personal_team(other_user)

    response = api.post(URL, {"name": "x", "team": str(foreign.pk)})

    assert response.status_code == 400
    assert response.json()["errors"] == [
        {"field": "team", "code": "does_not_exist", "message": "You have no such team."}
    ]
    assert not Project.objects.exists()


def test_viewer_makes_no_project_in_the_team(team: Team, viewer: User) -> None:
    response = api_client(viewer).post(URL, {"name": "x", "team": str(team.pk)})

    assert response.status_code == 403
    assert not Project.objects.exists()


def test_every_invalid_field_is_named_at_once(api: APIClient) -> None:
    response = api.post(
        URL, {"name": "", "stage": "dreaming", "progress": 1.5, "team": 7, "version": 9, "createdBy": None, "nmae": "x"}
    )

    assert response.status_code == 400
    assert {(e["field"], e["code"]) for e in response.json()["errors"]} == {
        ("name", "blank"),
        ("stage", "invalid_choice"),
        ("progress", "max_value"),
        ("team", "invalid"),
        ("version", "read_only"),
        ("createdBy", "read_only"),
        ("nmae", "unknown"),
    }
    assert not Project.objects.exists()


@pytest.mark.parametrize("value", ["NaN", "inf", True, "abc", None, [], -0.1])
def test_progress_is_a_fraction(api: APIClient, project: Project, value: object) -> None:
    response = api.patch(f"{URL}/{project.pk}", {"progress": value})

    assert response.status_code == 400
    assert [e["field"] for e in response.json()["errors"]] == ["progress"]
    project.refresh_from_db()
    assert (project.progress, project.version) == (0, 1)


def test_what_was_read_may_be_sent_back(api: APIClient, project: Project) -> None:
    seen = api.get(f"{URL}/{project.pk}").json()

    response = api.put(f"{URL}/{project.pk}", {**seen, "name": "renamed"})

    assert response.status_code == 200, response.json()
    assert response.json()["name"] == "renamed"
    assert response.json()["team"] == seen["team"]
    assert response.json()["version"] == 2


def test_put_resets_what_it_leaves_out_but_keeps_the_team(api: APIClient, user: User, team: Team) -> None:
    project = project_make(user=user, team=team, description="long", stage="fid", progress=0.5)

    body = api.put(f"{URL}/{project.pk}", {"name": "only a name"}).json()

    assert (body["description"], body["stage"], body["progress"]) == ("", "screening", 0.0)
    assert body["team"]["id"] == str(team.pk)


def test_patch_changes_what_it_names(api: APIClient, user: User, team: Team) -> None:
    project = project_make(user=user, team=team, description="long", stage="fid")

    body = api.patch(f"{URL}/{project.pk}", {"name": "new"}).json()

    assert (body["name"], body["description"], body["stage"], body["version"]) == ("new", "long", "fid", 2)


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "duplicate", "members"])
def test_projects_of_others_are_not_there(other_api: APIClient, project: Project, method: str) -> None:
    url = f"{URL}/{project.pk}"
    calls = {
        "duplicate": lambda: other_api.post(f"{url}/duplicate", {}),
        "members": lambda: other_api.get(f"{url}/members"),
        "get": lambda: other_api.get(url),
        "delete": lambda: other_api.delete(url),
        "put": lambda: other_api.put(url, {"name": "mine"}),
        "patch": lambda: other_api.patch(url, {"name": "mine"}),
    }

    response = calls[method]()

    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    assert Project.objects.get().name == project.name


def test_lists_hold_only_projects_of_own_teams(other_api: APIClient, other_user: User, project: Project) -> None:
    mine = project_make(user=other_user)

    body = other_api.get(URL).json()

    assert [item["id"] for item in body["items"]] == [str(mine.pk)]
    assert body["total"] == 1


@pytest.mark.parametrize("method", ["put", "patch", "delete", "duplicate"])
def test_viewer_reads_and_writes_nothing(project: Project, viewer: User, method: str) -> None:
    client, url = api_client(viewer), f"{URL}/{project.pk}"
    assert client.get(url).json()["myRole"] == "viewer"

    if method == "duplicate":
        response = client.post(f"{url}/duplicate", {})
    else:
        response = getattr(client, method)(url, {"name": "mine"})

    assert response.status_code == 403
    assert Project.objects.get().name == project.name


def test_editor_writes(project: Project, editor: User) -> None:
    client, url = api_client(editor), f"{URL}/{project.pk}"

    assert client.patch(url, {"name": "edited"}).status_code == 200
    assert client.delete(url).status_code == 204
    assert not Project.objects.exists()


def test_only_an_owner_moves_a_project_to_another_team(project: Project, user: User, editor: User) -> None:
    theirs = team_make((editor, Role.OWNER), (user, Role.EDITOR))
    url = f"{URL}/{project.pk}"

    refused = api_client(editor).patch(url, {"team": str(theirs.pk)})
    moved = api_client(user).patch(url, {"team": str(theirs.pk)})

    assert refused.status_code == 403
    assert moved.status_code == 200
    assert moved.json()["team"]["id"] == str(theirs.pk)


def test_nobody_moves_a_project_where_they_only_read(project: Project, user: User, api: APIClient) -> None:
    elsewhere = team_make((user, Role.VIEWER))

    response = api.patch(f"{URL}/{project.pk}", {"team": str(elsewhere.pk)})

    assert response.status_code == 403
    project.refresh_from_db()
    assert project.team_id != elsewhere.pk


def test_members_are_listed_with_their_roles(api: APIClient, project: Project, user: User, viewer: User) -> None:
    body = api.get(f"{URL}/{project.pk}/members").json()

    assert {(m["id"], m["name"], m["email"], m["role"]) for m in body["items"]} == {
        (str(user.pk), user.name, user.email, "owner"),
        (str(viewer.pk), viewer.name, viewer.email, "viewer"),
    }
    assert body["total"] == 2


def test_filters_and_search(api: APIClient, user: User, team: Team, editor: User) -> None:
    feed = project_make(user=user, team=team, name="Kuantan HEFA", stage="feed")
    theirs = project_make(user=editor, team=team, name="Rotterdam ATJ")
    personal = project_make(user=user, name="Kuantan ATJ")

    def ids(query: str) -> set[str]:
        return {item["id"] for item in api.get(f"{URL}?{query}").json()["items"]}

    assert ids("stage=feed") == {str(feed.pk)}
    assert ids(f"team={team.pk}") == {str(feed.pk), str(theirs.pk)}
    assert ids(f"owner={user.pk}") == {str(feed.pk), str(personal.pk)}
    assert ids("search=kuantan atj") == {str(personal.pk)}
    assert ids("search=%27%3B DROP TABLE projects_project;--") == set()


def test_ordering_by_wire_name(api: APIClient, user: User) -> None:
    for name in ("b", "c", "a"):
        project_make(user=user, name=name)

    def names(ordering: str) -> list[str]:
        return [item["name"] for item in api.get(f"{URL}?ordering={ordering}").json()["items"]]

    assert names("name") == ["a", "b", "c"]
    assert names("-name") == ["c", "b", "a"]
    assert names("createdAt") == ["b", "c", "a"]
    assert names("-updatedAt,name") == ["a", "c", "b"]


def test_sql_in_a_name_is_a_name(api: APIClient) -> None:
    name = "Robert'); DROP TABLE projects_project;--"

    body = api.post(URL, {"name": name}).json()

    assert api.get(f"{URL}/{body['id']}").json()["name"] == name


@pytest.mark.parametrize("key", ["1", "abc", "00000000-0000-0000-0000-000000000000", "%00", "a%27b"])
def test_unknown_ids_are_404(api: APIClient, key: str) -> None:
    assert api.get(f"{URL}/{key}").status_code == 404
    assert api.get(f"{URL}/{key}/members").status_code == 404


def test_roles_in_one_team_do_not_leak_into_another(user: User, api: APIClient) -> None:
    stranger = user_make()
    shared = team_make((stranger, Role.OWNER), (user, Role.VIEWER))
    project = project_make(user=stranger, team=shared)
    team_make((user, Role.OWNER), (stranger, Role.VIEWER))

    assert api.get(f"{URL}/{project.pk}").json()["myRole"] == "viewer"
    assert api.get(URL).json()["total"] == 1
