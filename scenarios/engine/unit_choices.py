"""The units offered beside each input. Any other that measures the same is understood too."""

from functools import lru_cache
from typing import Any

from scenarios.engine.fields import Kind, camel_path, walk, with_utility
from scenarios.engine.incentive import AMOUNT_UNITS
from scenarios.engine.inputs import ScenarioInputs
from scenarios.engine.units import factor

_OTHERS = {
    "t/year": ("kt/year", "t/day", "t/h", "bbl/day", "gal/year", "MMgal/year", "m3/year"),
    "h/year": ("%",),
    "1": ("%",),
    "1/year": ("%/year",),
    "USD/t": ("USD/kg", "USD/lb"),
    "USD/kWh": ("USD/MWh",),
    "USD": ("kUSD", "MUSD"),
    "USD/tCO2e": ("USD/kgCO2e",),
    "gCO2e/kg": ("kgCO2e/t", "kgCO2e/kg", "tCO2e/t"),
    "gCO2e/kWh": ("kgCO2e/kWh", "kgCO2e/MWh", "tCO2e/MWh"),
    "gCO2e/MJ": ("kgCO2e/GJ", "kgCO2e/mmBtu"),
    "MJ/kg": ("GJ/t", "kWh/kg"),
    "t/m^3": ("kg/l", "kg/m3"),
    "t/t": ("kg/t", "kg/kg"),
    "kg/kg": ("%",),
    "kWh/t": ("MWh/t", "kWh/kg", "MJ/kg"),
    "month": ("year",),
    "USD/gal": ("USD/l", "USD/m3", "USD/bbl"),
}
# Paths that also take a volume, through the density.
_BY_VOLUME = {"products[].price": ("USD/l", "USD/gal", "USD/bbl", "USD/m3")}
_MASS_ONLY = ("bbl/day", "gal/year", "MMgal/year", "m3/year")


@lru_cache(maxsize=1)
def offered_units() -> list[dict[str, Any]]:
    """For every numeric input: wire path, its own unit, and others with the factor into its own (None by density)."""
    offered = []
    for path, item in walk(ScenarioInputs):
        if not item.spec.settable or item.spec.kind not in (Kind.NUMBER, Kind.SERIES):
            continue
        for unit, told in _units_of(item.spec.unit):
            offered.append({"path": camel_path(path), "unit": unit, "others": _others(path, unit), **told})
    return offered


def _units_of(unit: str) -> list[tuple[str, dict[str, str]]]:
    """The units one declared unit stands for, each with what it follows from."""
    if unit == "{incentive}":
        return [(paid, {"kind": kind}) for kind, paid in AMOUNT_UNITS.items()]
    if "{" in unit:
        return [(with_utility(unit, counted), {"countedIn": counted}) for counted in ("t", "kWh")]
    return [(unit, {})]


def _others(path: str, unit: str) -> list[dict[str, Any]]:
    names = [*_OTHERS.get(unit, ()), *_BY_VOLUME.get(path, ())]
    by_volume = {*_BY_VOLUME.get(path, ()), *_MASS_ONLY}
    if unit == "t/year" and path != "plant.capacity":
        names = [name for name in names if name not in by_volume]
    return [{"unit": name, "factor": None if name in by_volume else factor(name, unit)} for name in names]
