"""Projects while the right to them ends."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.choices import Role
from accounts.models import Membership
from projects.models import Project, TeamProjects
from tests.factories import project_make, team_make, user_make
from tests.fixtures import api_client
from tests.waiting import wait_for_a_waiter


@pytest.mark.django_db(transaction=True)
def test_who_is_removed_while_a_project_is_made_gets_none_and_leaves_none() -> None:
    owner, editor = user_make(), user_make()
    team = team_make((owner, Role.OWNER), (editor, Role.EDITOR))
    project_make(user=owner, team=team)
    client = api_client(editor)

    def make() -> Any:
        try:
            return client.post("/api/v1/projects", {"name": "Late", "team": str(team.pk)})
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            # What counts the team's projects waits for this row, with the project written and not yet read back.
            TeamProjects.objects.select_for_update().get(team=team)
            answer = pool.submit(make)
            wait_for_a_waiter()
            Membership.objects.get(team=team, user=editor).delete()
        status = answer.result().status_code

    assert (status, Project.objects.filter(team=team).count()) == (404, 1)
