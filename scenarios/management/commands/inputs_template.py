"""An empty set of inputs to fill in."""

import argparse
from typing import Any

import orjson
from django.core.management.base import BaseCommand

from scenarios.engine.fields import camel_path, walk
from scenarios.engine.inputs import ScenarioInputs
from scenarios.engine.schema import template


class Command(BaseCommand):
    help = (
        "Print every input of a scenario as JSON to fill in (null takes the default), or explained with --help-fields."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--help-fields", action="store_true", help="list the fields with units and help instead")

    def handle(self, *args: object, **options: Any) -> None:
        if not options["help_fields"]:
            self.stdout.write(orjson.dumps(template(), option=orjson.OPT_INDENT_2).decode())
            return
        for path, item in walk(ScenarioInputs):
            if item.spec.settable:
                choices = f" ({' | '.join(item.spec.choices)})" if item.spec.choices else ""
                unit = "" if item.spec.unit == "1" else f" [{item.spec.unit}]"
                self.stdout.write(f"{camel_path(path):40}{unit} {item.spec.help}{choices}")
