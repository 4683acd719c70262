"""Bodies made to cost more than they weigh: refused as problems, in bounded memory, with a bounded answer."""

import tracemalloc
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Letter, User
from projects.models import Project
from scenarios.models import Scenario
from tests.factories import PASSWORD, user_make
from tests.fixtures import api_client, browser_of

pytestmark = pytest.mark.django_db

LIMIT = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
MB = 1_000_000
TEN_MB = {
    "objects in objects": '{"a":' * 1_700_000 + "1" + "}" * 1_700_000,
    "brackets": '{"name":' + "[" * 5_000_000 + "]" * 5_000_000 + "}",
    "brackets that never close": '{"name":' + "[" * 10_000_000,
}


def many(count: int, item: str) -> str:
    return ",".join([item] * count)


def named(count: int, item: str) -> str:
    return ",".join(f'"k{number}":{item}' for number in range(count))


WITHIN = {
    "100,000 brackets": '{"name":' + "[" * 100_000 + "]" * 100_000 + "}",
    "100,000 brackets that never close": '{"name":' + "[" * 100_000,
    "100,000 objects": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "900 objects, numbers that are none in each": '{"a":' * 900 + "[NaN," * 10 + "1" + "]" * 10 + "}" * 900,
    "240,000 numbers that are none": '{"name":"x","inputs":{"a":[' + many(240_000, "NaN") + "]}}",
    "200,000 of them under a long name": '{"' + "k" * 5000 + '":[' + many(190_000, "NaN") + "]}",
    "100,000 null characters": '{"name":"x","inputs":{"a":[' + many(100_000, '"\\u0000"') + "]}}",
    "80,000 unknown names": "{" + named(80_000, "1") + "}",
    "80,000 unknown inputs": '{"name":"x","inputs":{' + named(75_000, "1") + "}}",
    "100,000 feedstocks": '{"name":"x","inputs":{"feedstocks":[' + many(110_000, '{"a":1}') + "]}}",
    "300,000 incentives": '{"name":"x","inputs":{"incentives":[' + many(300_000, '""') + "]}}",
    "60,000 uncertainties": '{"name":"x","inputs":{"uncertainties":{' + named(60_000, "{}") + "}}}",
    "a number of 400,000 digits": '{"name":"x","order":' + "9" * 400_000 + "}",
    "a name of 900,000 letters": '{"' + "k" * 900_000 + '":1}',
}
ROUTES = ("auth/login", "projects", "projects/{project}/scenarios")


@pytest.fixture(autouse=True)
def _unlimited(settings: Any) -> None:
    settings.RATELIMIT_ENABLE = False


@pytest.fixture
def clients(user: User, project: Project) -> list[Client]:
    """Nobody, a program and a browser, each of which has been here before."""
    clients = [Client(), api_client(user), browser_of(user)]
    for client in clients:
        client.get("/api/v1/projects")
    return clients


def asked(client: Client, path: str, body: str) -> tuple[Any, int]:
    """The answer, and the most memory that it took."""
    tracemalloc.start()
    try:
        answer = client.generic("POST", path, body.encode(), "application/json")
        return answer, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def refused(answer: Any, *statuses: int) -> None:
    assert answer.status_code in statuses
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.json()["status"], bool(answer.json()["requestId"])) == (answer.status_code, True)
    assert len(answer.content) < MB / 2


@pytest.mark.parametrize("name", TEN_MB)
def test_ten_megabytes_are_not_read(clients: list[Client], project: Project, name: str) -> None:
    for client in clients:
        for route in ROUTES:
            answer, memory = asked(client, f"/api/v1/{route.format(project=project.pk)}", TEN_MB[name])

            refused(answer, 401, 413)
            # The body itself is one that the test's client holds, twice.
            assert memory < 2 * len(TEN_MB[name]) + 2 * MB


@pytest.mark.parametrize("name", WITHIN)
def test_body_within_the_limit_costs_no_more_than_it_could(clients: list[Client], project: Project, name: str) -> None:
    body = WITHIN[name]
    assert len(body) < LIMIT
    for client in clients:
        for route in ROUTES:
            answer, memory = asked(client, f"/api/v1/{route.format(project=project.pk)}", body)

            refused(answer, 400, 401, 403)
            assert memory < 60 * MB

    assert (Project.objects.count(), Scenario.objects.count(), Letter.objects.count()) == (1, 0, 0)


def test_it_is_said_that_not_all_is_named(user: User) -> None:
    answer, _ = asked(api_client(user), "/api/v1/projects", WITHIN["80,000 unknown names"])
    problem = answer.json()

    assert len(problem["errors"]) == 500
    assert problem["detail"].endswith("There may be more: 500 are named.")


def test_password_of_a_megabyte_is_not_hashed() -> None:
    known = user_make(password=PASSWORD)

    answer, _ = asked(Client(), "/api/v1/auth/login", f'{{"email":"{known.email}","password":"{"x" * 900_000}"}}')

    refused(answer, 400)
    assert [error["field"] for error in answer.json()["errors"]] == ["password"]
