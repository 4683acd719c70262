"""Every route for everybody who may come along: who is refused, how, and that a refusal changes nothing."""

import json
import re
import uuid
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker

from masterdata.loading import masterdata_load
from tests.access import world
from tests.access.matrix import LINES, Line, Role
from tests.access.routes import METHODS, routes

pytestmark = pytest.mark.django_db

# They lead elsewhere, whatever the method.
REDIRECTS = frozenset({"/", "/api"})
CSRF = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"|"X-CSRFToken": "[^"]+"')
# What keeps the time of a visit: who is refused has still been there.
VISITS = frozenset({"accounts_signin", "accounts_apikey", "django_session"})


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        masterdata_load()


@pytest.fixture
def there(settings: Any) -> world.World:
    settings.RATELIMIT_ENABLE = False
    return world.make()


def test_every_route_has_its_line_and_every_line_its_route() -> None:
    known = {line.partition(" ")[2] for line in LINES}
    found = routes()
    asked = {f"{method} {route}" for route, methods in found.items() for method in methods or ()}

    assert known == set(found)
    # Views of the framework answer PUT as POST, and a redirect answers everything.
    declared = {line for line in LINES if found[line.partition(" ")[2]] is not None}
    assert declared <= asked


@pytest.mark.parametrize("name", LINES)
def test_who_is_served_and_who_is_not(there: world.World, name: str) -> None:
    line, (method, _, route) = LINES[name], name.partition(" ")
    problems = []
    for role in Role:
        with transaction.atomic():
            said = _ask(there, role, method, route, line)
            transaction.set_rollback(True)
        if said:
            problems.append(f"{role}: {said}")

    assert not problems


@pytest.mark.parametrize("route", sorted(routes()))
def test_other_methods_are_not_answered(there: world.World, route: str) -> None:
    lines = {line.partition(" ")[0] for line in LINES if line.partition(" ")[2] == route}
    is_page = not route.startswith("/api/v1")
    if is_page and "POST" in lines:
        lines.add("PUT")  # the framework's forms take it as POST
    if route in REDIRECTS:
        lines.update(METHODS)
    client = there.client(Role.OWNER, is_page=is_page)
    answered = {}
    for method in METHODS:
        if method not in lines:
            with transaction.atomic():
                status = client.generic(method, address(there, route, Line()), b"{}", "application/json").status_code
                transaction.set_rollback(True)
            if status not in (400, 403, 404, 405):
                answered[method] = status

    assert not answered


def test_asking_what_a_route_takes_tells_no_more_than_asking_for_it(there: world.World) -> None:
    problems = []
    for role in (Role.ANONYMOUS, Role.STRANGER):
        for route in sorted(routes()):
            client = there.client(role, is_page=not route.startswith("/api/"))
            line = LINES.get(f"GET {route}", Line())
            own, nowhere = address(there, route, line), address(there, route, line, is_nowhere=True)
            head, options = client.head(own), client.options(own)
            if head.status_code not in (line.refused.get(role, head.status_code), 405):
                problems.append(f"{role}: HEAD {route}: {head.status_code}")
            if options.status_code >= 500:
                problems.append(f"{role}: OPTIONS {route}: {options.status_code}")
            if line.refused.get(role) == 404 and _told(options) != _told(client.options(nowhere)):
                problems.append(f"{role}: OPTIONS {route}: what others have is told from what does not exist")

    assert not problems


# A link keeps when it was last used.
@pytest.mark.parametrize("name", [name for name in LINES if name.startswith("GET ") and "shared" not in name])
def test_reading_changes_nothing_and_says_what_a_browser_may_do(there: world.World, name: str) -> None:
    line, route = LINES[name], name.removeprefix("GET ")
    role = Role.STAFF if Role.VIEWER in line.refused else Role.VIEWER
    client = there.client(role, is_page=not route.startswith("/api/"))
    before = fingerprint()

    answer = client.get(address(there, route, line) + line.query)

    assert fingerprint() == before
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    # The description of the API is drawn by a program of others, which writes styles.
    assert ("unsafe" in policy) == (route == "/api/docs")


@pytest.mark.parametrize("name", [name for name in LINES if name.startswith("GET /api/v1/") and "{" in name])
def test_ids_that_are_none_are_not_there(there: world.World, name: str) -> None:
    route, line = name.removeprefix("GET "), LINES[name]
    client, good = there.client(Role.OWNER, is_page=False), address(there, route, line)
    for key in ("1", "abc", "%00", "a%27b"):
        there.ids = {place: key if _is_uuid(value) else value for place, value in there.ids.items()}
        odd = address(there, route, line, nobodys=key)
        assert odd == good or client.get(odd).status_code == 404


def _ask(there: world.World, role: Role, method: str, route: str, line: Line) -> str:
    """What is wrong with the answer; nothing where it is as the line has it."""
    is_page = not route.startswith("/api/")
    client = there.client(role, is_page=is_page)
    body = line.body(there) if callable(line.body) else line.body
    content = {"data": body or {}} if is_page else {"data": json.dumps(body or {}), "content_type": "application/json"}
    expected = line.refused.get(role)
    before = fingerprint() if expected else ""

    def send(path: str) -> Any:
        answer = getattr(client, method.lower())
        return answer(path + line.query) if method == "GET" else answer(path + line.query, **content)

    answer = send(address(there, route, line))
    if expected is None:
        return "" if answer.status_code in line.served else f"{answer.status_code} {answer.content[:300]!r}"
    if answer.status_code != expected:
        return f"{answer.status_code}, not {expected}"
    if expected == 302 and not answer["Location"].startswith("/login"):
        return f"led to {answer['Location']}"
    if fingerprint() != before:
        return "refused, and yet something has changed"
    if not is_page and (fault := _fault_of_problem(answer)):
        return fault
    if expected == 404 and _told(answer) != _told(send(address(there, route, line, is_nowhere=True))):
        return "what others have is told from what does not exist"
    return ""


def _fault_of_problem(answer: Any) -> str:
    if answer["Content-Type"] != "application/problem+json" or answer.json()["status"] != answer.status_code:
        return f"no problem: {answer['Content-Type']} {answer.content[:300]!r}"
    if answer.status_code == 401 and not answer.headers.get("WWW-Authenticate", "").startswith("Bearer"):
        return "does not say how to sign in"
    return ""


def _told(answer: Any) -> Any:
    """All that the answer tells, but for which request it was the answer to."""
    if answer.headers.get("Content-Type") == "application/problem+json":
        return {**answer.json(), "requestId": ""}
    asked = answer.wsgi_request.get_full_path().encode()
    return answer.status_code, CSRF.sub(b"", answer.content).replace(asked, b"")


def address(there: world.World, route: str, line: Line, *, is_nowhere: bool = False, nobodys: str | None = None) -> str:
    """The route with what there is put in; what nobody has gets an id of its own, as all of it does nowhere."""
    parts = route.split("/")
    for index, part in enumerate(parts):
        if part.startswith("{"):
            before = parts[index - 1]
            found = there.ids.get(part) or there.ids.get(line.at.get(before, before))
            if found is None or (is_nowhere and _is_uuid(found)):
                found = nobodys or str(uuid.uuid4())
            parts[index] = found
    return "/".join(parts)


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def fingerprint() -> str:
    """Of every row of every table of ours."""
    tables = sorted({model._meta.db_table for model in apps.get_models()} - VISITS)
    rows = "(SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM \"{}\" t)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT md5(concat({', '.join(map(rows.format, tables))}))")
        return str(cursor.fetchone()[0])
