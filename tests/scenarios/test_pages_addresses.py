"""What pages lead to is there: links, and where forms and htmx send to. Rows and cards put these together by hand."""

import html
import re

import pytest
from django.urls import Resolver404, resolve

from accounts.models import User
from projects.models import Project
from scenarios.models import Scenario
from scenarios.services import calculation_start
from tests.fixtures import signed_in
from tests.scenarios.cases import HEFA, scenario_make

_ADDRESS = re.compile(r'\b(?:href|action|formaction|hx-get|hx-post)="(/[^"?#]*)')
# Of the view of each page, what it has to lead to.
LEADS_TO = {
    "/projects": {"project", "project-compare", "project-edit", "project-copy", "project-remove"},
    "/projects/{project}": {
        "scenario", "scenario-result", "scenario-start", "scenario-stop", "scenario-place", "scenario-page-copy",
        "scenario-page-delete",
    },
    "/projects/{project}/comparison": {"project", "scenario"},
    "/scenarios/{scenario}": {"scenario", "scenario-page-name", "scenario-result", "scenario-history"},
    "/scenarios/{scenario}/result": {"scenario-trace", "scenario-cash-flow", "scenario"},
    "/scenarios/{scenario}/trace/lcop": {"scenario-result"},
    "/scenarios/{scenario}/history": {"scenario-result"},
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("page", LEADS_TO)
def test_every_address_that_a_page_names_is_one_of_ours(
    page: str, user: User, project: Project, calculated: Scenario
) -> None:
    waiting = scenario_make(user=user, project=project, name="Waiting", inputs=HEFA)
    scenario_make(user=user, project=project, name="Draft", inputs=HEFA)
    calculation_start(scenario=waiting, user=user)

    answer = signed_in(user).get(page.format(project=project.pk, scenario=calculated.pk))

    assert answer.status_code == 200
    found, strange = set(), []
    for address in {html.unescape(one) for one in _ADDRESS.findall(answer.text)}:
        if address.startswith("/static/"):
            continue
        try:
            found.add(resolve(address).view_name)
        except Resolver404:
            strange.append(address)
    assert strange == []
    assert found >= LEADS_TO[page]
