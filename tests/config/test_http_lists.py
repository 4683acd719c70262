"""The shape of lists, and query parameters that are wrong or unknown."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Team, User
from tests.factories import project_make

pytestmark = pytest.mark.django_db

URL = "/api/v1/projects"


def faults(api: APIClient, query: str) -> set[tuple[str, str]]:
    response = api.get(f"{URL}?{query}")
    assert response.status_code == 400, response.content
    return {(error["field"], error["code"]) for error in response.json()["errors"]}


def test_empty_list_is_one_empty_page(api: APIClient) -> None:
    assert api.get(URL).json() == {
        "items": [],
        "total": 0,
        "page": 1,
        "pageSize": 20,
        "totalPages": 0,
        "hasNext": False,
        "hasPrevious": False,
        "links": {
            "self": f"{URL}?page=1&pageSize=20",
            "first": f"{URL}?page=1&pageSize=20",
            "prev": None,
            "next": None,
            "last": f"{URL}?page=1&pageSize=20",
        },
    }


def test_links_lead_through_every_page_once_and_keep_the_query(api: APIClient, user: User, team: Team) -> None:
    made = {str(project_make(user=user, team=team, name="same").pk) for _ in range(7)}
    project_make(user=user, name="other")

    seen: list[str] = []
    link = f"{URL}?search=same&ordering=name&pageSize=3"
    for number in (1, 2, 3):
        body = api.get(link).json()
        assert (body["page"], body["total"], body["totalPages"]) == (number, 7, 3)
        assert (body["hasPrevious"], body["hasNext"]) == (number > 1, number < 3)
        seen += [item["id"] for item in body["items"]]
        link = body["links"]["next"]

    assert link is None
    assert len(seen) == 7
    assert set(seen) == made
    assert api.get(body["links"]["prev"]).json()["page"] == 2
    assert api.get(body["links"]["first"]).json()["page"] == 1
    assert api.get(body["links"]["last"]).json()["page"] == 3


def test_page_past_the_last_is_not_there(api: APIClient, user: User) -> None:
    project_make(user=user)

    for query in ("page=2", "page=999999999"):
        response = api.get(f"{URL}?{query}")
        assert response.status_code == 404
        assert response.headers["Content-Type"] == "application/problem+json"


def test_page_size_beyond_the_cap_says_the_cap(api: APIClient) -> None:
    response = api.get(f"{URL}?pageSize=101")

    assert response.status_code == 400
    assert response.json()["errors"] == [{"field": "pageSize", "code": "max_value", "message": "May be at most 100."}]
    assert api.get(f"{URL}?pageSize=100").json()["pageSize"] == 100


@pytest.mark.parametrize("value", ["0", "-1", "abc", "1.5", "", "1e2", "١", "9999999999999999999999"])
def test_page_is_a_positive_whole_number(api: APIClient, value: str) -> None:
    assert {field for field, _ in faults(api, f"page={value}")} == {"page"}


def test_everything_wrong_with_a_query_is_named_at_once(api: APIClient) -> None:
    query = "page=0&pageSize=101&ordering=-colour&stage=dreaming&team=x&serach=y"

    assert faults(api, query) == {
        ("page", "invalid"),
        ("pageSize", "max_value"),
        ("ordering", "invalid_choice"),
        ("stage", "invalid_choice"),
        ("team", "invalid"),
        ("serach", "unknown"),
    }


def test_unknown_parameter_is_told_what_it_may_have_meant(api: APIClient) -> None:
    message = api.get(f"{URL}?serach=y").json()["errors"][0]["message"]

    assert message == (
        "Did you mean search? This list takes: cursor, fields, ordering, owner, page, pageSize, search, stage, team."
    )


def test_columns_that_are_not_offered_order_nothing(api: APIClient) -> None:
    assert faults(api, "ordering=created_by__password") == {("ordering", "invalid_choice")}
    assert faults(api, "ordering=created_at") == {("ordering", "invalid_choice")}


def test_null_character_in_a_query_is_refused_or_finds_nothing(api: APIClient) -> None:
    for query in ("search=%00", "stage=%00", "owner=%00", "%00=1", "ordering=%00"):
        assert api.get(f"{URL}?{query}").status_code in {200, 400}


def test_null_character_in_a_search_is_told_by_its_name(api: APIClient) -> None:
    assert faults(api, "search=%00&page=0") == {("search", "null_characters_not_allowed"), ("page", "invalid")}


def test_cursor_reads_every_row_once_while_others_write(api: APIClient, user: User, team: Team) -> None:
    made = [project_make(user=user, team=team, name=name) for name in "aabbccdde"]

    seen: list[str] = []
    link = f"{URL}?cursor=&pageSize=2&ordering=-name"
    while link:
        body = api.get(link).json()
        assert set(body) == {"items", "pageSize", "hasNext", "links"}
        seen += [item["id"] for item in body["items"]]
        link = body["links"]["next"]
        assert body["hasNext"] is (link is not None)
        project_make(user=user, team=team, name="z")

    assert len(seen) == 9
    assert set(seen) == {str(project.pk) for project in made}


@pytest.mark.parametrize("ordering", ["name", "-updatedAt", "createdAt,-name"])
def test_cursor_keeps_the_order_of_pages(api: APIClient, user: User, ordering: str) -> None:
    for name in "cabac":
        project_make(user=user, name=name)
    paged = api.get(f"{URL}?ordering={ordering}").json()["items"]

    seen = []
    link = f"{URL}?cursor=&pageSize=2&ordering={ordering}"
    while link:
        body = api.get(link).json()
        seen += body["items"]
        link = body["links"]["next"]

    assert seen == paged


def test_cursor_costs_no_count(api: APIClient, user: User, django_assert_num_queries: Any) -> None:
    project_make(user=user)

    with django_assert_num_queries(2):  # user, rows
        api.get(f"{URL}?cursor=")


@pytest.mark.parametrize(
    "cursor",
    ["x", "!!", "W10", "WzFd", "WyJ4IiwieCJd", "WyJcdTAwMDAiLCJ4Il0", "bnVsbA", "%00", "WzEsMl0", "W251bGwsbnVsbF0"],
)
def test_made_up_cursors_are_refused(api: APIClient, cursor: str) -> None:
    assert faults(api, f"cursor={cursor}") == {("cursor", "invalid")}


def test_a_list_is_read_by_page_or_by_cursor(api: APIClient) -> None:
    assert faults(api, "cursor=&page=1") == {("cursor", "conflict")}
