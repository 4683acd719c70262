"""What a figure may be, declared once: check constraints and validation messages both derive from here."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import CheckConstraint, Q

from masterdata.choices import (
    CountryParameter,
    DesignParameter,
    FeedstockParameter,
    IncentiveKind,
    PathwayParameter,
    ProductParameter,
    UtilityParameter,
)

# Prices may be in any currency that has an exchange rate; what is kept is the published number, never a converted one.
CURRENCY = "[A-Z]{3}"


@dataclass(frozen=True, slots=True)
class Bounds:
    """The unit of a figure (a regular expression of the whole unit) and the interval its value lies in."""

    unit: str
    low: float = -math.inf
    high: float = math.inf
    above_zero: bool = False

    def condition(self, *, missing: bool = False) -> Q:
        """The interval for the database. NaN sorts above infinity there, so `value < Infinity` keeps both out."""
        value = Q(value__lt=math.inf)
        value &= Q(value__gt=0.0) if self.above_zero else Q(value__gt=-math.inf)
        if math.isfinite(self.low):
            value &= Q(value__gte=self.low)
        if math.isfinite(self.high):
            value &= Q(value__lte=self.high)
        return value | Q(value__isnull=True) if missing else value

    def problems(self, value: float | None, unit: str) -> Iterator[tuple[str, str]]:
        """(field, message) for each way the figure is out of bounds; a missing value is not judged here."""
        if not re.fullmatch(self.unit, unit):
            yield "unit", f"The unit must be {self.unit.replace(CURRENCY, 'a currency code')}, not {unit!r}."
        if value is None:
            return
        if not math.isfinite(value):
            yield "value", "The value must be a finite number."
        elif self.above_zero and value <= 0:
            yield "value", f"The value must be above 0, not {value:g}."
        elif value < self.low:
            yield "value", f"The value must be at least {self.low:g}, not {value:g}."
        elif value > self.high:
            yield "value", f"The value must be at most {self.high:g}, not {value:g}."


PATHWAY: Mapping[str, Bounds] = {PathwayParameter.BLEND_LIMIT: Bounds("vol %", 0.0, 100.0)}

# A feedstock may cost less than nothing (a gate fee for waste) and may carry a credit.
FEEDSTOCK: Mapping[str, Bounds] = {
    FeedstockParameter.PRICE: Bounds(f"{CURRENCY}/t"),
    FeedstockParameter.CARBON_INTENSITY: Bounds("gCO2e/kg"),
    FeedstockParameter.CARBON_CONTENT: Bounds("kg/kg", 0.0, 1.0),
}

PRODUCT: Mapping[str, Bounds] = {
    ProductParameter.PRICE: Bounds(f"{CURRENCY}/t", 0.0),
    ProductParameter.LOWER_HEATING_VALUE: Bounds("MJ/kg", 0.0),
    ProductParameter.CARBON_CONTENT: Bounds("kg/kg", 0.0, 1.0),
    ProductParameter.DENSITY: Bounds("t/m3", above_zero=True),
}

UTILITY: Mapping[str, Bounds] = {
    UtilityParameter.PRICE: Bounds(f"{CURRENCY}/(t|kWh)", 0.0),
    UtilityParameter.CARBON_INTENSITY: Bounds("gCO2e/(kg|kWh)"),
}

COUNTRY: Mapping[str, Bounds] = {
    CountryParameter.CORPORATE_TAX: Bounds("fraction", 0.0, 1.0),
    CountryParameter.GRID_CARBON_INTENSITY: Bounds("gCO2e/kWh", 0.0),
    CountryParameter.ELECTRICITY_PRICE: Bounds(f"{CURRENCY}/kWh", 0.0),
    CountryParameter.LOCATION_FACTOR: Bounds("x US Gulf Coast", above_zero=True),
}

DESIGN: Mapping[str, Bounds] = {
    DesignParameter.TCI_REFERENCE: Bounds(CURRENCY, above_zero=True),
    DesignParameter.CAPACITY_REFERENCE: Bounds("t/year", above_zero=True),
    DesignParameter.SCALING_EXPONENT: Bounds("fraction", 0.0, 2.0),
    DesignParameter.LOAD_HOURS: Bounds("h/year", 0.0, 8784.0, above_zero=True),
    DesignParameter.WORKING_CAPITAL_RATIO: Bounds("fraction", 0.0, 1.0),
    DesignParameter.INDIRECT_OPEX_RATIO: Bounds("fraction", 0.0),
    DesignParameter.PROCESS_INTENSITY: Bounds("gCO2e/MJ"),
    DesignParameter.FEEDSTOCK_YIELD: Bounds("t/t", 0.0),
    DesignParameter.PRODUCT_YIELD: Bounds("t/t", 0.0),
    DesignParameter.PRODUCT_PRICE: Bounds(f"{CURRENCY}/t", 0.0),
    DesignParameter.UTILITY_CONSUMPTION: Bounds("(t|kWh)/t", 0.0),
}

_PER_VOLUME = Bounds(f"{CURRENCY}/(gal|L|l|m3|bbl)", 0.0)
_PER_TONNE = Bounds(f"{CURRENCY}/t", 0.0)

# What the amount of an item of an incentive stack is counted in; a tonne is one of fuel, of LCFS and ETS one of CO2e.
INCENTIVE: Mapping[str, Bounds] = {
    IncentiveKind.PER_VOLUME: _PER_VOLUME,
    IncentiveKind.US_45Z: _PER_VOLUME,
    IncentiveKind.US_40B: _PER_VOLUME,
    IncentiveKind.RIN: Bounds(f"{CURRENCY}/RIN", 0.0),
    IncentiveKind.LCFS: _PER_TONNE,
    IncentiveKind.ETS: _PER_TONNE,
    IncentiveKind.MANDATE_CERTIFICATE: _PER_VOLUME,
    IncentiveKind.PRICE_PREMIUM: _PER_TONNE,
    IncentiveKind.CAPITAL_GRANT: Bounds(CURRENCY, 0.0),
    IncentiveKind.CAPITAL_GRANT_SHARE: Bounds("fraction", 0.0, 1.0),
    IncentiveKind.US_45Q: _PER_TONNE,
    IncentiveKind.US_45V: _PER_TONNE,
}


def within_bounds(bounds: Mapping[str, Bounds], *, missing: bool = False) -> CheckConstraint:
    """The check constraint of a table of figures; ``missing`` lets a value be NULL (unknown, which is not 0)."""
    condition = Q()
    for parameter, limits in bounds.items():
        unit = Q(unit__regex=f"^({limits.unit})$")
        condition |= Q(parameter=str(parameter)) & unit & limits.condition(missing=missing)
    return CheckConstraint(
        condition=condition,
        name="%(app_label)s_%(class)s_within_bounds",
        violation_error_code="out_of_bounds",
        violation_error_message="The figure is outside what its parameter may be.",
    )


def check_bounds(bounds: Mapping[str, Bounds], parameter: str, value: float | None, unit: str) -> None:
    """Raise ValidationError, by field, when a figure is out of bounds; an unknown parameter is left to its choices."""
    if limits := bounds.get(parameter):
        errors: dict[str, list[str]] = {}
        for field, message in limits.problems(value, unit):
            errors.setdefault(field, []).append(message)
        if errors:
            raise ValidationError(errors)
