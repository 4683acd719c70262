"""Answers that are not kept are compressed on their way, except where their length could tell a secret."""

import re

import brotli
import orjson
import pytest
from rest_framework.test import APIClient

from accounts.models import User
from projects.models import Project
from tests.fixtures import browser_of

pytestmark = pytest.mark.django_db

TAKES = {"HTTP_ACCEPT_ENCODING": "gzip, br"}


def test_answer_of_a_calculation_is_compressed(api: APIClient) -> None:
    plain = api.get("/api/v1/units")
    coded = api.get("/api/v1/units", **TAKES)

    assert (coded.headers["Content-Encoding"], coded.headers["Content-Length"]) == ("br", str(len(coded.content)))
    assert coded.headers["ETag"] == f"W/{plain.headers['ETag']}"
    assert "Accept-Encoding" in coded.headers["Vary"]
    assert brotli.decompress(coded.content) == plain.content
    assert len(coded.content) < 0.4 * len(plain.content)
    assert api.get("/api/v1/units", HTTP_IF_NONE_MATCH=coded.headers["ETag"]).status_code == 304


def test_problem_is_compressed_too(api: APIClient) -> None:
    answer = api.get("/api/v1/projects", {f"x{number}": 1 for number in range(50)}, **TAKES)

    assert answer.headers["Content-Encoding"] == "br"
    assert len(orjson.loads(brotli.decompress(answer.content))["errors"]) == 50


def test_kept_answer_is_compressed_once(api: APIClient, project: Project) -> None:
    api.patch(f"/api/v1/projects/{project.pk}", {"description": "x" * 3000})
    answer = api.get("/api/v1/projects", **TAKES)

    assert answer.headers["Content-Encoding"] == "br"
    assert orjson.loads(brotli.decompress(answer.content))["total"] == 1


def test_tokens_and_pages_that_must_not_be_stored_are_not_compressed(user: User) -> None:
    client = APIClient()
    user.set_password("correct horse battery")
    user.save()
    credentials = {"email": user.email, "password": "correct horse battery"}
    tokens = client.post("/api/v1/auth/login", credentials, **TAKES)
    page = client.get("/login", **TAKES)

    assert (tokens.status_code, page.status_code) == (200, 200)
    assert "Content-Encoding" not in tokens.headers
    assert "no-store" in page.headers["Cache-Control"]
    assert "Content-Encoding" not in page.headers


def test_page_is_compressed_and_masks_its_token_anew(user: User) -> None:
    browser = browser_of(user)

    first, second = (brotli.decompress(browser.get("/projects", **TAKES).content).decode() for _ in range(2))

    tokens = [
        set(re.findall(r"X-CSRFToken&quot;: &quot;(\w+)|csrfmiddlewaretoken\" value=\"(\w+)", page))
        for page in (first, second)
    ]
    assert tokens[0]
    assert not tokens[0] & tokens[1]


def test_small_answer_is_left_alone(api: APIClient) -> None:
    assert "Content-Encoding" not in api.get("/api/v1/auth/me", **TAKES).headers
