"""The demo user with a HEFA project, for a first look."""

import os
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.models import User
from accounts.services import personal_team, user_create
from config.embedded import runtime
from projects.models import Project
from projects.services import project_create
from scenarios.choices import Trigger
from scenarios.services import EXAMPLE, calculation_run, scenario_create

CASES: dict[str, dict[str, Any]] = {
    "Base case, 500 kt/y": {},
    "Smaller plant, 250 kt/y": {"plant": {"capacity": {"value": 250, "unit": "kt/year"}}},
    "Dearer feedstock, 1,200 USD/t": {"feedstocks": [{"feedstock": "Used cooking oil", "price": 1200}]},
}
# The hash of the password that was set here last: while the user's is the same, nobody has changed it.
LAST_SET = "demo_password_set"


def _last_set() -> str | None:
    try:
        return (settings.VAR_DIR / LAST_SET).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


class Command(BaseCommand):
    help = (
        "Make the demo user with a HEFA project. A second run changes nothing but the password, where another one is"
        " given, and nobody has changed it in the product meanwhile."
    )

    def handle(self, *args: object, **options: object) -> None:
        given = os.environ.get("DEMO_PASSWORD", "")
        with transaction.atomic():
            user = User.objects.select_for_update().filter(email__iexact=settings.DEMO_EMAIL).first()
            if user is None:
                password = given or secrets.token_urlsafe(12)
                user = user_create(email=settings.DEMO_EMAIL, password=password, name="Demo")
                self._fill(user)
                told = "password taken from DEMO_PASSWORD" if given else f"password {password}"
            elif not given or check_password(given, user.password):
                return
            elif _last_set() == user.password:
                user.set_password(given)
                user.save(update_fields=["password"])
                told = "password taken from DEMO_PASSWORD"
            else:
                self.stdout.write(f"demo user {settings.DEMO_EMAIL}: somebody chose the password, which stays")
                return
        runtime.write_private(settings.VAR_DIR / LAST_SET, user.password)
        self.stdout.write(f"demo user {settings.DEMO_EMAIL}: {told}")

    @staticmethod
    def _fill(user: User) -> Project:
        project = project_create(user=user, team=personal_team(user), name=EXAMPLE)
        for name, changes in CASES.items():
            inputs = {"pathway": "HEFA-SPK", "country": "MYS", **changes}
            scenario = scenario_create(project=project, user=user, name=name, inputs=inputs)
            calculation_run(scenario=scenario, user=user, trigger=Trigger.COMMAND)
        return project
