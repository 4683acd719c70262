"""A calculation from the command line, on the defaults of a design and the inputs of a file."""

import argparse
import sys
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError

from scenarios.engine import InputError
from scenarios.engine.fields import camel_path
from scenarios.services import inputs_calculate
from scenarios.services.scenarios import merged

LINES = (
    ("Total capital investment", ("technoEconomics", "totalCapitalInvestment"), "USD", 0),
    ("Total OPEX", ("technoEconomics", "totalOpex"), "USD/year", 0),
    ("Levelised cost of production", ("technoEconomics", "lcop"), "USD/t", 2),
    ("Minimum selling price", ("financials", "minimumSellingPrice", "usdPerT"), "USD/t", 2),
    ("Net present value", ("financials", "npv"), "USD", 0),
    ("Internal rate of return", ("financials", "irr"), "", 4),
    ("Payback", ("financials", "paybackYears"), "years", 2),
    ("Carbon intensity", ("carbon", "carbonIntensity"), "gCO2e/MJ", 2),
    ("Emissions avoided", ("carbon", "avoided"), "tCO2e/year", 0),
    ("Abatement cost", ("carbon", "abatementCost"), "USD/tCO2e", 2),
)


class Command(BaseCommand):
    help = "Calculate a plant on sourced defaults; nothing is stored."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--pathway", help="code, such as HEFA-SPK")
        parser.add_argument("--feedstock", help='name, such as "Used cooking oil"; the pathway\'s first if left out')
        parser.add_argument("--country", help="ISO code, such as MYS")
        parser.add_argument("--inputs", help="JSON file of inputs (see inputs_template); - reads standard input")
        parser.add_argument("--json", action="store_true", help="print the whole result as JSON")

    def handle(self, *args: object, **options: Any) -> None:
        inputs = self._inputs(options)
        try:
            result = inputs_calculate(inputs=inputs)
        except InputError as error:
            lines = (f"  {camel_path(problem.field)}: {problem.message}" for problem in error.problems)
            raise CommandError("These inputs cannot be calculated:\n" + "\n".join(lines)) from None
        if options["json"]:
            self.stdout.write(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode())
        else:
            self._print(result)

    def _inputs(self, options: dict[str, Any]) -> dict[str, Any]:
        chosen = {name: options[name] for name in ("pathway", "country") if options[name]}
        if options["feedstock"]:
            chosen["feedstocks"] = [{"feedstock": options["feedstock"]}]
        if not options["inputs"]:
            return chosen
        try:
            if options["inputs"] == "-":
                raw = sys.stdin.buffer.read()
            else:
                with open(options["inputs"], "rb") as file:
                    raw = file.read()
            given = orjson.loads(raw)
        except OSError as error:
            raise CommandError(f"--inputs: {error.strerror}: {options['inputs']}") from None
        except orjson.JSONDecodeError as error:
            raise CommandError(f"--inputs: not JSON: {error}") from None
        if not isinstance(given, dict):
            raise CommandError("--inputs: must hold an object of inputs")
        return merged(chosen, _filled_in(given))

    def _print(self, result: dict[str, Any]) -> None:
        for label, path, unit, digits in LINES:
            value: Any = result
            for step in path:
                value = value[step]
            shown = (
                result["reasons"].get(".".join(path), "not defined") if value is None else f"{value:,.{digits}f} {unit}"
            )
            self.stdout.write(f"{label:30} {shown}")


def _filled_in(tree: Any) -> Any:
    """``tree`` without what a template leaves open: nulls, and items of a list in which nothing is filled in."""
    if isinstance(tree, dict):
        return {key: _filled_in(value) for key, value in tree.items() if not _is_blank(value)}
    if isinstance(tree, list):
        return [_filled_in(value) for value in tree if not _is_blank(value)]
    return tree


def _is_blank(tree: Any) -> bool:
    """An empty list is an answer: no utilities, no incentives."""
    if isinstance(tree, dict):
        return all(_is_blank(value) for value in tree.values())
    if isinstance(tree, list):
        return bool(tree) and all(_is_blank(value) for value in tree)
    return tree is None
