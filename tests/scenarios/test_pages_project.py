"""A project's page: its head edited in place, its scenarios as cards, and what is done with them there."""

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client

from accounts.choices import Role
from accounts.models import User
from projects.models import Project
from projects.services import project_update
from scenarios.models import Calculation, Scenario
from tests.factories import team_make, user_make
from tests.fixtures import signed_in
from tests.scenarios.cases import HEFA, calculate, scenario_make
from tests.scenarios.test_queries import scenarios_like

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue_in_memory")]

type Counter = Callable[[int], AbstractContextManager[Any]]
HTMX = {"HTTP_HX_REQUEST": "true"}
# Without capital cost there is nothing to calculate.
LACKING = {"pathway": "SIP", "country": "MYS"}


def head(project: Project, **changes: Any) -> dict[str, Any]:
    """What the form of the project's head sends."""
    sent = {"name": project.name, "description": "", "stage": "screening", "progress": "0", "version": project.version}
    return sent | changes


def order_of(project: Project) -> list[str]:
    return list(project.scenarios.order_by("order").values_list("name", flat=True))


def test_a_card_tells_what_was_chosen_and_what_came_out(
    browser: Client, project: Project, calculated: Scenario
) -> None:
    page = browser.get(f"/projects/{project.pk}")

    (card,) = page.context["cards"]
    run = calculated.current
    assert (card.pathway, card.feedstock, card.country) == ("HEFA-SPK", "Used cooking oil", "Malaysia")
    assert {one.kpi.column: one.figure.value for one in card.figures} == {
        name: getattr(run, name)
        for name in (
            "tci_usd", "lcop_usd_per_t", "minimum_selling_price_usd_per_t", "npv_usd", "irr", "payback_years",
            "carbon_intensity_g_per_mj",
        )
    }  # fmt: skip
    assert f'value="{run.npv_usd!r}"' in page.text
    assert "Calculated" in page.text
    assert 'hx-trigger="load' not in page.text


def test_a_figure_without_a_value_says_why(browser: Client, project: Project, scenario: Scenario, user: User) -> None:
    calculate(scenario, user=user, inputs={**HEFA, "feedstocks": [{"feedstock": "Used cooking oil", "price": 9000}]})

    (card,) = browser.get(f"/projects/{project.pk}").context["cards"]

    undefined = {one.kpi.column: one.figure.reason for one in card.figures if one.figure.value is None}
    assert undefined.keys() >= {"irr", "payback_years"}
    assert all(undefined.values())


def test_feedstocks_that_were_named_stand_on_the_card(browser: Client, project: Project, user: User) -> None:
    inputs = {
        **HEFA,
        "feedstocks": [{"feedstock": "tallow", "share": 0.5}, {"feedstock": "Used cooking oil", "share": 0.5}],
    }
    scenario_make(project=project, user=user, inputs=inputs)

    (card,) = browser.get(f"/projects/{project.pk}").context["cards"]

    assert card.feedstock == "Tallow, Used cooking oil"


def test_an_empty_project_leads_to_its_first_scenario(browser: Client, project: Project, viewer: User) -> None:
    address = f"/projects/{project.pk}/scenarios/new"

    assert address in browser.get(f"/projects/{project.pk}").text
    assert address not in signed_in(viewer).get(f"/projects/{project.pk}").text


def test_members_stand_with_their_roles(browser: Client, user: User) -> None:
    ada = user_make(name="Ada")
    team = team_make((user, Role.OWNER), (ada, Role.VIEWER))
    project = Project.objects.create(team=team, name="Shared")

    text = browser.get(f"/projects/{project.pk}").text

    assert re.search(r'Ada <span class="tag">Viewer</span>', text)
    assert re.search(r'\(you\) <span class="tag">Owner</span>', text)


def test_the_head_is_edited_in_place(browser: Client, project: Project) -> None:
    form = browser.get(f"/projects/{project.pk}/edit", **HTMX)
    saved = browser.post(
        f"/projects/{project.pk}/edit", head(project, name="Kerteh", stage="feed", progress="37.5"), **HTMX
    )

    project.refresh_from_db()
    assert 'id="project-head"' in form.text
    assert "<html" not in form.text
    assert (project.name, project.stage, project.progress, project.version) == ("Kerteh", "feed", 0.375, 2)
    assert "Kerteh" in saved.text
    assert json.loads(saved.headers["HX-Trigger"]) == {"said": {"value": "Saved."}}


