"""When a project was changed last: what its list tells and is in the order of, its scenarios included."""

import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection, transaction

from accounts.models import User
from projects.models import Project
from projects.services import project_update
from scenarios.models import Scenario
from scenarios.services import (
    calculation_run,
    scenario_delete,
    scenario_duplicate,
    scenario_keep,
    scenario_move,
    scenario_update,
)
from tests.fixtures import signed_in
from tests.scenarios.cases import HEFA, SMALL, scenario_make

CHANGES: dict[str, Callable[[Scenario, User], object]] = {
    "inputs": lambda scenario, user: scenario_update(scenario=scenario, inputs=SMALL),
    "name": lambda scenario, user: scenario_update(scenario=scenario, name="Other"),
    "draft": lambda scenario, user: scenario_keep(scenario=scenario, inputs=SMALL),
    "copy": lambda scenario, user: scenario_duplicate(scenario=scenario, user=user),
    "deletion": lambda scenario, user: scenario_delete(scenario=scenario),
    "inputs that are calculated": lambda scenario, user: calculation_run(scenario=scenario, user=user, inputs=SMALL),
    "the project": lambda scenario, user: project_update(project=scenario.project, progress=0.5),
}
NO_CHANGES: dict[str, Callable[[Scenario, User], object]] = {
    "the same inputs": lambda scenario, user: scenario_update(scenario=scenario, inputs=HEFA),
    "another place": lambda scenario, user: scenario_move(scenario=scenario, order=0),
    "a calculation": lambda scenario, user: calculation_run(scenario=scenario, user=user),
}


def changed_at(project: Project) -> datetime:
    return Project.objects.values_list("changed_at", flat=True).get(pk=project.pk)


def apply(change: Callable[[Scenario, User], object], scenario: Scenario, user: User) -> None:
    with transaction.atomic():
        change(Scenario.objects.select_for_update(of=("self",)).select_related("project").get(pk=scenario.pk), user)


@pytest.mark.django_db
@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_a_scenario_is_one_of_its_project(scenario: Scenario, user: User, name: str) -> None:
    before = changed_at(scenario.project)

    apply(CHANGES[name], scenario, user)

    assert changed_at(scenario.project) > before


@pytest.mark.django_db
@pytest.mark.parametrize("name", NO_CHANGES)
def test_what_changes_nothing_of_a_scenario_changes_no_project(scenario: Scenario, user: User, name: str) -> None:
    before = changed_at(scenario.project)

    apply(NO_CHANGES[name], scenario, user)

    assert changed_at(scenario.project) == before


@pytest.mark.django_db
def test_the_list_is_in_the_order_of_what_was_worked_on_and_says_by_whom(
    project: Project, scenario: Scenario, user: User, editor: User
) -> None:
    Project.objects.create(team=project.team, name="Made later")
    page = signed_in(user)
    before = page.get("/projects").context["page"]

    signed_in(editor).post(f"/scenarios/{scenario.pk}/name", {"name": "Other", "was": scenario.name})

    after = page.get("/projects").context["page"]
    assert [one.name for one in before] == ["Made later", project.name]
    assert [one.name for one in after] == [project.name, "Made later"]
    assert after[0].changed_by == editor.display_name


@pytest.mark.django_db(transaction=True)
def test_who_has_locked_a_project_and_who_changes_a_scenario_of_it_do_not_wait_for_each_other(
    masterdata: None, project: Project, user: User
) -> None:
    """One locks the project, then its scenarios; the other a scenario, and comes to the project by the trigger."""
    scenario = scenario_make(project=project, user=user)
    has_changed = threading.Event()

    def change() -> None:
        with transaction.atomic():
            scenario_update(scenario=Scenario.objects.select_for_update().get(pk=scenario.pk), name="Other")
            has_changed.set()
        connection.close()

    with transaction.atomic():
        Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
        other = threading.Thread(target=change)
        other.start()
        assert has_changed.wait(timeout=30)
        Scenario.objects.select_for_update().get(pk=scenario.pk)
    other.join()

    assert Scenario.objects.get(pk=scenario.pk).name == "Other"
