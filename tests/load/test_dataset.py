"""What load is measured on is what the product itself would show."""

import pytest

from accounts.models import Membership, User
from masterdata.loading import masterdata_load
from tests.fixtures import api_client
from tests.load.dataset import FEW, WATCHER, Size, dataset_make, email_of

pytestmark = pytest.mark.django_db

SIZE = Size(users=10, teams=2, projects=40)


@pytest.fixture
def made() -> None:
    masterdata_load()
    assert dataset_make(SIZE)


@pytest.mark.usefixtures("made")
def test_users_see_the_projects_of_their_team_and_results_that_add_up() -> None:
    user = User.objects.get(email=email_of(3))
    api = api_client(user)

    projects = api.get("/api/v1/projects?ordering=name").json()
    own = [item for item in projects["items"] if item["createdBy"]["id"] == str(user.pk)]
    scenarios = api.get(f"/api/v1/projects/{own[0]['id']}/scenarios").json()["items"]
    result = api.get(f"/api/v1/scenarios/{scenarios[0]['id']}/calculate/status").json()

    assert (projects["total"], len(own)) == (20, 4)
    assert [item["status"] for item in scenarios] == ["calculated"] * 4 + ["draft"]
    assert result["technoEconomics"]["totalCapitalInvestment"] == pytest.approx(400e6)


@pytest.mark.usefixtures("made")
def test_one_sees_everything_and_one_little() -> None:
    totals = {
        email: api_client(User.objects.get(email=email)).get("/api/v1/projects").json()["total"]
        for email in (WATCHER, "newcomer@example.com")
    }

    assert totals == {WATCHER: SIZE.projects, "newcomer@example.com": FEW}
    assert Membership.objects.filter(team__personal_of=None).count() == SIZE.users + SIZE.teams + 1


@pytest.mark.usefixtures("made")
def test_second_run_finds_the_first() -> None:
    assert not dataset_make(SIZE)
