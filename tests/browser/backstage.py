"""What the browser tests ask of the product behind its pages: people, made by its own services, and their sessions.

A process of its own, since the product has a database of its own: one JSON object a line in, one a line out.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.test import Client

from accounts.choices import Role
from accounts.models import User
from accounts.tokens import token_pair
from scenarios.choices import RunState
from scenarios.models import Calculation, Scenario, Worker
from tests.factories import team_make, user_make

START = "import django; django.setup(); from tests.browser.backstage import serve; serve()"


def person(*, email: str, name: str, password: str | None, staff: bool) -> dict[str, Any]:
    """A user who is signed in: their session for the browser, their access token for the API."""
    user = user_make(email=email, name=name, password=password, is_staff=staff, is_superuser=staff)
    client = Client()
    client.force_login(user)
    return {"id": str(user.pk), "session": client.cookies["sessionid"].value, "token": token_pair(user)["access_token"]}


def team(*, name: str, members: Mapping[str, str]) -> dict[str, Any]:
    """A team of people by e-mail address and role."""
    users = {user.email: user for user in User.objects.filter(email__in=members)}
    return {"id": str(team_make(*((users[email], Role(role)) for email, role in members.items()), name=name).pk)}


def hold(*, scenario: str) -> dict[str, Any]:
    """Whoever calculates a scenario comes from now on to the point of storing the result, and no further."""
    transaction.set_autocommit(False)
    Scenario.objects.select_for_update().get(pk=scenario)
    return {}


def let_go() -> dict[str, Any]:
    transaction.rollback()
    transaction.set_autocommit(True)
    return {}


def runner(*, scenario: str) -> dict[str, Any]:
    """The attempt that the calculation of a scenario is at, and the process that is at it, None where none is."""
    run = Calculation.objects.filter(scenario=scenario).order_by("-queued_at").get()
    workers = Worker.objects.filter(pk=run.worker) if run.state == RunState.RUNNING else Worker.objects.none()
    return {"attempt": run.attempt, "pid": workers.values_list("pid", flat=True).first()}


def put_away(*, table: str) -> dict[str, Any]:
    """Whoever asks for what is in a table finds none of that name until it is put back."""
    _rename(table, _away(table))
    return {}


def put_back(*, table: str) -> dict[str, Any]:
    _rename(_away(table), table)
    return {}


def _away(table: str) -> str:
    return f"{table}_put_away"


def _rename(table: str, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER TABLE "{table}" RENAME TO "{name}"')


def serve() -> None:
    commands = {one.__name__: one for one in (person, team, hold, let_go, runner, put_away, put_back)}
    for line in sys.stdin:
        call = json.loads(line)
        sys.stdout.write(json.dumps(commands[call["what"]](**call["how"])) + "\n")
        sys.stdout.flush()


class Backstage:
    """The other end: ``ask("person", name="Ada", ...)``. Leaving the ``with`` block ends the process."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", START],
            env={**environment, "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": os.getcwd()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> "Backstage":
        return self

    def __exit__(self, *exception: object) -> None:
        with self._process as process:
            assert process.stdin is not None
            process.stdin.close()

    def ask(self, what: str, **how: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"what": what, "how": how}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the process behind the pages has ended: see its traceback"
        return json.loads(line)
