"""What forms and parts of pages about projects and scenarios ask of the database, however much there is.

The pages themselves are counted where they are tested.
"""

from typing import Any

import pytest

from accounts.choices import Role
from accounts.models import User
from masterdata.catalogue import current
from projects.models import Project
from scenarios.models import Scenario
from tests.factories import team_make
from tests.fixtures import browser_of
from tests.scenarios.cases import calculate, scenario_make

pytestmark = pytest.mark.django_db

# With the version of the master data for the currencies in the head of each page.
QUERIES = {
    "/projects/new": 4,  # one's own team, those to choose from, of which Django asks for the first by itself
    "/projects/{project}/edit": 2,  # project with role
    "/projects/{project}/delete": 4,  # project with role, scenarios, runs
    "/projects/{project}/scenarios/new": 5,  # project with role, scenarios, version for choices and defaults
    "/projects/{project}/cards": 3,  # project with role, states
    "/scenarios/{scenario}/delete": 3,  # scenario with role, runs
    "/scenarios/{scenario}/run": 7,  # scenario with role, run, version for defaults and form, last result, run
}


@pytest.mark.parametrize("size", [1, 8])
@pytest.mark.parametrize("path", QUERIES)
def test_a_page_takes_as_many_queries_whatever_there_is(
    path: str, size: int, user: User, project: Project, scenario: Scenario, django_assert_num_queries: Any
) -> None:
    current()
    for number in range(size):
        team_make((user, Role.OWNER))
        calculate(scenario_make(project=project, user=user, name=f"Case {number}"), user=user)
        calculate(scenario, user=user, inputs={**scenario.inputs, "plant": {"capacity": 100_000 + number}})
    address = path.format(project=project.pk, scenario=scenario.pk)
    browser = browser_of(user)
    assert browser.get(address).status_code == 200

    with django_assert_num_queries(QUERIES[path]):
        browser.get(address)
