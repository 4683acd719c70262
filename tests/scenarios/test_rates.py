"""How often one user may calculate and preview."""

from typing import Any

import pytest
from django.conf import settings as configured

from accounts.models import User
from projects.models import Project
from scenarios.models import Calculation, Scenario
from tests.fixtures import api_client
from tests.scenarios.cases import SCENARIOS, SMALL, scenario_make, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def _limited(settings: Any) -> None:
    """The rates are on; counted by the day, so that next to no window ends within a test."""
    settings.RATELIMIT_ENABLE = True
    settings.RATES = {name: rate.replace("/m", "/d") for name, rate in settings.RATES.items()}


def test_rates_are_those_of_the_contract() -> None:
    assert (configured.RATES["calculate"], configured.RATES["preview"]) == ("10/m", "120/m")
    assert configured.RATES["typing"] == "300/m"


@pytest.mark.usefixtures("_limited")
def test_eleventh_calculation_waits_and_others_do_not(scenario: Scenario, user: User, editor: User) -> None:
    url = f"{SCENARIOS}/{scenario.pk}/calculate/sync"
    client = api_client(user)

    answers = [client.post(url, {}) for _ in range(11)]

    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    problem = answers[-1].json()
    assert answers[-1].headers["Content-Type"] == "application/problem+json"
    assert (problem["type"], problem["status"]) == ("urn:safapac:problem:rate-limit", 429)
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 86_400
    assert api_client(editor).post(url, {}).status_code == 200


@pytest.mark.usefixtures("_limited")
@pytest.mark.parametrize("last", ["calculate", "calculate/sync"])
def test_calculations_at_once_and_in_the_background_have_one_rate(
    scenario: Scenario, project: Project, user: User, last: str
) -> None:
    idle = scenario_make(project=project, user=user)
    client = api_client(user)
    for number in range(10):
        part = "calculate" if number % 2 else "calculate/sync"
        assert client.post(f"{SCENARIOS}/{scenario.pk}/{part}", {}).status_code in {200, 202}

    refused = client.post(f"{SCENARIOS}/{idle.pk}/{last}", {"inputs": SMALL})

    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 86_400
    assert state_of(idle)["scenario"]["status"] == "draft"
    assert state_of(idle)["calculations"] == []


@pytest.mark.usefixtures("_limited")
def test_polling_and_cancelling_are_not_held_up(scenario: Scenario, user: User) -> None:
    client = api_client(user)
    url = f"{SCENARIOS}/{scenario.pk}/calculate"
    answers = [client.post(url, {}).status_code for _ in range(11)]

    assert answers == [202] * 10 + [429]
    assert client.get(f"{url}/status").json()["status"] == "calculating"
    assert client.post(f"{url}/cancel").status_code == 202


@pytest.mark.usefixtures("_limited")
def test_rate_is_one_for_all_scenarios_of_a_user(scenario: Scenario, project: Project, user: User) -> None:
    other = scenario_make(project=project, user=user)
    client = api_client(user)
    for _ in range(10):
        client.post(f"{SCENARIOS}/{scenario.pk}/calculate/sync", {})

    refused = client.post(f"{SCENARIOS}/{other.pk}/calculate/sync", {"inputs": SMALL})

    assert refused.status_code == 429
    other.refresh_from_db()
    assert (other.status, other.version) == ("draft", 1)
    assert Calculation.objects.count() == 1


@pytest.mark.usefixtures("_limited")
def test_reads_and_drafts_are_not_held_up(scenario: Scenario, user: User) -> None:
    client = api_client(user)
    url = f"{SCENARIOS}/{scenario.pk}"
    while client.post(f"{url}/calculate/sync", {}).status_code == 200:
        pass

    assert client.get(f"{url}/calculate/status").status_code == 200
    assert client.patch(f"{url}/draft", {"inputs": SMALL}).status_code == 200
    assert client.post(f"{url}/preview", {"inputs": SMALL}).status_code == 200


@pytest.mark.usefixtures("_limited")
def test_previews_have_a_rate_of_their_own(scenario: Scenario, user: User, settings: Any) -> None:
    settings.RATES = {**settings.RATES, "preview": "3/d"}
    client = api_client(user)

    previews = [client.post(f"{SCENARIOS}/{scenario.pk}/preview", {"inputs": SMALL}).status_code for _ in range(4)]

    assert previews == [200] * 3 + [429]
    assert client.post(f"{SCENARIOS}/{scenario.pk}/calculate/sync", {}).status_code == 200


def test_rates_may_be_switched_off(scenario: Scenario, user: User) -> None:
    client = api_client(user)

    assert {client.post(f"{SCENARIOS}/{scenario.pk}/calculate/sync", {}).status_code for _ in range(12)} == {200}
