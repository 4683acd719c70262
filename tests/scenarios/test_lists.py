"""Lists that are made from columns show, byte for byte, what their serializers show of models."""

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from rest_framework.test import APIClient, APIRequestFactory, force_authenticate

from accounts.models import ApiKey, User
from accounts.tokens import token_pair
from config.http.lists import ListMixin, plans
from config.http.rendering import encode
from config.http.wire import row_map
from masterdata import models as md
from projects.models import Project
from scenarios.models import Calculation, Scenario
from tests.factories import project_make
from tests.scenarios.cases import PROJECTS, SCENARIOS, scenario_make

pytestmark = pytest.mark.django_db


def list_routes(patterns: Any = None) -> Iterator[URLPattern]:
    """Every route that answers GET with a list of the base viewset."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLResolver):
            yield from list_routes(entry.url_patterns)
        elif getattr(entry.callback, "actions", {}).get("get") == "list" and issubclass(entry.callback.cls, ListMixin):
            yield entry


KNOWN_IDS = {"project_id", "scenario_id", "team_id"}
ROUTES = {route.name: route for route in list_routes() if KNOWN_IDS.issuperset(route.pattern.converters)}
# Those that say which rows there are for any user are made from columns; others may show what no column tells.
FROM_COLUMNS = {
    route.name for route in list_routes() if route.callback.cls.list_queryset is not ListMixin.list_queryset
}


@pytest.fixture
def colourful(user: User, calculated: Scenario) -> dict[str, uuid.UUID]:
    """Rows with everything that a column may hold: nothing, more than ASCII, whole seconds, a run that waits.

    The ids that addresses of lists take.
    """
    project = calculated.project
    Project.objects.filter(pk=project.pk).update(name='Åß ☃ "\\ 🛩\n', description="x" * 500, progress=0.1 + 0.2)
    left = project_make(user=user, team=project.team, name="")
    Project.objects.filter(pk=left.pk).update(created_by=None, updated_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    User.objects.filter(pk=user.pk).update(name="")
    never = scenario_make(project=project, user=user, name="Never")
    Scenario.objects.filter(pk=never.pk).update(created_at=datetime(2026, 1, 1, tzinfo=UTC))
    failed = Calculation.objects.get(pk=calculated.current_id)
    failed.pk, failed.state, failed.result, failed.npv_usd, failed.user = uuid.uuid4(), "failed", None, None, None
    failed.save(force_insert=True)
    Calculation.objects.filter(pk=calculated.current_id).update(irr=None, npv_usd=-1e-300, tci_usd=448000000.0)
    md.FeedstockFigure.objects.filter(pk=md.FeedstockFigure.objects.first().pk).update(valid_from=date(2020, 2, 29))
    md.Product.objects.create(code="bare", name="Without figures")
    token_pair(user)
    ApiKey.objects.create(user=user, name="Ключ", hint="abcd", digest="x")
    return {"project_id": project.pk, "scenario_id": calculated.pk, "team_id": project.team_id}


def view_of(route: URLPattern, user: User, ids: dict[str, uuid.UUID], query: str = "") -> Any:
    """The view of a list as it is in the middle of a request."""
    kwargs = {name: ids[name] for name in route.pattern.converters}
    view = route.callback.cls(**route.callback.initkwargs)
    view.action_map = route.callback.actions
    request = APIRequestFactory().get(f"{reverse(route.name, kwargs=kwargs)}?pageSize=100{query}")
    force_authenticate(request, user)
    view.args, view.kwargs, view.format_kwarg = (), kwargs, None
    view.request = view.initialize_request(request)
    return view


@pytest.mark.parametrize("query", ["", "&cursor="])
@pytest.mark.parametrize("name", ROUTES)
def test_columns_say_what_the_serializer_says(
    name: str, query: str, user: User, colourful: dict[str, uuid.UUID]
) -> None:
    plans.clear()
    view = view_of(ROUTES[name], user, colourful, query)
    expected = encode(view.page_by_serializer().data)

    made = view.page_response().data
    again = view.page_response().data

    assert made["items"] or name not in FROM_COLUMNS
    assert encode(made) == encode(again) == expected


@pytest.mark.parametrize("name", sorted(FROM_COLUMNS))
def test_every_list_is_made_from_columns(name: str, user: User, colourful: dict[str, uuid.UUID]) -> None:
    view = view_of(ROUTES[name], user, colourful)

    assert row_map(view.get_serializer(), view.list_queryset(user, **view.kwargs)) is not None


def test_a_waiting_run_says_why_in_its_list(
    api: APIClient, scenario: Scenario, user: User, colourful: dict[str, uuid.UUID]
) -> None:
    api.post(f"{SCENARIOS}/{scenario.pk}/calculate", {"inputs": {"pathway": "HEFA-SPK", "country": "USA"}})
    url = f"{SCENARIOS}/{scenario.pk}/calculations"

    waiting = next(item for item in api.get(url).json()["items"] if item["state"] == "queued")
    chosen = api.get(f"{url}?fields=message,position").json()["items"]

    assert waiting["position"] == 1
    assert waiting["message"]
    assert {"message": waiting["message"], "position": 1} in chosen


def test_a_plan_made_for_one_user_shows_another_their_own(
    api: APIClient, other_api: APIClient, user: User, other_user: User
) -> None:
    mine, theirs = project_make(user=user), project_make(user=other_user)

    for _ in range(2):
        assert [item["id"] for item in api.get(PROJECTS).json()["items"]] == [str(mine.pk)]
        assert [item["id"] for item in other_api.get(PROJECTS).json()["items"]] == [str(theirs.pk)]


def test_ids_that_cannot_be_told_apart_make_no_plan(api: APIClient, other_api: APIClient, user: User) -> None:
    mine = project_make(user=user)
    plans.clear()

    # The user's own id as a team's and as a maker's: in the statement it stands for three things.
    assert api.get(f"{PROJECTS}?owner={user.pk}").json()["total"] == 1
    assert api.get(f"{PROJECTS}?team={user.pk}").json()["total"] == 0
    assert other_api.get(f"{PROJECTS}?owner={user.pk}").json()["total"] == 0
    assert api.get(f"{PROJECTS}?team={mine.team_id}&owner={user.pk}").json()["total"] == 1


def test_a_list_of_what_is_not_visible_is_not_there(other_api: APIClient, scenario: Scenario) -> None:
    assert other_api.get(f"{PROJECTS}/{scenario.project_id}/scenarios").status_code == 404
    assert other_api.get(f"{PROJECTS}/{scenario.project_id}/members").status_code == 404
    assert other_api.get(f"{SCENARIOS}/{scenario.pk}/calculations").status_code == 404


def test_an_empty_list_of_what_is_visible_is_empty(api: APIClient, project: Project, scenario: Scenario) -> None:
    assert api.get(f"{SCENARIOS}/{scenario.pk}/calculations").json()["total"] == 0
    scenario.delete()
    assert api.get(f"{PROJECTS}/{project.pk}/scenarios?cursor=").json()["items"] == []
