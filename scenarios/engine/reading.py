"""The value of one input as a person wrote it, in the declared unit and within its bounds."""

import math
from collections.abc import Mapping
from typing import Any

from scenarios.engine import units
from scenarios.engine.fields import Kind, Spec

MAX_SERIES = 50
# What a volume may stand for: capacity, and the price of a product.
BY_VOLUME = {"t/year": "m^3/year", "USD/t": "USD/m^3"}


_BARE = (int, float)


class RefusedError(Exception):
    """A value that cannot be read; carries the problem."""

    def __init__(self, code: str, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(message)


class VolumeError(Exception):
    """A volume where mass is asked: it waits for the densities."""

    def __init__(self, cubic_metres: float) -> None:
        self.cubic_metres = cubic_metres
        super().__init__()


def read(spec: Spec, given: Any, unit: str) -> Any:
    """The value of one leaf, in the declared unit and within its bounds."""
    if spec.kind is Kind.NUMBER:  # as most are
        return _read_number(spec, given, unit)
    if spec.kind is Kind.CHOICE:
        if given not in spec.choices:
            raise RefusedError("choice", f"must be one of {', '.join(spec.choices)}")
        return given
    if spec.kind is Kind.TEXT:
        # Control characters and lone surrogates can neither be stored nor sent back.
        if not isinstance(given, str) or not given.strip() or len(given) > 200 or not given.isprintable():
            raise RefusedError("type", "must be text of 1 to 200 printable characters")
        return given.strip()
    if spec.kind is Kind.FLAG:
        if not isinstance(given, bool):
            raise RefusedError("type", "must be true or false")
        return given
    if spec.kind is Kind.SERIES:
        return _read_series(spec, given, unit)
    return _read_number(spec, given, unit)


def _read_series(spec: Spec, given: Any, unit: str) -> float | tuple[float, ...]:
    if spec.whole and not isinstance(given, list | tuple):
        return _read_number(spec, given, unit)
    if not isinstance(given, list | tuple):
        raise RefusedError("type", "must be a list of numbers")
    if not 1 <= len(given) <= MAX_SERIES:
        raise RefusedError(
            "empty" if not given else "maximum", f"must hold 1 to {MAX_SERIES} numbers, not {len(given)}"
        )
    read = []
    for index, entry in enumerate(given):
        try:
            read.append(_read_number(spec, entry, unit))
        except RefusedError as refused:
            raise RefusedError(refused.code, f"number {index + 1}: {refused.message}") from None
    return tuple(read)


def _read_number(spec: Spec, given: Any, unit: str) -> float:
    # Most are bare, and whether something is a mapping takes longer to tell.
    if not isinstance(given, _BARE) and isinstance(given, Mapping):
        extra = set(given) - {"value", "unit"}
        if extra or "value" not in given:
            raise RefusedError("type", 'must be a number, or {"value": number, "unit": text}')
        value = _converted(_finite(given["value"]), given.get("unit"), unit)
    else:
        value = _finite(given)
    if spec.kind is Kind.INTEGER:
        # A conversion, such as 240 months to years, may be a rounding away from whole.
        if abs(value - round(value)) > 1e-9:
            raise RefusedError("type", "must be a whole number")
        value = round(value)
    check_bounds(spec, value, unit)
    return value


def _finite(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, _BARE):
        raise RefusedError("type", "must be a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise RefusedError("finite", "must be a finite number")
    return number


def _converted(value: float, stated: Any, unit: str) -> float:
    if stated is None:
        return value
    if not isinstance(stated, str):
        raise RefusedError("unit", "the unit must be text")
    try:
        return _finite(value * units.factor(stated, unit))
    except units.UnitError as error:
        by_volume = _factor_by_volume(stated, unit)
        if by_volume is None:
            raise RefusedError("unit", str(error)) from None
    raise VolumeError(_finite(value * by_volume))


def _factor_by_volume(stated: str, unit: str) -> float | None:
    """To cubic metres where ``unit`` counts tonnes that densities can give; None if it does not, or ``stated`` is no
    volume."""
    if unit not in BY_VOLUME:
        return None
    try:
        return units.factor(stated, BY_VOLUME[unit])
    except units.UnitError:
        return None


def check_bounds(spec: Spec, value: float, unit: str) -> None:
    shown = "" if unit == "1" else f" {unit}"
    if spec.above is not None and value <= spec.above:
        raise RefusedError("minimum", f"must be above {_told(spec.above)}{shown}, not {_told(value)}")
    if spec.minimum is not None and value < spec.minimum:
        raise RefusedError("minimum", f"must be at least {_told(spec.minimum)}{shown}, not {_told(value)}")
    if spec.below is not None and value >= spec.below:
        raise RefusedError("maximum", f"must be below {_told(spec.below)}{shown}, not {_told(value)}")
    if spec.maximum is not None and value > spec.maximum:
        raise RefusedError("maximum", f"must be at most {_told(spec.maximum)}{shown}, not {_told(value)}")


def _told(number: float) -> str:
    """As people write it, 1,000,000,000; only what nobody would write out has an exponent."""
    return f"{number:,.12g}"
