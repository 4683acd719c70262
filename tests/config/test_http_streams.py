"""Lists read as a whole: every row once, in little memory, whoever leaves when."""

import gzip
import tracemalloc
from typing import Any

import brotli
import orjson
import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import Team, User
from accounts.services import personal_team
from config.database.plans import NO_CACHE
from config.http.streaming import CHUNK
from projects.models import Project
from tests.factories import project_make, user_make
from tests.fixtures import api_client

URL = "/api/v1/projects"
LINES = {"HTTP_ACCEPT": "application/x-ndjson"}


def projects_make(team: Team, count: int) -> None:
    """Written at once: a service takes a second for a thousand."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO projects_project (id, team_id, name, description, stage, progress, created_at, updated_at,"
            " version) SELECT gen_random_uuid(), %s, md5(i::text), repeat('x', 300), 'feed', 0, now(), now(), 1"
            " FROM generate_series(1, %s) AS i",
            [team.pk, count],
        )


def items_of(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.content
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    return [orjson.loads(line) for line in b"".join(answer.streaming_content).splitlines()]


def cursors() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_cursors")
        (number,) = cursor.fetchone()
        return int(number)


@pytest.mark.django_db
def test_a_stream_has_every_row_as_pages_have_it(api: APIClient, user: User, team: Team) -> None:
    for name in "cabde":
        project_make(user=user, team=team, name=name)
    project_make(user=user, name="zz", stage="feed")

    for query in ("ordering=name", "ordering=-name&search=c", "stage=feed", f"team={team.pk}", "fields=name,team.name"):
        assert items_of(api.get(f"{URL}?{query}", **LINES)) == api.get(f"{URL}?{query}").json()["items"]


@pytest.mark.django_db
def test_a_stream_is_read_by_one_statement(api: APIClient, user: User, django_assert_num_queries: Any) -> None:
    projects_make(personal_team(user), 2 * CHUNK + 1)

    with django_assert_num_queries(2):  # user, the cursor
        assert len(items_of(api.get(URL, **LINES))) == 2 * CHUNK + 1


@pytest.mark.django_db
def test_a_stream_shows_what_its_reader_may_see(
    api: APIClient, other_api: APIClient, anonymous_api: APIClient, project: Project
) -> None:
    for _ in range(2):
        assert [item["id"] for item in items_of(api.get(URL, **LINES))] == [str(project.pk)]
        assert items_of(other_api.get(URL, **LINES)) == []
    assert other_api.get(f"{URL}/{project.pk}/members", **LINES).status_code == 404
    assert anonymous_api.get(URL, **LINES).status_code == 401


@pytest.mark.django_db
def test_what_is_wrong_is_a_problem_and_no_stream(api: APIClient) -> None:
    answer = api.get(f"{URL}?stage=dreaming&fields=colour&serach=x", **LINES)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {error["field"] for error in answer.json()["errors"]} == {"stage", "fields", "serach"}
    assert api.get("/api/v1/auth/me", **LINES).status_code == 406


@pytest.mark.django_db
def test_memory_does_not_grow_with_the_rows(user: User) -> None:
    few, many = user_make(), user
    projects_make(personal_team(few), 2 * CHUNK)
    projects_make(personal_team(many), 12 * CHUNK)

    def peak(reader: User) -> tuple[int, int]:
        client, size = api_client(reader), 0
        tracemalloc.start()
        try:
            for piece in client.get(URL, **LINES).streaming_content:
                size += len(piece)
            return tracemalloc.get_traced_memory()[1], size
        finally:
            tracemalloc.stop()

    peak(few)  # what is made once a process
    peak_of_few, _ = peak(few)
    peak_of_many, size = peak(many)

    assert size > 12 * CHUNK * 500
    assert peak_of_many < 1.3 * peak_of_few
    assert peak_of_many < size


@pytest.mark.django_db(transaction=True)
def test_who_leaves_early_leaves_no_cursor(user: User) -> None:
    projects_make(personal_team(user), 2 * CHUNK)
    client = api_client(user)

    answer = client.get(URL, **LINES)
    pieces = iter(answer.streaming_content)
    assert next(pieces)
    assert cursors() == 1
    answer.close()

    assert cursors() == 0
    assert client.get(URL).json()["total"] == 2 * CHUNK
    # Neither does who leaves before the first line, nor who asks for the headers alone.
    client.get(URL, **LINES).close()
    assert client.head(URL, **LINES).status_code == 200
    assert cursors() == 0
    assert connection.in_atomic_block is False


@pytest.mark.django_db(transaction=True)
def test_a_statement_that_takes_too_long_is_told_before_the_stream(user: User) -> None:
    client = api_client(user)
    assert client.get("/api/v1/auth/me").status_code == 200
    other = connection.copy()
    other.set_autocommit(False)
    try:
        with connection.cursor() as cursor, other.cursor() as locking:
            locking.execute("LOCK TABLE projects_project")
            cursor.execute("SET statement_timeout = 300")
            answer = client.get(URL, **LINES)
            cursor.execute("RESET statement_timeout")
    finally:
        other.close()

    assert (answer.status_code, answer.json()["title"]) == (503, "Service Unavailable")
    assert cursors() == 0
    assert client.get(URL).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(("coding", "decode"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_a_stream_is_compressed_on_its_way(api: APIClient, user: User, coding: str, decode: Any) -> None:
    projects_make(personal_team(user), CHUNK + 1)
    plain = b"".join(api.get(URL, **LINES).streaming_content)

    coded = api.get(URL, HTTP_ACCEPT_ENCODING=coding, **LINES)
    pieces = list(coded.streaming_content)

    assert coded.headers["Content-Encoding"] == coding
    assert "Accept-Encoding" in coded.headers["Vary"]
    assert decode(b"".join(pieces)) == plain
    assert len(pieces) == 3


@pytest.mark.django_db
def test_a_large_page_is_compressed_while_it_is_sent(api: APIClient, user: User, settings: Any) -> None:
    settings.MAX_PAGE_SIZE = 1000
    settings.CACHES = NO_CACHE
    projects_make(personal_team(user), 1000)
    plain = api.get(f"{URL}?pageSize=1000")

    coded = api.get(f"{URL}?pageSize=1000", HTTP_ACCEPT_ENCODING="gzip")

    assert len(plain.content) > 500_000
    assert coded.streaming
    assert "Content-Length" not in coded.headers
    assert coded.headers["ETag"] == f"W/{plain.headers['ETag']}"
    assert gzip.decompress(b"".join(coded.streaming_content)) == plain.content
    assert api.get(f"{URL}?pageSize=1000", HTTP_IF_NONE_MATCH=plain.headers["ETag"]).status_code == 304


@pytest.mark.django_db
def test_streams_have_a_rate(api: APIClient, other_api: APIClient, user: User, settings: Any) -> None:
    settings.RATELIMIT_ENABLE = True
    settings.RATES = {**settings.RATES, "streams": "2/d"}
    project_make(user=user)

    assert [api.get(URL, **LINES).status_code for _ in range(3)] == [200, 200, 429]
    assert api.get(URL).status_code == 200
    assert other_api.get(URL, **LINES).status_code == 200
