"""A project to begin with."""

from django.db import transaction

from accounts.models import Team, User
from projects.services import project_create
from scenarios.models import Scenario
from scenarios.services.scenarios import scenario_create

EXAMPLE = "HEFA from used cooking oil, Malaysia"
_ABOUT = "An example on sourced defaults: change what you know better."


@transaction.atomic
def example_create(*, user: User, team: Team) -> Scenario:
    """The HEFA example as a project of ``team``, whose right to write the caller has checked; its one scenario.

    Nothing is calculated yet: every value is a default of the master data as it is now.
    """
    project = project_create(user=user, team=team, name=EXAMPLE, description=_ABOUT)
    inputs = {"pathway": "HEFA-SPK", "country": "MYS", "feedstocks": [{"feedstock": "Used cooking oil"}]}
    return scenario_create(project=project, user=user, name="Base case", inputs=inputs)
