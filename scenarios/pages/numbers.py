"""Numbers as they are typed and shown in a form: exact in both directions, shares of one as percent."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import orjson

from config.figures import shown_unit
from scenarios.engine.fields import Kind, Spec
from scenarios.engine.unit_choices import offered_units
from scenarios.engine.units import UnitError, factor
from scenarios.pages.words import declared

PERCENT = {"1": "%", "1/year": "%/year"}
# Multiples of something rather than shares of it, or an exponent: these stay plain numbers.
_PLAIN = frozenset({"scaling_exponent", "location_factor", "pioneer_factor"})
_LONGEST = 60
_NUMBER = re.compile(r"[+-]?((\d{1,3}(,\d{3})+|\d+)(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
# A comma at the end of a word parts it from the next.
_APART = re.compile(r"[;\s]+|,+(?=[;,\s]|$)|(?<=[;\s]),+")
_ENDS_APART = re.compile(r"[,;]\s*$")
_SPACES = str.maketrans({" ": "", "\u00a0": "", "\u202f": "", "\u2009": "", "'": "", "\u2212": "-"})


class NotANumber(ValueError):  # noqa: N818 - says what it is
    """What was typed is no number; carries the sentence that says so."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit a field can be written in: ``label`` as shown, ``wire`` as sent (None: bare, in the declared unit).

    ``scale``: what a number so written is multiplied by to be in the declared unit, None where a density decides.
    """

    label: str
    wire: str | None
    scale: Decimal | None

    @property
    def value(self) -> str:
        """What the choice of unit in the form sends."""
        return self.wire or ""


def is_calendar(spec: Spec) -> bool:
    """Whether it is a year of the calendar, which has no thousands."""
    return spec.kind is Kind.INTEGER and (spec.minimum or 0) > 1000


def is_percent(spec: Spec, unit: str) -> bool:
    """Whether people read it better as percent: every share and rate, whose wire form is a fraction."""
    return unit in PERCENT and spec.key not in _PLAIN


@lru_cache(maxsize=1)
def _offered() -> dict[tuple[str, str], tuple[dict[str, Any], ...]]:
    return {(declared(entry["path"]), entry["unit"]): tuple(entry["others"]) for entry in offered_units()}


@lru_cache(maxsize=1024)
def units_of(spec: Spec, path: str, unit: str) -> tuple[Unit, ...]:
    """The units that the field at the declared ``path`` is offered in, its own first."""
    if is_percent(spec, unit):
        return (Unit(PERCENT[unit], None, Decimal("0.01")),)
    own = Unit("" if unit == "1" else shown_unit(unit), None, Decimal(1))
    if spec.kind is Kind.INTEGER:
        return (Unit("" if is_calendar(spec) else "years", None, Decimal(1)),)
    if unit == "1":
        return (own,)
    others = _offered().get((path, unit), ())
    scales = ((other["unit"], other["factor"]) for other in others)
    return (own, *(Unit(shown_unit(name), name, None if by is None else _exact(by)) for name, by in scales))


def unit_named(spec: Spec, path: str, unit: str, wire: str | None) -> Unit:
    """The unit that a value came in or is to be sent in, among those offered or not."""
    offered = units_of(spec, path, unit)
    if wire is None or wire == unit:
        return offered[0]
    known = next((one for one in offered if wire in (one.wire, one.label)), None)
    if known is not None:
        return known
    try:
        scale = _exact(factor(wire, unit))
    except UnitError:
        scale = None
    return Unit(wire, wire, scale)


def _exact(number: float) -> Decimal:
    return Decimal(repr(float(number)))


def number_text(value: Any, scale: Decimal = Decimal(1)) -> str:
    """``value`` of the declared unit in one that is ``scale`` times as large: "500,000", "8.5", "1e-7"."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return _as_json(value)
    exact = _exact(value) / scale if scale != Decimal("0.01") else _exact(value).scaleb(2)
    if exact == 0:
        return "0"
    if not -9 <= exact.adjusted() < 15:
        return repr(float(exact))
    if scale not in (Decimal(1), Decimal("0.01")):
        exact = Decimal(f"{exact:.7g}")  # a conversion has no more digits to tell
    text = f"{exact:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def number_read(text: str) -> Decimal:
    """The number that was typed.

    Raises:
        NotANumber: with what to write instead.
    """
    plain = text.translate(_SPACES)
    if len(plain) > _LONGEST or not _NUMBER.fullmatch(plain):
        if re.fullmatch(r"[+-]?\d+,\d+", plain):
            raise NotANumber(f"Write decimals with a point: {plain.replace(',', '.')}.")
        raise NotANumber("Must be a number, such as 1250 or 0.85.")
    return Decimal(plain.replace(",", ""))


