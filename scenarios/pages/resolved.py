"""Every value that went into a calculation, with where it came from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from config.figures import told
from scenarios.engine.fields import Kind, Spec, walk
from scenarios.engine.inputs import ScenarioInputs
from scenarios.engine.origins import METHOD_SOURCE
from scenarios.pages.numbers import PERCENT, is_percent
from scenarios.pages.words import choice_label, declared, label_of

# What names an item of a list, by the list.
_ITEMS = {"feedstocks": "feedstock", "utilities": "utility", "products": "product", "incentives": "incentive"}
# Numbers from here on that are years are of the calendar.
_CALENDAR = 1900
ORIGINS = {"user": "yours", "default": "default", "derived": "derived", "constant": "constant"}
CONFIDENCE = {
    "confirmed": "confirmed by the source",
    "secondary": "from a secondary source",
    "unconfirmed": "not confirmed",
    "derived": "derived from other figures",
}


@dataclass(frozen=True, slots=True)
class ResolvedInput:
    """One input as it went into the calculation; ``words`` stands for it where it is no single number."""

    path: str
    group: str
    name: str
    value: Any
    words: str
    unit: str
    given: str
    origin: str
    source: str
    confidence: str

    def has(self, text: str) -> bool:
        """Whether ``text`` occurs in what is shown, whatever its case."""
        shown = (self.path, self.group, self.name, self.words, self.unit, self.origin, self.source)
        return any(text in part.casefold() for part in shown)


@cache
def _specs() -> dict[str, Spec]:
    return {path: item.spec for path, item in walk(ScenarioInputs)}


@cache
def _places() -> dict[str, int]:
    """The place of every declared path, and of every group that of its first."""
    places: dict[str, int] = {}
    for place, path in enumerate(_specs()):
        places[path] = place
        places.setdefault(path.partition(".")[0], place)
    return places


def in_order(path: str) -> tuple[int, int, int]:
    """Sorts wire paths as inputs are declared, item by item; JSON of the database has no order."""
    known, places = declared(path), _places()
    item = path.partition("]")[0].partition("[")[2] if "[" in path else "0"
    return places.get(known.partition(".")[0], len(places)), int(item), places.get(known, len(places))


def resolved_inputs(
    stored: Mapping[str, Mapping[str, Any]], *, search: str = "", only_changed: bool = False
) -> list[ResolvedInput]:
    """The inputs of a run in their order, those that hold ``search`` and, if asked, those alone that a person set."""
    text = search.strip().casefold()
    rows = _rows(stored)
    return [row for row in rows if (not only_changed or row.origin == ORIGINS["user"]) and (not text or row.has(text))]


def _rows(stored: Mapping[str, Mapping[str, Any]]) -> Iterator[ResolvedInput]:
    names = item_names(stored)
    for path in sorted(stored, key=in_order):
        entry = stored[path]
        head, _, _ = path.partition(".")
        name = label_of(path)
        item = names.get(head)
        value = entry["value"]
        is_number = is_figure(path, value)
        yield ResolvedInput(
            path=path,
            group=label_of(head.partition("[")[0]) if "." in path else "Scenario",
            name=f"{item}: {name[:1].lower()}{name[1:]}" if item and value != item else name,
            value=value if is_number else None,
            words="" if is_number else in_words(path, value),
            unit=unit_of(path, entry["unit"]),
            given=_given(entry.get("given")),
            origin=ORIGINS.get(entry["origin"], entry["origin"]),
            **source_in_words(entry),
        )


def source_in_words(entry: Mapping[str, Any]) -> dict[str, str]:
    """The source of a value and how far it is to be trusted, as people read them; the method vouches for itself."""
    source, confidence = entry.get("source") or "", entry.get("confidence") or ""
    if source == METHOD_SOURCE:
        return {"source": "the method", "confidence": ""}
    return {"source": source, "confidence": CONFIDENCE.get(confidence, confidence)}


def item_names(stored: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """By the wire path of an item (``feedstocks[0]``) what it is called."""
    names = {}
    for path, entry in stored.items():
        head, _, leaf = path.partition(".")
        if _ITEMS.get(head.partition("[")[0]) == leaf:
            names[head] = str(entry["value"])
    return names


def is_figure(path: str, value: Any) -> bool:
    """Whether a value is read as a number with its unit; a year of the calendar is not."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    spec = _specs().get(declared(path))
    return spec is None or spec.unit != "year" or (spec.minimum or 0) < _CALENDAR


def unit_of(path: str, unit: str) -> str:
    """The unit a value is read in: shares and rates as percent, as where they are typed."""
    spec = _specs().get(declared(path))
    return PERCENT[unit] if spec is not None and is_percent(spec, unit) else unit


def in_words(path: str, value: Any) -> str:
    """A value that is not read as a number: a choice, a name, a yes or no, a calendar year, a list."""
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        in_percent = unit_of(path, "1") == "%"
        return ", ".join(f"{entry * 100:g} %" if in_percent else f"{entry:g}" for entry in value)
    spec = _specs().get(declared(path))
    is_choice = spec is not None and spec.kind is Kind.CHOICE and not path.endswith(".unit")
    return choice_label(value) if is_choice else str(value)


def _given(given: Any) -> str:
    """What a person typed, where it was converted."""
    if isinstance(given, Mapping) and isinstance(given.get("value"), int | float):
        return " ".join(told(given["value"], str(given.get("unit", "1")))).strip()
    return ""
