"""Pages of other sites: none may call the API unless it is named, and none ever uses the session of a browser."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as current
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from accounts.models import User
from config import env
from projects.models import Project
from tests.accounts.test_hardening import PROPER, managed
from tests.fixtures import api_client, browser_of

pytestmark = pytest.mark.django_db

APP, OTHER = "https://app.example.org", "https://evil.example.org"
MIDDLEWARE = "corsheaders.middleware.CorsMiddleware"
PROJECTS = "/api/v1/projects"


def allowed(answer: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items() if name.lower().startswith("access-control")}


def preflight(origin: str, path: str = PROJECTS, headers: str = "authorization,content-type") -> Any:
    return Client().options(
        path,
        headers={"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": headers},
    )


@pytest.fixture
def _listed(settings: Any) -> None:
    """As the settings are where the environment names a site; see below."""
    settings.CORS_ALLOWED_ORIGINS = [APP]
    settings.MIDDLEWARE = [current.MIDDLEWARE[0], MIDDLEWARE, *current.MIDDLEWARE[1:]]


def test_nobody_is_let_in_unless_named(user: User) -> None:
    assert MIDDLEWARE not in current.MIDDLEWARE
    assert allowed(preflight(APP)) == {}
    for client in (Client(), api_client(user), browser_of(user)):
        answer = client.get(PROJECTS, headers={"Origin": APP})
        assert allowed(answer) == {}
        assert "origin" not in answer.headers.get("Vary", "").lower()


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("", "0 False [] False"),
        (f" {APP} , http://localhost:3000", f"1 True ['{APP}', 'http://localhost:3000'] False"),
    ],
)
def test_the_environment_names_them(named: str, expected: str) -> None:
    script = (
        "from django.conf import settings as s; "
        f"place = s.MIDDLEWARE.index('{MIDDLEWARE}') if '{MIDDLEWARE}' in s.MIDDLEWARE else 0; "
        "print(place, place > 0, s.CORS_ALLOWED_ORIGINS, s.CORS_ALLOW_CREDENTIALS)"
    )

    done = managed("shell", "--no-imports", "-c", script, **PROPER, CORS_ALLOWED_ORIGINS=named)

    assert done.stdout.strip() == expected, done.stderr


@pytest.mark.parametrize("value", ["*", "null", "app.example.org", "https://app.example.org/", "https://*.example.org"])
def test_what_is_no_origin_stops_the_start(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("CORS_ALLOWED_ORIGINS", f"{APP},{value}")

    with pytest.raises(ImproperlyConfigured, match="CORS_ALLOWED_ORIGINS must be origins"):
        env.origins("CORS_ALLOWED_ORIGINS")


@pytest.mark.usefixtures("_listed")
def test_named_page_calls_the_api_with_a_token(user: User, project: Project) -> None:
    asked = preflight(APP)
    answer = api_client(user).get(PROJECTS, headers={"Origin": APP})
    same = api_client(user).get(PROJECTS, headers={"Origin": APP, "If-None-Match": answer.headers["ETag"]})
    refused = Client().get(PROJECTS, headers={"Origin": APP})

    assert (asked.status_code, asked.content) == (200, b"")
    assert allowed(asked)["access-control-allow-origin"] == APP
    assert {"authorization", "content-type", "if-match", "idempotency-key"} <= set(
        allowed(asked)["access-control-allow-headers"].split(", ")
    )
    assert {"PATCH", "DELETE"} <= set(allowed(asked)["access-control-allow-methods"].split(", "))
    assert [one.status_code for one in (answer, same, refused)] == [200, 304, 401]
    for one in (asked, answer, same, refused):
        assert allowed(one)["access-control-allow-origin"] == APP
        assert "access-control-allow-credentials" not in allowed(one)
        assert "origin" in one.headers["Vary"].lower()
    assert "X-Request-ID" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.usefixtures("_listed")
@pytest.mark.parametrize(
    "origin", [OTHER, f"{APP}.evil.org", f"{APP}:444", "http://app.example.org", "null", f"{APP}@evil.org", "//", "x["]
)
def test_no_other_page_does(user: User, origin: str) -> None:
    for answer in (preflight(origin), api_client(user).get(PROJECTS, headers={"Origin": origin})):
        assert allowed(answer) == {}
        # A proxy must not give the answer for one site to another.
        assert "origin" in answer.headers["Vary"].lower()


@pytest.mark.usefixtures("_listed")
@pytest.mark.parametrize("path", ["/login", "/projects", "/admin/login/", "/health/live", "/shared/x", "/static/x.css"])
def test_pages_are_for_this_site_alone(user: User, path: str) -> None:
    assert allowed(preflight(APP, path)) == {}
    assert allowed(browser_of(user).get(path, headers={"Origin": APP})) == {}


@pytest.mark.usefixtures("_listed")
def test_session_of_a_browser_writes_nothing_for_another_site(user: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user)
    browser.get("/api/v1/auth/me")

    answer = browser.post(PROJECTS, {"name": "x"}, "application/json", headers={"Origin": APP})

    assert answer.status_code == 403
    assert not Project.objects.exists()


@pytest.mark.usefixtures("_listed")
def test_preflights_cost_no_query_and_are_not_counted(
    settings: Any, django_assert_num_queries: Callable[..., Any]
) -> None:
    settings.RATES = {**settings.RATES, "anon": "2/d"}

    with django_assert_num_queries(0):
        answers = [preflight(APP) for _ in range(5)]

    assert {answer.status_code for answer in answers} == {200}
