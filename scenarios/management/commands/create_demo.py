"""The demo user with a HEFA project, for a first look."""

import os
import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.models import User
from accounts.services import personal_team, user_create
from projects.models import Project
from projects.services import project_create
from scenarios.choices import Trigger
from scenarios.services import EXAMPLE, calculation_run, scenario_create

CASES: dict[str, dict[str, Any]] = {
    "Base case, 500 kt/y": {},
    "Smaller plant, 250 kt/y": {"plant": {"capacity": {"value": 250, "unit": "kt/year"}}},
    "Dearer feedstock, 1,200 USD/t": {"feedstocks": [{"feedstock": "Used cooking oil", "price": 1200}]},
}


class Command(BaseCommand):
    help = "Make the demo user with a HEFA project; a second run changes nothing but the password, where one is given."

    def handle(self, *args: object, **options: object) -> None:
        given = os.environ.get("DEMO_PASSWORD", "")
        with transaction.atomic():
            user = User.objects.filter(email__iexact=settings.DEMO_EMAIL).first()
            if user is None:
                password = given or secrets.token_urlsafe(12)
                user = user_create(email=settings.DEMO_EMAIL, password=password, name="Demo")
                self._fill(user)
                told = "password taken from DEMO_PASSWORD" if given else f"password {password}"
                self.stdout.write(f"demo user {settings.DEMO_EMAIL}: {told}")
            elif given and not user.check_password(given):
                user.set_password(given)
                user.save(update_fields=["password"])
                self.stdout.write(f"demo user {settings.DEMO_EMAIL}: password taken from DEMO_PASSWORD")

    @staticmethod
    def _fill(user: User) -> Project:
        project = project_create(user=user, team=personal_team(user), name=EXAMPLE)
        for name, changes in CASES.items():
            inputs = {"pathway": "HEFA-SPK", "country": "MYS", **changes}
            scenario = scenario_create(project=project, user=user, name=name, inputs=inputs)
            calculation_run(scenario=scenario, user=user, trigger=Trigger.COMMAND)
        return project
