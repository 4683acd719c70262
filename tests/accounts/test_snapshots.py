"""Signing requests from a snapshot: no query for who asks again, and no change that goes unseen."""

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.choices import Role
from accounts.models import Team, User
from projects.models import Project

pytestmark = pytest.mark.django_db

PROJECTS = "/api/v1/projects"


def test_who_asks_again_is_known(
    api: APIClient, project: Project, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    api.get(PROJECTS)

    with django_assert_num_queries(1):  # the project, for the first time
        assert api.get(f"{PROJECTS}/{project.pk}").status_code == 200


def test_deactivation_holds_from_the_next_request(api: APIClient, user: User) -> None:
    assert api.get(PROJECTS).status_code == 200
    user.is_active = False
    user.save()

    answer = api.get(PROJECTS)

    assert (answer.status_code, answer.json()["detail"]) == (401, "The access token is not valid, or no longer.")


def test_deleted_user_is_nobody(api: APIClient, user: User) -> None:
    assert api.get(PROJECTS).status_code == 200
    user.delete()

    assert api.get(PROJECTS).status_code == 401


def test_new_role_holds_from_the_next_request(api: APIClient, user: User, team: Team, project: Project) -> None:
    url = f"{PROJECTS}/{project.pk}"
    assert api.patch(url, {"name": "mine"}).status_code == 200
    membership = team.memberships.get(user=user)
    membership.role = Role.VIEWER
    membership.save()

    assert api.get(url).json()["myRole"] == "viewer"
    assert api.patch(url, {"name": "still mine"}).status_code == 403


def test_who_leaves_a_team_sees_nothing_of_it(api: APIClient, user: User, team: Team, project: Project) -> None:
    assert api.get(PROJECTS).json()["total"] == 1
    team.memberships.get(user=user).delete()

    assert api.get(PROJECTS).json()["total"] == 0
    assert api.get(f"{PROJECTS}/{project.pk}").status_code == 404


def test_who_joins_a_team_sees_it_at_once(api: APIClient, user: User, other_user: User, client_of) -> None:
    theirs = client_of(other_user)
    theirs.post(PROJECTS, {"name": "shared"})
    assert api.get(PROJECTS).json()["items"] == []
    Team.objects.get(personal_of=other_user).memberships.create(user=user, role=Role.EDITOR)

    assert [item["name"] for item in api.get(PROJECTS).json()["items"]] == ["shared"]


def test_new_name_stands_on_everything_one_made(api: APIClient, user: User, project: Project) -> None:
    api.get(PROJECTS)
    api.patch("/api/v1/auth/me", {"name": "Ada"})

    assert api.get(PROJECTS).json()["items"][0]["createdBy"]["name"] == "Ada"
    assert api.get(f"{PROJECTS}/{project.pk}").json()["createdBy"]["name"] == "Ada"


def test_a_view_that_changes_its_user_changes_it_for_this_request_only(api: APIClient, user: User) -> None:
    from accounts.snapshots import user_of_sign_in, user_tag
    from config.cache import versions

    known = versions.read([user_tag(user.pk)])
    sign_in = user.sign_ins.get().pk
    first, second = user_of_sign_in(user.pk, sign_in, known), user_of_sign_in(user.pk, sign_in, known)
    assert first is not None
    assert second is not None
    first.name = "somebody else"
    assert second.name == user.name
