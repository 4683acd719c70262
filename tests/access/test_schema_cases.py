"""Thousands of requests made up from the OpenAPI description: nothing breaks, and every answer is one it promises."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
import schemathesis
from django.apps import apps
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as search
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.choices import Role
from accounts.models import SignIn, User
from accounts.tokens import token_pair
from config.wsgi import application
from masterdata.loading import masterdata_load
from masterdata.models import Feedstock
from scenarios.models import Scenario
from tests.factories import project_make, team_make, user_make
from tests.scenarios.cases import calculate, scenario_make

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
# Of each operation, in each way of making data up; what an operation takes may be exhausted before.
EXAMPLES = 26
AT_LEAST = 5_000
LETTERS = {"accounts_letter", "django_tasks_database_dbtaskresult"}
# These end what the requests after them stand on.
LAST = ("DELETE",)


@pytest.fixture
def owner(settings: Any) -> User:
    """Staff who own a project with a calculated scenario."""
    settings.RATELIMIT_ENABLE = False
    masterdata_load()
    user = user_make(is_staff=True)
    project = project_make(user=user, team=team_make((user, Role.OWNER)))
    calculate(scenario_make(project=project, user=user), user=user)
    return user


def served(environ: dict[str, Any], start_response: Any) -> Any:
    """The product as a server calls it, which always knows where a request comes from."""
    return application({"REMOTE_ADDR": "127.0.0.1", **environ}, start_response)


def places(user: User) -> dict[str, str]:
    """What stands in an address, by the part of the address before it."""
    scenario = Scenario.objects.filter(project__created_by=user).order_by("created_at").first()
    if scenario is None:
        return {}
    calculation = scenario.calculations.first()
    return {
        "projects": str(scenario.project_id),
        "scenarios": str(scenario.pk),
        "calculations": str(calculation.pk) if calculation else "",
        "teams": str(scenario.project.team_id),
        "feedstocks": str(Feedstock.objects.order_by("pk").values_list("pk", flat=True).first()),
    }


class Login:
    """A sign-in, and the next one once a request has ended it."""

    def __init__(self, user: User) -> None:
        self.user, self.token = user, ""

    def headers(self) -> dict[str, str]:
        if not SignIn.objects.filter(user=self.user).exists():
            self.token = token_pair(self.user)["access_token"]
        return {"Authorization": f"Bearer {self.token}"}


def rows() -> dict[str, int]:
    """How many rows each table has, but for the letters that strangers may ask for."""
    tables = {model._meta.db_table: model._default_manager.count() for model in apps.get_models()}
    return {name: count for name, count in tables.items() if name not in LETTERS}


def put_in_place(case: Case, there: dict[str, str]) -> None:
    """Address what there is, where the made-up address would only be not found."""
    if not case.path_parameters:
        return
    parts = case.operation.path.split("/")
    for before, part in pairwise(parts):
        name = part.strip("{}")
        if part.startswith("{") and there.get(before) and name in case.path_parameters:
            case.path_parameters[name] = there[before]


def operations(schema: Any) -> Iterator[Any]:
    found = [result.ok() for result in schema.get_all_operations()]
    yield from (one for one in found if one.method.upper() not in LAST)
    yield from (one for one in found if one.method.upper() in LAST)


@pytest.fixture
def requested() -> Callable[..., tuple[int, dict[str, list[str]]]]:
    """Sends the requests; how many there were, and what was wrong by operation."""

    def send(headers: Callable[[], dict[str, str]], there: Callable[[], dict[str, str]]) -> Any:
        schema = schemathesis.openapi.from_wsgi("/api/schema", served)
        sent: Counter[int] = Counter()
        wrong: dict[str, list[str]] = defaultdict(list)
        for operation in operations(schema):
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                _search(operation, mode, headers, there(), sent, wrong)
        return sent, wrong

    return send


def _search(
    operation: Any,
    mode: GenerationMode,
    headers: Callable[[], dict[str, str]],
    there: dict[str, str],
    sent: Counter[int],
    wrong: dict[str, list[str]],
) -> None:
    cases = operation.as_strategy(generation_mode=mode)

    @search(
        max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate], derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=cases)
    def ask(case: Case) -> None:
        put_in_place(case, there)
        answer = case.call(headers={"Accept-Encoding": "identity", **headers()})
        sent[answer.status_code] += 1
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as failures:
            wrong[operation.label] += [f"{answer.status_code} {failure}"[:600] for failure in failures.exceptions]

    ask()


def test_nobody_breaks_it_and_every_answer_is_a_promised_one(owner: User, requested: Any) -> None:
    sent, wrong = requested(Login(owner).headers, lambda: places(owner))

    assert not wrong, _report(wrong)
    assert sent.total() >= AT_LEAST
    assert sent[200] > 300, sent


def test_without_a_login_nothing_breaks_and_nothing_is_given(owner: User, requested: Any) -> None:
    before = rows()

    sent, wrong = requested(dict, lambda: places(owner))

    assert not wrong, _report(wrong)
    assert sent[401] > sent.total() / 2, sent
    assert rows() == before


def _report(wrong: dict[str, list[str]]) -> str:
    return "\n\n".join(f"{label} ({len(found)})\n{found[0]}" for label, found in wrong.items())
