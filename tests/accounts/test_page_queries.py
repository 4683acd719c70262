"""What the pages of an account and of its teams ask of the database, however much there is to show."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.choices import KeyScope, Role
from accounts.models import Team, User
from accounts.services import api_key_create, invitation_create
from accounts.services.teams import member_add
from accounts.tokens import token_pair
from masterdata.catalogue import current
from projects.models import Project
from projects.sharing import share_link_create
from tests.factories import team_make, user_make
from tests.fixtures import browser_of

pytestmark = pytest.mark.django_db

# With the versions of the master data, for the currencies in the head of each page.
QUERIES = {
    "/account": 1,
    "/account/sessions": 3,  # count, page
    "/account/keys": 2,  # keys
    "/account/delete": 6,
    "/teams": 2,  # teams with roles
    "/teams/{team}": 4,  # team with role, members, invitations
    "/teams/{team}/audit": 4,  # team with role, count, page
    "/projects/{project}/audit": 4,  # project with role, count, page
    "/projects/{project}/shares": 3,  # project with role, links
}


@pytest.mark.parametrize("size", [1, 8])
@pytest.mark.parametrize("path", QUERIES)
def test_a_page_takes_as_many_queries_whatever_it_shows(
    path: str, size: int, user: User, team: Team, project: Project, django_assert_num_queries: Any
) -> None:
    current()
    for number in range(size):
        token_pair(user)
        team_make((user, Role.OWNER))
        member_add(team=team, user=user_make(), role=Role.EDITOR)
        invitation_create(team=team, user=user, email=f"guest{number}@example.com", role=Role.VIEWER)
        soon = timezone.now() + timedelta(days=7)
        api_key_create(user=user, name=f"Key {number}", scope=KeyScope.READ, expires_at=soon)
        share_link_create(project=project, user=user, name=f"Link {number}", expires_at=soon)
    address = path.format(team=team.pk, project=project.pk)
    browser = browser_of(user)
    assert browser.get(address).status_code == 200

    with django_assert_num_queries(QUERIES[path]):
        browser.get(address)
