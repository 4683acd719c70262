"""The operators' page of the cache: what it finds, whether it is away, and having answers made anew."""

import re

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse
from django_redis import get_redis_connection
from rest_framework.test import APIClient

from accounts.models import User
from config.cache import answers, counters, versions
from config.http.middleware import STRICT_CSP
from config.templatetags.shares import percent
from projects.models import Project

pytestmark = pytest.mark.django_db

PAGE = "/admin/cache/"
PROJECTS = "/api/v1/projects"
NOWHERE = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1"}}


@pytest.fixture
def staff(staff_user: User) -> Client:
    client = Client()
    client.force_login(staff_user)
    return client


def test_front_page_leads_to_it(staff: Client) -> None:
    assert reverse("operations-cache") == PAGE
    assert f'href="{PAGE}"' in staff.get("/admin/").text


def test_it_is_for_staff(user: User) -> None:
    client = Client()
    for _ in range(2):
        answer = client.get(PAGE)
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/admin/login/?next={PAGE}")
        assert client.post(PAGE, {"name": "all", "confirmed": "yes"}).status_code == 302
        client.force_login(user)


def test_it_shows_each_name_with_a_bar_under_the_strict_policy(staff: Client, api: APIClient, project: Project) -> None:
    counters.totals()  # with what earlier tests have counted and not told yet
    get_redis_connection("default").delete(counters.KEY)
    for _ in range(4):
        api.get(PROJECTS)

    answer = staff.get(PAGE)

    assert answer.headers["Content-Security-Policy"] == STRICT_CSP
    assert "style=" not in answer.text
    assert set(re.findall(r'<th scope="row">([a-z-]+)</th>', answer.text)) >= answers.KINDS.keys()
    bar = re.search(r'<meter [^>]*value="([0-9.]+)" aria-label="([^"]+) of projects found"', answer.text)
    assert bar is not None
    assert (bar[1], bar[2]) == ("0.7500", "75 %")
    assert "does not answer" not in answer.text


def test_it_says_since_when_the_cache_is_away(staff: Client, staff_user: User) -> None:
    with override_settings(CACHES=NOWHERE):
        versions.read(["a"])
        text = staff.get(PAGE).text

    assert re.search(r"away since\s+20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC, \d+ s ago", text)
    assert "<meter" not in text


@pytest.mark.parametrize("name", ["projects", "all"])
def test_answers_are_made_anew_once_that_is_confirmed(
    staff: Client, api: APIClient, project: Project, name: str
) -> None:
    before = api.get(PROJECTS).json()
    Project.objects.filter(pk=project.pk).update(name="by hand")

    asked = staff.post(PAGE, {"name": name})
    assert (asked.status_code, api.get(PROJECTS).json()) == (200, before)
    assert f'name="name" value="{name}"' in asked.text

    done = staff.post(PAGE, {"name": name, "confirmed": "yes"}, follow=True)
    assert done.redirect_chain == [(PAGE, 302)]
    assert "are made anew when they are next asked for." in done.text
    assert api.get(PROJECTS).json()["items"][0]["name"] == "by hand"


def test_names_that_are_none_are_not_found(staff: Client) -> None:
    epoch = versions.read([])
    for name in ("", "nothing", "epoch"):
        assert staff.post(PAGE, {"name": name, "confirmed": "yes"}).status_code == 404

    assert versions.read([]) == epoch


def test_another_site_cannot_have_answers_made_anew(staff_user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff_user)

    assert client.post(PAGE, {"name": "all", "confirmed": "yes"}).status_code == 403


@pytest.mark.parametrize(
    ("share", "said"), [(None, ""), (0.0, "0 %"), (0.001, "< 1 %"), (0.5, "50 %"), (0.999, "> 99 %"), (1.0, "100 %")]
)
def test_shares_are_rounded_to_no_more_than_they_are(share: float | None, said: str) -> None:
    assert percent(share) == said
