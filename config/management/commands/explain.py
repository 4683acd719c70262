"""``manage.py explain``: what a GET asks of the database, with the plan of every statement."""

import argparse
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from config.database.plans import Explained, request_explain


class Command(BaseCommand):
    help = (
        "GET a path in this process, past the cache, and print each SQL statement it runs with its time and its"
        " EXPLAIN (ANALYZE, BUFFERS). What signing in asks is left out."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("path", help="such as '/api/v1/projects?stage=feed&ordering=name'")
        parser.add_argument("--user", metavar="EMAIL", help="who asks; nobody if left out")

    def handle(self, *args: object, **options: Any) -> None:
        path = options["path"]
        if not path.startswith("/"):
            raise CommandError(f"a path begins with a slash, as in /api/v1/projects; this is {path!r}")
        self._print(path, request_explain(path=path, user=_user(options["user"])))

    def _print(self, path: str, explained: Explained) -> None:
        statements = explained.statements
        in_database = sum(statement.milliseconds for statement in statements)
        self.stdout.write(
            f"GET {path}: {explained.status}, {explained.size} bytes, {explained.milliseconds:.1f} ms;"
            f" {len(statements)} statement{'s' * (len(statements) != 1)}, {in_database:.1f} ms"
        )
        for number, statement in enumerate(statements, start=1):
            self.stdout.write(f"\n{number}. {statement.milliseconds:.2f} ms\n{statement.sql}")
            if statement.params:
                self.stdout.write(f"  with {statement.params!r}")
            for line in statement.plan:
                self.stdout.write(f"  | {line}")


def _user(email: str | None) -> Any:
    if email is None:
        return None
    users = get_user_model()._default_manager
    user = users.filter(email__iexact=email).first()
    if user is None:
        raise CommandError(f"there is no user {email}")
    return user
