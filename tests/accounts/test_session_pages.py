"""Signing in and out with a session, and the admin behind it."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.choices import Role
from accounts.models import Team, User
from accounts.services import personal_team, team_role
from tests.factories import PASSWORD, project_make, user_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True)


def fields(browser: Client, path: str) -> dict[str, str]:
    """The hidden fields of the form at ``path``."""
    page = browser.get(path)
    assert page.status_code == 200
    return {"csrfmiddlewaretoken": page.context["csrf_token"], "next": str(page.context.get("next", ""))}


def test_signing_in_leads_back_and_out_again(browser: Client) -> None:
    user = user_make(email="ada@example.com", password=PASSWORD)
    form = fields(browser, "/login?next=/api/v1/auth/me")

    signed_in = browser.post("/login", {**form, "username": "ADA@example.com", "password": PASSWORD})
    me = browser.get("/api/v1/auth/me")
    asked = fields(browser, "/logout")
    signed_out = browser.post("/logout", asked)

    assert (signed_in.status_code, signed_in.headers["Location"]) == (302, "/api/v1/auth/me")
    assert me.json()["id"] == str(user.pk)
    assert (signed_out.status_code, signed_out.headers["Location"]) == (302, "/login")
    assert browser.get("/api/v1/auth/me").status_code == 401


def test_the_start_leads_to_signing_in_and_then_to_the_projects(browser: Client) -> None:
    before = browser.get("/")
    browser.force_login(user_make())
    after = browser.get("/")

    assert (before.status_code, before.headers["Location"]) == (302, "/login?next=/")
    assert (after.status_code, after.headers["Location"]) == (302, "/projects")


def test_opening_the_sign_out_page_signs_nobody_out(browser: Client) -> None:
    browser.force_login(user_make())

    assert b"Sign out" in browser.get("/logout").content
    assert browser.get("/api/v1/auth/me").status_code == 200


def test_wrong_password_is_told_on_the_page(browser: Client) -> None:
    user = user_make(password=PASSWORD)

    page = browser.post("/login", {**fields(browser, "/login"), "username": user.email, "password": "wrong"})

    assert page.status_code == 200
    assert 'role="alert"' in page.text
    assert user.email in page.text
    assert "wrong" not in page.text


def test_nobody_is_sent_to_another_site(browser: Client) -> None:
    user = user_make(password=PASSWORD)
    form = {**fields(browser, "/login"), "next": "https://evil.example/"}

    response = browser.post("/login", {**form, "username": user.email, "password": PASSWORD})

    assert response.headers["Location"] == "/projects"


def test_forms_without_a_token_are_refused(browser: Client) -> None:
    user = user_make(password=PASSWORD)

    assert browser.post("/login", {"username": user.email, "password": PASSWORD}).status_code == 403


@pytest.mark.parametrize("path", ["/login", "/logout"])
def test_pages_need_no_inline_style_or_script(browser: Client, path: str) -> None:
    page = browser.get(path)

    assert not re.search(r"<script(?![^>]* src=)", page.text)
    assert not re.search(r"<[^>]* on[a-z]+=", page.text)
    assert "<style" not in page.text
    assert "style=" not in page.text
    assert "unsafe" not in page.headers["Content-Security-Policy"]


def test_guessing_is_stopped_on_the_page_as_well(browser: Client, settings: Any) -> None:
    settings.RATELIMIT_ENABLE = True
    settings.RATES = {**settings.RATES, "login": "5/d"}
    cache.clear()
    user = user_make(password=PASSWORD)
    form = fields(browser, "/login")

    pages = [browser.post("/login", {**form, "username": user.email, "password": "x"}) for _ in range(5)]
    refused = browser.post("/login", {**form, "username": user.email, "password": PASSWORD})

    assert [page.status_code for page in pages] == [200] * 5
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 1
    assert "Too many attempts" in refused.text
    assert f'value="{user.email}"' in refused.text
    assert browser.get("/api/v1/auth/me").status_code == 401


def test_the_admin_has_the_same_one_door(browser: Client) -> None:
    response = browser.get("/admin/login/?next=/admin/", follow=True)

    assert response.redirect_chain == [("/login?next=/admin/", 302)]


def test_a_user_who_may_not_open_the_admin_is_told(browser: Client) -> None:
    browser.force_login(user_make())

    page = browser.get("/admin/", follow=True)

    assert "may not open that page" in page.text


@pytest.mark.parametrize("model", ["accounts/user", "accounts/team", "accounts/membership", "projects/project"])
def test_admin_lists_searches_and_opens_rows(admin: Client, model: str) -> None:
    user = user_make()
    project = project_make(user=user)
    keys = {
        "accounts/user": user.pk,
        "accounts/team": project.team_id,
        "accounts/membership": user.memberships.get().pk,
        "projects/project": project.pk,
    }

    for path in (f"/admin/{model}/", f"/admin/{model}/?q=user", f"/admin/{model}/{keys[model]}/change/"):
        assert admin.get(path).status_code == 200


def test_admin_makes_users_with_a_personal_team(admin: Client) -> None:
    response = admin.post(
        "/admin/accounts/user/add/",
        {
            "email": "ada@example.com",
            "name": "Ada",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )

    user = User.objects.get_by_natural_key("ada@example.com")
    assert response.status_code == 302
    assert team_role(user, personal_team(user)) == Role.OWNER
    assert user.check_password(PASSWORD)


def test_admin_refuses_an_address_that_is_taken(admin: Client) -> None:
    user_make(email="ada@example.com")

    page = admin.post(
        "/admin/accounts/user/add/",
        {"email": "ADA@example.com", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD},
    )

    assert page.status_code == 200
    assert "already exists" in page.text
    assert Team.objects.count() == 2  # of the administrator and of the first Ada


def test_admin_edits_move_the_version(admin: Client) -> None:
    project = project_make(user=user_make())

    response = admin.post(
        f"/admin/projects/project/{project.pk}/change/",
        {"name": "renamed", "description": "", "stage": "fid", "progress": "0.5", "team": str(project.team_id)},
    )

    project.refresh_from_db()
    assert response.status_code == 302, response.context["errors"]
    assert (project.name, project.version) == ("renamed", 2)


@pytest.fixture
def admin() -> Client:
    """An administrator's browser."""
    client = Client()
    client.force_login(user_make(is_staff=True, is_superuser=True))
    return client