def test_without_script_the_head_is_edited_on_a_page_of_its_own(browser: Client, project: Project) -> None:
    page = browser.get(f"/projects/{project.pk}/edit")
    saved = browser.post(f"/projects/{project.pk}/edit", head(project, name="Kerteh"))

    assert "<html" in page.text
    assert saved.headers["Location"] == f"/projects/{project.pk}"


def test_faults_of_the_head_are_told_at_once_and_change_nothing(browser: Client, project: Project) -> None:
    answer = browser.post(
        f"/projects/{project.pk}/edit", head(project, name="", stage="dreaming", progress="101"), **HTMX
    )

    project.refresh_from_db()
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"name", "stage", "progress"}
    assert project.version == 1


def test_the_second_of_two_people_is_told_and_loses_nothing(browser: Client, project: Project) -> None:
    project_update(project=Project.objects.select_related("team").get(pk=project.pk), name="Theirs", stage="fid")

    told = browser.post(f"/projects/{project.pk}/edit", head(project, name="Mine", progress="50"), **HTMX)
    untouched = Project.objects.get(pk=project.pk).name
    again = browser.post(
        f"/projects/{project.pk}/edit",
        head(project, name="Mine", progress="50", version=told.context["form"]["version"].value()),
    )

    project.refresh_from_db()
    assert told.status_code == 412
    assert untouched == "Theirs"
    assert ("Name", "Theirs") in told.context["differences"]
    assert "changed this project at" in told.text
    assert 'value="Mine"' in told.text
    assert again.status_code == 302
    assert (project.name, project.progress) == ("Mine", 0.5)


def test_a_first_scenario_starts_with_choices_that_have_a_design(browser: Client, project: Project) -> None:
    page = browser.get(f"/projects/{project.pk}/scenarios/new")
    form = page.context["form"]
    made = browser.post(f"/projects/{project.pk}/scenarios/new", form.initial)

    scenario = project.scenarios.get()
    assert form.initial["name"] == "Base case"
    assert (form.initial["pathway"], form.initial["country"]) == ("HEFA-SPK", "MYS")
    assert scenario.inputs["feedstocks"] == [{"feedstock": form.initial["feedstock"]}]
    assert scenario.inputs_hash
    assert made.status_code == 302
    groups = [label for label, _ in form.fields["feedstock"].choices]
    assert groups[0].startswith("With a published design of HEFA-SPK")


def test_another_pathway_brings_its_own_feedstocks(browser: Client, project: Project) -> None:
    fragment = browser.get(
        f"/projects/{project.pk}/scenarios/new?pathway=ATJ-SPK&country=USA&name=Mine&feedstock=x", **HTMX
    )

    form = fragment.context["form"]
    designed = dict(form.fields["feedstock"].choices)["With a published design of ATJ-SPK"]
    assert form.initial["feedstock"] in dict(designed)
    assert (form.initial["name"], form.initial["country"]) == ("Mine", "USA")
    assert "<html" not in fragment.text


def test_a_scenario_without_a_design_is_made_and_says_what_it_lacks_when_calculated(
    browser: Client, project: Project
) -> None:
    page = browser.get(f"/projects/{project.pk}/scenarios/new?pathway=SIP")
    chosen = {"name": "Sugar", "pathway": "SIP", "feedstock": "Used cooking oil", "country": "MYS"}
    browser.post(f"/projects/{project.pk}/scenarios/new", chosen)
    told = browser.post(f"/projects/{project.pk}/calculate", follow=True)

    assert "Nobody has published a design" in page.text
    assert "“Sugar” cannot be calculated yet" in told.text
    assert not Calculation.objects.exists()


@pytest.mark.parametrize("fault", [{"pathway": "WOOD"}, {"feedstock": "Air"}, {"country": "ATL"}, {"name": ""}])
def test_a_choice_that_is_none_is_refused_at_its_field(
    browser: Client, project: Project, fault: dict[str, str]
) -> None:
    chosen = {"name": "Base", "pathway": "HEFA-SPK", "feedstock": "Used cooking oil", "country": "MYS"}

    page = browser.post(f"/projects/{project.pk}/scenarios/new", chosen | fault)

    assert page.status_code == 422
    assert set(page.context["form"].errors) == set(fault)
    assert not Scenario.objects.exists()