def as_json(number: Decimal, scale: Decimal = Decimal(1)) -> int | float:
    """A number typed in a unit ``scale`` times the declared one, as it is sent: whole numbers without a point.

    Raises:
        NotANumber: it is too large.
    """
    exact = number if scale == 1 else number.scaleb(-2) if scale == Decimal("0.01") else number * scale
    if exact.adjusted() < 15 and exact == exact.to_integral_value():
        return int(exact)
    value = float(exact)
    if not math.isfinite(value):
        raise NotANumber("The number is too large.")
    return value


def given_text(spec: Spec, path: str, unit: str, given: Any) -> tuple[str, Unit]:
    """What stands in the field for ``given`` as it was sent, and the unit beside it."""
    own = units_of(spec, path, unit)[0]
    if spec.kind is not Kind.SERIES:
        return _single_text(spec, path, unit, given)
    if not isinstance(given, Sequence) or isinstance(given, str | bytes):
        return _entry_text(spec, path, unit, given), own
    told = ", ".join(_entry_text(spec, path, unit, entry) for entry in given)
    # One number alone would stand for every year.
    return f"{told}," if spec.whole and len(given) == 1 else told, own


def _single_text(spec: Spec, path: str, unit: str, given: Any) -> tuple[str, Unit]:
    own = units_of(spec, path, unit)[0]
    if isinstance(given, Mapping):
        wire = given.get("unit")
        beside = unit_named(spec, path, unit, wire if isinstance(wire, str) else None)
        if beside is own:
            is_scaled = wire in (None, unit)
            return number_text(given.get("value"), own.scale if is_scaled and own.scale else Decimal(1)), own
        return number_text(given.get("value")), beside
    text = number_text(given, own.scale or Decimal(1))
    return text.replace(",", "") if is_calendar(spec) else text, own


def _entry_text(spec: Spec, path: str, unit: str, entry: Any) -> str:
    """A number of a series, in the field's own unit whatever unit it came in; without commas, which part numbers."""
    own = units_of(spec, path, unit)[0]
    text, beside = _single_text(spec, path, unit, entry)
    if beside is not own and beside.scale is not None and own.scale is not None:
        try:
            text = number_text(as_json(number_read(text) * beside.scale), own.scale)
        except NotANumber:
            return text
    return text.replace(",", "")


def given_read(spec: Spec, path: str, unit: str, text: str, wire: str) -> Any:
    """What is sent for ``text`` typed beside the unit ``wire`` (empty: the field's own).

    Raises:
        NotANumber: with what to write instead.
    """
    own = units_of(spec, path, unit)[0]
    scale = own.scale or Decimal(1)
    if is_percent(spec, unit):
        text = text.replace("%", " ")
    if spec.kind is Kind.SERIES:
        return _series_read(spec, text, scale)
    beside = unit_named(spec, path, unit, wire or None)
    if beside is own:
        return as_json(number_read(text), scale)
    return {"value": as_json(number_read(text)), "unit": beside.wire}


def _series_read(spec: Spec, text: str, scale: Decimal) -> Any:
    """Numbers as they are typed, or pasted as a row or a column, with spaces, lines, semicolons or commas between.

    One alone stands for every year where the field takes that, unless something follows it that parts numbers.
    """
    parts = [part for part in _APART.split(text) if part]
    # Beside other separators a comma within a number is its own, which is then asked about.
    if len(parts) == 1:
        parts = parts[0].split(",")
    numbers = []
    for place, part in enumerate(parts, start=1):
        try:
            numbers.append(as_json(number_read(part), scale))
        except NotANumber as error:
            raise NotANumber(f"Number {place}, {part[:20]}: {error}") from None
    is_one = spec.whole and len(numbers) == 1 and not _ENDS_APART.search(text)
    return numbers[0] if is_one else numbers


def default_text(spec: Spec, value: Any, beside: Unit) -> str:
    """A default of the declared unit as it reads in the unit chosen; empty where only a density would tell."""
    if value is None or beside.scale is None:
        return ""
    if isinstance(value, tuple | list):
        return ", ".join(_short(entry, beside.scale).replace(",", "") for entry in value)
    return str(value) if is_calendar(spec) else _short(value, beside.scale)


def _short(value: Any, scale: Decimal) -> str:
    text = number_text(value, scale)
    return text if len(text) <= 11 else number_text(float(f"{value:.6g}"), scale)


@lru_cache(maxsize=1024)
def bounds_text(spec: Spec, unit: str) -> str:
    """The bounds of a field in words, in the unit it is shown in."""
    scale, shown = (Decimal("0.01"), PERCENT[unit]) if is_percent(spec, unit) else (Decimal(1), shown_unit(unit))
    if spec.kind is Kind.INTEGER:
        shown = units_of(spec, "", unit)[0].label or "1"
    bounds = (("above", spec.above), ("at least", spec.minimum), ("below", spec.below), ("at most", spec.maximum))
    told = [f"{word} {number_text(bound, scale)}" for word, bound in bounds if bound is not None]
    told = [words.replace(",", "") for words in told] if is_calendar(spec) else told
    return f"{', '.join(told)}{'' if shown == '1' else f' {shown}'}" if told else ""


def _as_json(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
