"""Conversion of units, once, at the edge.

The registry is Pint's with the currency, CO2 equivalents and the field's own volumes added. A year is 365 days, so that
8,760 h/year is all the time there is; a barrel (bbl) is 42 US gallons.
"""

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pint

# Letters, one-digit exponents and * / only: a unit, never an expression that costs time to parse.
_UNIT = re.compile(r"[A-Za-z%µ0-9_]+(\^-?[0-9])?( ?[*/·] ?[A-Za-z%µ0-9_]+(\^-?[0-9])?){0,5}")

_DEFINITIONS = (
    "USD = [currency] = usd",
    "gCO2e = [emission] = gCO2eq",
    "kgCO2e = 1000 * gCO2e = kgCO2eq",
    "tCO2e = 1000000 * gCO2e = tCO2eq",
    "RIN = [rin]",
    "year = 365 * day = a = yr = y",
    "kt = 1000 * metric_ton",  # Pint's kt is the knot
    "tpa = metric_ton / year",
    "ktpa = kt / year",
    "m3 = meter ** 3",
    "MMgal = 1000000 * US_liquid_gallon",
    "bbl = 42 * US_liquid_gallon",
    "mmBtu = 1055.05585262 * megajoule = MMBtu = MMBTU",
)


class UnitError(ValueError):
    """A unit that is not known, or measures something else than what is asked."""


@lru_cache(maxsize=1)
def registry() -> "pint.UnitRegistry[Any]":
    """The process's unit registry; Pint is imported on first use, which costs 0.15 s."""
    import pint

    made = pint.UnitRegistry(autoconvert_offset_to_baseunit=False, on_redefinition="ignore")
    for definition in _DEFINITIONS:
        made.define(definition)
    return made


@lru_cache(maxsize=2048)
def _units(unit: str) -> Any:
    if len(unit) > 40 or not _UNIT.fullmatch(unit):
        raise UnitError(f"unknown unit {unit[:40]!r}")
    try:
        return registry().Unit(unit.replace("·", "*").replace("^", "**").replace("%", "percent"))
    except Exception as error:
        raise UnitError(f"unknown unit {unit!r}") from error


@lru_cache(maxsize=4096)
def factor(unit: str, target: str) -> float:
    """What a number in ``unit`` is multiplied by to be in ``target``.

    Raises:
        UnitError: ``unit`` is not known, or is of another kind than ``target``.
    """
    if unit == target:
        return 1.0
    source, wanted = _units(unit), (_units(target) if target != "1" else registry().dimensionless)
    try:
        return float(registry().Quantity(1.0, source).to(wanted).magnitude)
    except Exception as error:
        raise UnitError(f"{unit!r} does not measure what {target!r} does") from error
