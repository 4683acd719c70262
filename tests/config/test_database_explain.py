"""What ``manage.py explain`` says of a request."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import User
from config.database.plans import request_explain
from config.http import current
from projects.models import Project


def explained(path: str, user: User | None = None) -> str:
    written = StringIO()
    call_command("explain", path, user=user.email.upper() if user else None, stdout=written)
    return written.getvalue()


def test_every_statement_is_shown_with_its_plan(user: User, project: Project) -> None:
    text = explained("/api/v1/projects?ordering=name", user)
    assert text.startswith("GET /api/v1/projects?ordering=name: 200, ")
    assert "; 1 statement, " in text
    assert "FROM projects_teamprojects kept" in text
    assert 'ORDER BY "projects_project"."name"' in text
    assert text.count("  | Execution Time: ") == 1
    assert "Buffers: shared hit=" in text
    assert repr(user.pk) in text


def test_what_the_cache_holds_is_asked_of_the_database(api: APIClient, user: User, project: Project) -> None:
    at = f"/api/v1/projects/{project.pk}"
    assert api.get(at).status_code == api.get(at).status_code == 200
    for _ in range(2):
        assert len(request_explain(path=at, user=user).statements) == 1


def test_the_cache_is_used_again_afterwards(
    api: APIClient, user: User, project: Project, django_assert_num_queries
) -> None:
    at = f"/api/v1/projects/{project.pk}"
    api.get(at)
    explained(at, user)
    with django_assert_num_queries(0):
        assert api.get(at).json()["name"] == project.name


def test_it_is_not_counted_against_a_rate(
    user: User, project: Project, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Which would need the cache, and tell the operator that it is away."""
    settings.RATELIMIT_ENABLE = True
    settings.RATES = {**settings.RATES, "anon": "1/d"}
    for _ in range(2):
        assert request_explain(path="/api/v1/projects", user=user).status == 200
        assert request_explain(path="/api/v1/projects").status == 401
    assert not caplog.messages


def test_it_answers_what_that_user_may_see(user: User, other_user: User, project: Project) -> None:
    at = f"/api/v1/projects/{project.pk}"
    assert request_explain(path=at, user=user).status == 200
    assert request_explain(path=at, user=other_user).status == 404
    assert request_explain(path=at).status == 401


def test_pages_for_people_are_explained_too(staff_user: User) -> None:
    staff_user.is_superuser = True
    staff_user.save()
    found = request_explain(path="/admin/accounts/user/", user=staff_user)
    assert found.status == 200
    assert any('FROM "accounts_user"' in statement.sql for statement in found.statements)


def test_it_signs_nobody_in(user: User, project: Project) -> None:
    explained("/api/v1/projects", user)
    assert not Session.objects.exists()


@pytest.mark.urls("tests.config.database_routes")
def test_a_statement_that_writes_is_explained_and_not_repeated(project: Project) -> None:
    found = request_explain(path="/counting")
    project.refresh_from_db()
    assert project.version == 2
    assert [statement.plan[0].split("  ")[0] for statement in found.statements] == ["Update on projects_project"]


@pytest.mark.urls("tests.config.database_routes")
def test_a_statement_that_fails_says_why(db: None) -> None:
    found = request_explain(path="/failing")
    assert found.status == 500
    assert [s.plan for s in found.statements if s.sql == "SELECT 1 / %s"] == [["division by zero"]]


def test_an_unknown_user_or_a_path_without_a_slash_is_a_sentence(db: None) -> None:
    with pytest.raises(CommandError, match="there is no user nobody"):
        call_command("explain", "/api/v1/projects", user="nobody@example.com")
    with pytest.raises(CommandError, match="begins with a slash"):
        call_command("explain", "api/v1/projects")


def test_nothing_is_left_behind_in_the_process(user: User) -> None:
    before = list(connection.execute_wrappers)
    explained("/api/v1/projects", user)
    assert connection.execute_wrappers == before
    assert current.request() is None