def test_scenarios_move_up_and_down(browser: Client, project: Project, user: User) -> None:
    made = [scenario_make(project=project, user=user, name=name) for name in ("one", "two", "three")]

    up = browser.post(f"/scenarios/{made[2].pk}/place", {"direction": "up"}, **HTMX)
    assert order_of(project) == ["one", "three", "two"]
    browser.post(f"/scenarios/{made[0].pk}/place", {"direction": "down"})
    assert order_of(project) == ["three", "one", "two"]
    browser.post(f"/scenarios/{made[2].pk}/place", {"direction": "up"})
    browser.post(f"/scenarios/{made[1].pk}/place", {"direction": "down"})
    browser.post(f"/scenarios/{made[1].pk}/place", {"direction": "sideways"})

    assert order_of(project) == ["three", "one", "two"]
    assert [card.scenario.name for card in up.context["cards"]] == ["one", "three", "two"]


def test_a_scenario_that_follows_a_deleted_one_moves_by_one(browser: Client, project: Project, user: User) -> None:
    made = [scenario_make(project=project, user=user, name=name) for name in ("one", "two", "three", "four")]
    browser.post(f"/scenarios/{made[1].pk}/delete")

    browser.post(f"/scenarios/{made[3].pk}/place", {"direction": "up"})

    assert order_of(project) == ["one", "four", "three"]


def test_a_copy_stands_at_the_end(browser: Client, project: Project, calculated: Scenario) -> None:
    answer = browser.post(f"/scenarios/{calculated.pk}/copy")

    assert order_of(project) == ["Base", "Base (copy)"]
    assert answer.headers["Location"] == f"/scenarios/{project.scenarios.get(order=1).pk}"


def test_deleting_a_scenario_asks_first_and_says_what_goes(
    browser: Client, project: Project, calculated: Scenario
) -> None:
    asked = browser.get(f"/scenarios/{calculated.pk}/delete")
    still_there = project.scenarios.exists()
    browser.post(f"/scenarios/{calculated.pk}/delete")

    assert "<strong>1 calculation</strong>" in asked.text
    assert still_there
    assert not project.scenarios.exists()


WRITES = ("copy", "place", "delete", "start", "stop")


@pytest.mark.parametrize("write", WRITES)
def test_viewers_are_refused_what_changes_a_scenario(scenario: Scenario, viewer: User, write: str) -> None:
    before = Scenario.objects.values().get()

    answer = signed_in(viewer).post(f"/scenarios/{scenario.pk}/{write}", {"direction": "up"})

    assert answer.status_code == 403
    assert Scenario.objects.values().get() == before


@pytest.mark.parametrize("write", WRITES)
def test_strangers_do_not_learn_of_a_scenario(scenario: Scenario, other_user: User, write: str) -> None:
    assert signed_in(other_user).post(f"/scenarios/{scenario.pk}/{write}").status_code == 404
    assert signed_in(other_user).get(f"/projects/{scenario.project_id}/cards?shown={scenario.pk}").status_code == 404


def test_viewers_see_no_controls_they_may_not_use(project: Project, calculated: Scenario, viewer: User) -> None:
    text = signed_in(viewer).get(f"/projects/{project.pk}").text

    assert calculated.name in text
    for write in WRITES:
        assert f"/scenarios/{calculated.pk}/{write}" not in text
    for write in ("edit", "copy", "delete", "calculate", "scenarios/new"):
        assert f"/projects/{project.pk}/{write}" not in text


def test_cards_of_another_project_are_not_given(
    browser: Client, project: Project, user: User, other_user: User
) -> None:
    theirs = scenario_make(
        project=Project.objects.create(team=team_make((other_user, Role.OWNER)), name="x"), user=other_user
    )

    answer = browser.get(f"/projects/{project.pk}/cards?shown={theirs.pk},nonsense,", **HTMX)

    assert answer.status_code == 200
    assert str(theirs.pk) not in answer.text


@pytest.mark.parametrize("size", [1, 20])
def test_a_project_takes_the_same_queries_whatever_its_size(
    browser: Client, project: Project, calculated: Scenario, user: User, django_assert_num_queries: Counter, size: int
) -> None:
    scenarios_like(calculated, size)
    browser.get(f"/projects/{project.pk}")

    # User, project, number and page of its scenarios, members; master data version for their names and for currencies.
    with django_assert_num_queries(7) as captured:
        assert len(browser.get(f"/projects/{project.pk}").context["cards"]) == size
    assert not any("resolved_inputs" in query["sql"] for query in captured.captured_queries)
