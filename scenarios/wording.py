"""How the audit names and writes the inputs of scenarios: by their declarations."""

import re
from functools import cache
from typing import Any

from accounts.sentences import spaced, text_of
from config.figures import shown_unit
from scenarios.engine.fields import Declaration, Kind, camel_path, walk
from scenarios.engine.inputs import ScenarioInputs

_ITEM = re.compile(r"\[([^\]]*)\]")
# What goes by its place rather than by a name is counted from one.
_ONE_OF = {"feedstocks": "feedstock", "utilities": "utility", "products": "product", "incentives": "incentive"}
# Numbers without a unit that are not shares of a whole.
_PLAIN = ("Factor", "Exponent", "Index", "costIndexReference")


@cache
def _declared() -> dict[str, Declaration]:
    return {camel_path(path): item for path, item in walk(ScenarioInputs)}


def scenario_wording(path: str, value: Any) -> tuple[str, str]:
    """``inputs.finance.discountRate``, 0.08: Discount rate, 8 %."""
    if path == "order":
        return "place", str(value + 1) if isinstance(value, int) else text_of(value)
    if path == "name" or not path.startswith("inputs"):
        return spaced(path).lower(), text_of(value)
    inner = path.removeprefix("inputs").removeprefix(".")
    return _name(inner), _text(_declared().get(_ITEM.sub("[]", inner)), value)


def _name(path: str) -> str:
    if not path:
        return "inputs"
    *above, last = _ITEM.sub("", path).split(".")
    # The group itself (finance, plant) goes without saying; a group within it does not (debt interest).
    named = spaced(" ".join((*above[1:], last))).replace("Tci", "TCI")
    item = _ITEM.search(path)
    if item is None:
        return named
    group = _ONE_OF.get(path[: item.start()], "item")
    which = f"{group} {int(item[1]) + 1}" if item[1].isdecimal() else item[1]
    return f"{named} of {which}" if above else which if item[1].isdecimal() else f"{group} {which}"


def _text(declared: Declaration | None, value: Any) -> str:
    if declared is None or isinstance(value, dict | bool | str | None):
        return text_of(value)
    spec = declared.spec
    if spec.kind in (Kind.NUMBER, Kind.SERIES) and spec.unit == "1" and not declared.wire.endswith(_PLAIN):
        return ", ".join(f"{100 * one:.10g} %" for one in (value if isinstance(value, list) else [value]))
    if spec.kind is Kind.INTEGER:
        return f"{value} {spec.unit}s" if spec.unit in ("year", "month") and abs(value) < 200 else str(value)
    return text_of(value) if spec.unit == "1" or "{" in spec.unit else f"{text_of(value)} {shown_unit(spec.unit)}"
