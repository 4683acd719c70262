"""Links that show one project to whoever has them: what they show, to whom, and for how long."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.choices import Role
from accounts.models import AuditEntry, User
from config.health.logs import Untold
from projects import sharing
from projects.models import Project, ShareLink
from scenarios.models import Scenario
from tests.factories import project_make, team_make, user_make
from tests.fixtures import api_client
from tests.scenarios.cases import PROJECTS, SCENARIOS, SMALL

pytestmark = pytest.mark.django_db

type Counter = Callable[[int], AbstractContextManager[Any]]


def soon(days: int = 7) -> str:
    return (timezone.now() + timedelta(days=days)).isoformat()


def make(api: APIClient, project: Project, name: str = "For the bank") -> dict[str, Any]:
    response = api.post(f"{PROJECTS}/{project.pk}/share-links", {"name": name, "expiresAt": soon()})
    assert response.status_code == 201, response.json()
    return response.json()


def state() -> list[Any]:
    return [sorted(model.objects.values_list(), key=str) for model in (ShareLink, AuditEntry)]


def test_a_link_shows_a_project_with_its_results_to_anybody(
    api: APIClient, anonymous_api: APIClient, calculated: Scenario, user: User
) -> None:
    made = make(api, calculated.project)

    response = anonymous_api.get(made["api"])

    assert response.status_code == 200
    body = response.json()
    assert body["project"]["name"] == calculated.project.name
    scenario = body["scenarios"][0]
    status = api.get(f"{SCENARIOS}/{calculated.pk}/calculate/status").json()
    parts = ("technoEconomics", "financials", "carbon", "units", "reasons", "resolvedInputs")
    assert {part: scenario[part] for part in parts} == {part: status[part] for part in parts}
    comparison = api.get(f"{PROJECTS}/{calculated.project_id}/comparison").json()
    assert body["comparison"] == comparison
    for told in (user.name, user.email, str(user.pk), str(calculated.project.team_id), calculated.project.team.name):
        assert told not in response.content.decode()


def test_it_is_told_to_no_linked_site_and_no_search_engine(
    api: APIClient, anonymous_api: APIClient, client: Client, calculated: Scenario
) -> None:
    made = make(api, calculated.project)

    for response in (anonymous_api.get(made["api"]), client.get(made["url"])):
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in response.headers["X-Robots-Tag"]
        assert "private" in response.headers["Cache-Control"] or "no-store" in response.headers["Cache-Control"]
        assert "unsafe" not in response.headers.get("Content-Security-Policy", "unsafe")


def test_the_page_shows_figures_and_nobody(
    api: APIClient, client: Client, calculated: Scenario, user: User, project: Project
) -> None:
    api.patch(f"{PROJECTS}/{project.pk}", {"description": "<script>alert(1)</script>"})
    api.post(f"{PROJECTS}/{project.pk}/scenarios", {"name": "Half & half", "inputs": SMALL})
    made = make(api, project)

    text = client.get(made["url"]).text

    assert "Net present value" in text
    assert "Half &amp; half" in text
    assert "<script>alert" not in text
    for told in (user.name, user.email, calculated.project.team.name):
        assert told not in text


def test_the_page_marks_the_best_where_there_is_something_to_choose_between(
    api: APIClient, client: Client, calculated: Scenario, project: Project
) -> None:
    made = make(api, project)
    assert "★ best" not in client.get(made["url"]).text

    smaller = {**calculated.inputs, "plant": {"capacity": 250_000}}
    other = api.post(f"{PROJECTS}/{project.pk}/scenarios", {"name": "Smaller", "inputs": smaller}).json()["id"]
    assert api.post(f"{SCENARIOS}/{other}/calculate/sync", {}).status_code == 200
    text = client.get(made["url"]).text

    (carbon,) = [row for row in text.split("<tr>") if "Carbon intensity" in row]
    (npv,) = [row for row in text.split("<tr>") if "Net present value" in row]
    assert "★ best" not in carbon
    assert npv.count("★ best") == 1


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_link_only_shows(api: APIClient, anonymous_api: APIClient, project: Project, method: str) -> None:
    made = make(api, project)
    before = state()

    assert getattr(anonymous_api, method)(made["api"], {"name": "x"}).status_code == 405
    assert getattr(Client(), method)(made["url"]).status_code == 405
    assert anonymous_api.get(f"{PROJECTS}/{project.pk}").status_code == 401
    assert state() == before


def test_what_it_shows_is_never_old(api: APIClient, anonymous_api: APIClient, calculated: Scenario) -> None:
    made = make(api, calculated.project)
    first = anonymous_api.get(made["api"])
    assert anonymous_api.get(made["api"], HTTP_IF_NONE_MATCH=first.headers["ETag"]).status_code == 304

    api.patch(f"{PROJECTS}/{calculated.project_id}", {"name": "Renamed"})
    assert anonymous_api.get(made["api"]).json()["project"]["name"] == "Renamed"
    api.patch(f"{SCENARIOS}/{calculated.pk}", {"name": "Other"})
    assert anonymous_api.get(made["api"]).json()["scenarios"][0]["name"] == "Other"
    api.post(f"{SCENARIOS}/{calculated.pk}/calculate/sync", {"inputs": SMALL})
    capacity = anonymous_api.get(made["api"]).json()["scenarios"][0]["resolvedInputs"]["plant.capacity"]["value"]
    assert capacity == 250_000


def test_a_revoked_link_shows_nothing_from_the_next_request(
    api: APIClient, anonymous_api: APIClient, client: Client, calculated: Scenario
) -> None:
    made = make(api, calculated.project)
    other = make(api, calculated.project, "For the press")
    etag = anonymous_api.get(made["api"]).headers["ETag"]
    url = f"{PROJECTS}/{calculated.project_id}/share-links/{made['id']}"

    assert api.delete(url).status_code == 204
    assert api.delete(url).status_code == 204

    assert anonymous_api.get(made["api"]).status_code == 404
    assert anonymous_api.get(made["api"], HTTP_IF_NONE_MATCH=etag).status_code == 404
    assert client.get(made["url"]).status_code == 404
    assert anonymous_api.get(other["api"]).status_code == 200
    told = AuditEntry.objects.filter(kind="share_link").order_by("pk")
    assert [(entry.action, entry.label) for entry in told] == [
        ("created", "For the bank"),
        ("created", "For the press"),
        ("revoked", "For the bank"),
    ]


def test_links_end_with_their_time_their_project_and_its_team(
    api: APIClient, anonymous_api: APIClient, user: User, calculated: Scenario
) -> None:
    project = calculated.project
    expired, moved = make(api, project), make(api, project)
    ShareLink.objects.filter(pk=expired["id"]).update(expires_at=timezone.now())
    assert anonymous_api.get(expired["api"]).status_code == 404
    assert anonymous_api.get(moved["api"]).status_code == 200

    other = team_make((user, Role.OWNER))
    assert api.patch(f"{PROJECTS}/{project.pk}", {"team": str(other.pk)}).status_code == 200
    assert anonymous_api.get(moved["api"]).status_code == 404

    gone = make(api, project)
    api.delete(f"{PROJECTS}/{project.pk}")
    assert anonymous_api.get(gone["api"]).status_code == 404


@pytest.mark.parametrize("token", ["x", "0" * 43, "%00", "a" * 200, "..", "%2e%2e%2fapi"])
def test_made_up_tokens_show_nothing(anonymous_api: APIClient, client: Client, token: str) -> None:
    assert anonymous_api.get(f"/api/v1/shared/{token}").status_code == 404
    assert client.get(f"/shared/{token}").status_code == 404


@pytest.mark.parametrize(
    ("role", "status"), [("owner", 201), ("editor", 201), ("viewer", 403), ("stranger", 404), ("nobody", 401)]
)
def test_who_writes_a_project_makes_links(
    request: pytest.FixtureRequest, api: APIClient, user: User, project: Project, role: str, status: int
) -> None:
    named: dict[str, Callable[[], User | None]] = {
        "owner": lambda: user, "stranger": user_make, "nobody": lambda: None
    }  # fmt: skip
    asker = api_client(named.get(role, lambda: request.getfixturevalue(role))())
    link = make(api, project)
    before = state()
    url = f"{PROJECTS}/{project.pk}/share-links"

    made = asker.post(url, {"name": "x", "expiresAt": soon()})
    listed, one = asker.get(url), asker.get(f"{url}/{link['id']}")

    assert made.status_code == status
    assert {listed.status_code, one.status_code} == {200 if status == 201 else status}
    if status != 201:
        assert asker.delete(f"{url}/{link['id']}").status_code == status
        assert state() == before
    else:
        assert asker.delete(f"{url}/{link['id']}").status_code == 204


def test_links_of_another_project_are_not_there(api: APIClient, user: User, project: Project) -> None:
    link, other = make(api, project), project_make(user=user)
    before = state()

    assert api.delete(f"{PROJECTS}/{other.pk}/share-links/{link['id']}").status_code == 404
    assert state() == before


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"name", "expiresAt"}),
        ({"name": "", "expiresAt": "yesterday"}, {"name", "expiresAt"}),
        ({"name": "two\nlines", "expiresAt": "2020-01-01T00:00:00Z"}, {"name", "expiresAt"}),
        ({"name": "x", "expiresAt": "2999-01-01T00:00:00Z", "digest": "x"}, {"digest", "expiresAt"}),
        ({"name": "x", "expiresAt": None, "token": "x"}, {"token", "expiresAt"}),
    ],
)
def test_what_a_link_may_be(api: APIClient, project: Project, body: dict[str, Any], fields: set[str]) -> None:
    before = state()

    response = api.post(f"{PROJECTS}/{project.pk}/share-links", body)

    assert response.status_code == 400
    assert {error["field"] for error in response.json()["errors"]} == fields
    assert state() == before


def test_links_that_are_good_are_few(api: APIClient, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "MOST_LIVE", 1)
    link = make(api, project)
    before = state()
    url = f"{PROJECTS}/{project.pk}/share-links"

    refused = api.post(url, {"name": "x", "expiresAt": soon()})

    assert (refused.status_code, refused.json()["type"]) == (409, "urn:safapac:problem:too-many-links")
    assert state() == before
    api.delete(f"{url}/{link['id']}")
    make(api, project)


def test_tokens_are_told_once_and_at_rest_nowhere(api: APIClient, project: Project) -> None:
    made = make(api, project)

    assert made["token"] not in str(state())
    assert made["token"] not in api.get(f"{PROJECTS}/{project.pk}/share-links").content.decode()
    assert made["token"] not in api.get(f"{PROJECTS}/{project.pk}/audit").content.decode()


def test_tokens_are_in_no_log() -> None:
    record = logging.LogRecord(
        "django.request", logging.ERROR, "", 0, "%s: %s", ("Broke", "/api/v1/shared/s3cret_-x?y=1"), None
    )

    assert Untold().filter(record)
    assert record.getMessage() == "Broke: /api/v1/shared/…?y=1"


def test_a_use_is_noted_once_a_minute(
    api: APIClient, anonymous_api: APIClient, calculated: Scenario, django_assert_num_queries: Counter
) -> None:
    made = make(api, calculated.project)

    with django_assert_num_queries(4):  # link with project, its use, project, scenarios with results
        anonymous_api.get(made["api"])
    used = ShareLink.objects.get().last_used_at
    with django_assert_num_queries(1):  # link with project
        anonymous_api.get(made["api"])
    assert used is not None
    assert ShareLink.objects.get().last_used_at == used
    earlier = timezone.now() - timedelta(seconds=61)
    ShareLink.objects.update(last_used_at=earlier)
    with django_assert_num_queries(2):  # link with project, its use
        anonymous_api.get(made["api"])
    assert ShareLink.objects.get().last_used_at > earlier


def test_strangers_who_guess_are_stopped(anonymous_api: APIClient, client: Client) -> None:
    with override_settings(RATELIMIT_ENABLE=True, RATES={"anon": "3/d"}):
        statuses = [anonymous_api.get("/api/v1/shared/guess").status_code for _ in range(5)]
        pages = client.get("/shared/guess").status_code

    assert statuses[:3] == [404, 404, 404]
    assert statuses[3:] == [429, 429]
    assert pages == 429


def test_links_are_made_and_revoked_on_their_page(user: User, viewer: User, project: Project) -> None:
    browser, url = Client(), f"/projects/{project.pk}/shares"
    browser.force_login(user)

    made = browser.post(url, {"name": "For <b>", "days": "30"})
    link = ShareLink.objects.get()
    path = made.context["made"].partition("/shared/")[2]

    assert made.status_code == 201
    assert Client().get(f"/shared/{path}").status_code == 200
    assert "For &lt;b&gt;" in browser.get(url).text
    assert path not in browser.get(url).text
    assert "leads nowhere" in browser.post(url, {"revoke": link.pk}, follow=True).text
    assert Client().get(f"/shared/{path}").status_code == 404
    for who, status in ((viewer, 403), (user_make(), 404)):
        other = Client()
        other.force_login(who)
        assert other.get(url).status_code == status
        assert other.post(url, {"name": "x", "days": "30"}).status_code == status
        assert other.post(url, {"revoke": link.pk}).status_code == status
    assert Client().post(url, {"revoke": link.pk}).status_code == 302
    assert ShareLink.objects.count() == 1
