"""The list of projects, and making, copying and deleting them on pages."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client

from accounts.choices import Role
from accounts.models import Team, User
from accounts.services import personal_team
from projects.models import Project
from scenarios.choices import ScenarioStatus
from scenarios.models import Scenario
from tests.factories import project_make, team_make
from tests.fixtures import signed_in
from tests.scenarios.cases import SMALL, calculate, scenario_make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue_in_memory")]

type Counter = Callable[[int], AbstractContextManager[Any]]
HTMX = {"HTTP_HX_REQUEST": "true"}


def names(page: Any) -> list[str]:
    """The projects on a page, in its order."""
    return [card["project"].name for card in page.context["cards"]]


def test_who_is_not_signed_in_is_asked_to_and_led_back() -> None:
    answer = Client().get("/projects?stage=feed")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/login?next=/projects%3Fstage%3Dfeed")


def test_somebody_new_is_offered_the_example_and_it_opens_where_its_inputs_are(browser: Client, user: User) -> None:
    page = browser.get("/projects")
    begun = browser.post("/projects/example")

    scenario = Scenario.objects.get()
    assert "Start the HEFA example" in page.text
    assert 'id="search"' not in page.text
    assert begun.headers["Location"] == f"/scenarios/{scenario.pk}"
    assert scenario.project.team == personal_team(user)
    assert scenario.inputs["feedstocks"] == [{"feedstock": "Used cooking oil"}]
    # Complete on defaults: it can be calculated as it is.
    assert scenario.inputs_hash
    assert scenario.status == ScenarioStatus.DRAFT


def test_only_projects_of_the_readers_teams_are_listed(browser: Client, user: User, other_user: User) -> None:
    shared = team_make((user, Role.VIEWER), (other_user, Role.OWNER))
    project_make(user=other_user, name="Private to them")
    project_make(user=other_user, team=shared, name="Shared with me")

    assert names(browser.get("/projects")) == ["Shared with me"]


def test_a_project_shows_the_result_calculated_last_and_how_many_scenarios_it_has(
    browser: Client, project: Project, user: User
) -> None:
    first = calculate(scenario_make(project=project, user=user, name="First"), user=user)
    second = calculate(scenario_make(project=project, user=user, name="Second", inputs=SMALL), user=user)
    scenario_make(project=project, user=user, name="Draft")
    third = calculate(scenario_make(project=project, user=user, name="Third"), user=user)
    Scenario.objects.filter(pk=third.pk).update(status=ScenarioStatus.DRAFT, current=None)

    page = browser.get("/projects")

    card = page.context["cards"][0]
    assert (card["scenario"].name, card["scenario"].siblings) == ("Second", 4)
    assert card["result"].lcop_usd_per_t == second.current.lcop_usd_per_t != first.current.lcop_usd_per_t
    for figure in (second.current.lcop_usd_per_t, second.current.npv_usd, second.current.carbon_intensity_g_per_mj):
        assert f'value="{figure!r}"' in page.text


def test_search_stage_and_team_narrow_the_list_together(browser: Client, user: User, team: Team) -> None:
    project_make(user=user, name="Kerteh HEFA", stage="feed")
    project_make(user=user, name="Kerteh alcohol", stage="screening")
    project_make(user=user, team=team, name="HEFA in Kerteh", stage="feed")
    project_make(user=user, name="Rotterdam HEFA", stage="feed")

    assert names(browser.get("/projects?search=hefa+kerteh&order=name")) == ["HEFA in Kerteh", "Kerteh HEFA"]
    assert names(browser.get("/projects?search=kerteh&stage=screening")) == ["Kerteh alcohol"]
    assert names(browser.get(f"/projects?stage=feed&team={team.pk}")) == ["HEFA in Kerteh"]
    assert names(browser.get("/projects?search=100%25")) == []


def test_nothing_found_says_so_and_leads_back_to_all(browser: Client, user: User) -> None:
    project_make(user=user, name="Kerteh")

    page = browser.get("/projects?search=%3Cb%3Enowhere")

    assert "Nothing found" in page.text
    assert "&lt;b&gt;nowhere" in page.text
    assert "Start the HEFA example" not in page.text
    assert page.status_code == 200


@pytest.mark.parametrize("query", ["stage=dreaming", "team=x", "order=-x", "page=zero", "page=99", "search=%00", "a=b"])
def test_what_nobody_can_have_meant_shows_the_list_as_it_is(browser: Client, user: User, query: str) -> None:
    project_make(user=user, name="Kerteh")

    assert names(browser.get(f"/projects?{query}")) == ["Kerteh"]


def test_orders_and_pages(browser: Client, user: User) -> None:
    made = [project_make(user=user, name=f"Plant {number:02}") for number in range(25)]
    Project.objects.filter(pk=made[3].pk).update(name="A first")

    assert names(browser.get("/projects?order=name"))[:2] == ["A first", "Plant 00"]
    assert names(browser.get("/projects?order=created"))[0] == "Plant 24"
    second = browser.get("/projects?order=name&page=2")
    assert names(second) == [f"Plant {number:02}" for number in range(20, 25)]
    assert 'href="?order=name"' in second.text
    assert "page 2 of 2" in second.text


def test_a_fragment_keeps_the_address_and_typing_does_not_fill_the_history(browser: Client, user: User) -> None:
    project_make(user=user, name="Kerteh")

    chosen = browser.get("/projects?search=&stage=screening&order=changed", **HTMX)
    typed = browser.get("/projects?search=ker&stage=", **HTMX, HTTP_HX_TRIGGER_NAME="search")

    assert "<html" not in chosen.text
    assert chosen.headers["HX-Push-Url"] == "/projects?stage=screening"
    assert typed.headers["HX-Replace-Url"] == "/projects?search=ker"
    assert "HX-Request" in chosen.headers["Vary"]


def test_the_same_list_again_is_no_step_of_the_history(browser: Client, user: User) -> None:
    project_make(user=user, name="Kerteh")
    here = {"HTTP_HX_CURRENT_URL": "http://testserver/projects?stage=screening"}

    answer = browser.get("/projects?search=&stage=screening", **HTMX, **here)

    assert not {"HX-Push-Url", "HX-Replace-Url"} & answer.headers.keys()


@pytest.mark.parametrize("stage", ["", "feed"])
@pytest.mark.parametrize(
    ("order", "column"), [("changed", "-changed_at"), ("created", "-created_at"), ("name", "name")]
)
def test_the_pages_of_several_teams_follow_each_other_in_one_order(
    browser: Client, user: User, other_user: User, order: str, column: str, stage: str
) -> None:
    teams = [team_make((user, role)) for role in (Role.OWNER, Role.EDITOR, Role.VIEWER)]
    for number in range(2 * 24):
        name, chosen = f"Plant {number * 7 % 48:02}", ("feed", "screening")[number % 2]
        project_make(user=user, team=teams[number % 3], name=name, stage=chosen)
    project_make(user=other_user, name="Not mine", stage="feed")
    mine = Project.objects.filter(team__in=teams, **({"stage": stage} if stage else {}))

    pages = [browser.get(f"/projects?order={order}&stage={stage}&page={page}") for page in (1, 2, 3)]

    wanted = list(mine.order_by(column, "pk").values_list("name", flat=True))
    shown = [name for page in pages[: 2 if stage else 3] for name in names(page)]
    assert shown == wanted
    assert all(page.context["page"].paginator.count == len(wanted) for page in pages)


@pytest.mark.parametrize("size", [1, 20])
def test_the_list_takes_the_same_queries_whatever_its_size(
    browser: Client, user: User, team: Team, django_assert_num_queries: Counter, size: int
) -> None:
    for _ in range(size):
        project = project_make(user=user, team=team)
        for name in ("one", "two"):
            scenario_make(project=project, user=user, name=name)
    browser.get("/projects")

    # User, teams, number of projects, the page, their newest results, master data version for currencies.
    with django_assert_num_queries(6):
        assert len(names(browser.get("/projects"))) == size


def test_a_new_project_leads_to_its_first_scenario(browser: Client, team: Team) -> None:
    form = browser.get("/projects/new")
    answer = browser.post(
        "/projects/new", {"name": "Kerteh", "team": str(team.pk), "stage": "feed", "description": "By the sea"}
    )

    project = Project.objects.get()
    assert 'name="team"' in form.text
    assert (project.name, project.team, project.stage, project.description) == ("Kerteh", team, "feed", "By the sea")
    assert answer.headers["Location"] == f"/projects/{project.pk}/scenarios/new"


def test_a_new_project_is_refused_with_every_fault_and_what_was_typed_is_kept(
    browser: Client, other_user: User
) -> None:
    strange = personal_team(other_user)

    page = browser.post(
        "/projects/new", {"name": "", "team": str(strange.pk), "stage": "dreaming", "description": "Kept"}
    )

    assert page.status_code == 422
    assert set(page.context["form"].errors) == {"name", "team", "stage"}
    assert "Kept" in page.text
    assert strange.name not in page.text
    assert not Project.objects.exists()


def test_no_project_is_made_in_a_team_that_one_may_only_read(team: Team, viewer: User) -> None:
    page = signed_in(viewer).post("/projects/new", {"name": "Kerteh", "team": str(team.pk), "stage": "feed"})

    assert page.status_code == 422
    assert set(page.context["form"].errors) == {"team"}
    assert not Project.objects.exists()


def test_a_copy_has_the_scenarios_and_opens(browser: Client, project: Project, user: User) -> None:
    calculate(scenario_make(project=project, user=user), user=user)

    answer = browser.post(f"/projects/{project.pk}/copy")

    copy = Project.objects.exclude(pk=project.pk).get()
    assert answer.headers["Location"] == f"/projects/{copy.pk}"
    assert [scenario.status for scenario in copy.scenarios.all()] == [ScenarioStatus.DRAFT]


def test_deleting_says_what_goes_and_wants_the_name(browser: Client, project: Project, user: User) -> None:
    calculate(scenario_make(project=project, user=user), user=user)
    scenario_make(project=project, user=user, name="Second")

    asked = browser.get(f"/projects/{project.pk}/delete")
    mistyped = browser.post(f"/projects/{project.pk}/delete", {"name": "something else"})
    still_there = Project.objects.filter(pk=project.pk).exists()
    gone = browser.post(f"/projects/{project.pk}/delete", {"name": f" {project.name} "}, follow=True)

    assert re.search(r"<strong>2 scenarios</strong> and <strong>1 calculation</strong>", asked.text)
    assert mistyped.status_code == 422
    assert "not the name" in mistyped.text
    assert still_there
    assert not Project.objects.exists()
    assert f"“{project.name}” was deleted" in gone.text


WRITES = ("copy", "delete", "edit", "calculate")


@pytest.mark.parametrize("write", WRITES)
def test_viewers_are_refused_what_changes_a_project(project: Project, viewer: User, write: str) -> None:
    answer = signed_in(viewer).post(f"/projects/{project.pk}/{write}", {"name": project.name})

    assert answer.status_code == 403
    assert list(Project.objects.values_list("pk", "version")) == [(project.pk, 1)]


@pytest.mark.parametrize("write", WRITES)
def test_strangers_do_not_learn_of_a_project(other_user: User, project: Project, write: str) -> None:
    browser = signed_in(other_user)

    assert browser.post(f"/projects/{project.pk}/{write}", {"name": project.name}).status_code == 404
    assert browser.get(f"/projects/{project.pk}").status_code == 404
    assert Project.objects.filter(pk=project.pk).exists()


def test_viewers_see_no_controls_they_may_not_use(project: Project, viewer: User) -> None:
    listed = signed_in(viewer).get("/projects")

    assert project.name in listed.text
    for write in ("copy", "delete", "edit"):
        assert f"/projects/{project.pk}/{write}" not in listed.text


@pytest.mark.parametrize("path", ["/projects/example", "/projects/{}/copy", "/projects/{}/calculate"])
def test_what_changes_something_is_not_done_by_a_link(browser: Client, project: Project, path: str) -> None:
    assert browser.get(path.format(project.pk)).status_code == 405
    assert Client(enforce_csrf_checks=True).post(path.format(project.pk)).status_code == 403
