"""Policy instruments: figures of them, and those that can be an item of a scenario's incentive stack."""

import re
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from masterdata.bounds import INCENTIVE
from masterdata.choices import IncentiveKind
from masterdata.models.base import is_code
from masterdata.models.tables import Published

YEARS = (1950, 2200)
# Nothing published comes near; what is beyond is another unit.
HIGHEST_INTENSITY = 1000.0
HIGHEST_RINS = 10.0
COUNTRIES = "[A-Z]{3}(;[A-Z]{3})*"

_YEARS_MESSAGE = f"The years are calendar years from {YEARS[0]} to {YEARS[1]}, the first not after the last."
_REDUCTION_MESSAGE = "The reduction must be a fraction from 0 to 1."
_INTENSITY_MESSAGE = f"The intensity must be above 0 and at most {HIGHEST_INTENSITY:g} gCO2e/MJ."
_RINS_MESSAGE = f"The kind rin, and no other, needs RINs per gallon: above 0 and at most {HIGHEST_RINS:g}."
_COUNTRY_MESSAGE = "Countries are codes of three capital letters (ISO 3166-1 alpha-3), separated by semicolons."
_TERM_MESSAGE = "A figure without a kind is no item of a stack, and has no terms."


def _is_an_item() -> Q:
    """A kind comes with a number in its unit; NULL is asked for, since a check that is NULL passes."""
    condition = Q(kind="")
    for kind, limits in INCENTIVE.items():
        unit = Q(unit__regex=f"^({limits.unit})$")
        condition |= Q(kind=str(kind), value__isnull=False) & unit & limits.condition()
    return condition


class Incentive(Published):
    """A figure of a policy instrument; with a kind, an item that can be put into a scenario's incentive stack."""

    code = models.CharField(max_length=80, validators=[is_code])
    name = models.CharField(max_length=160)
    scheme = models.CharField(max_length=60)
    region = models.CharField(max_length=40, blank=True)
    kind = models.CharField(
        max_length=20,
        choices=IncentiveKind,
        blank=True,
        help_text="How it is paid; empty: a figure only, which cannot be put into a stack.",
    )
    first_year = models.PositiveSmallIntegerField(
        "first year", null=True, blank=True, help_text="Calendar year in which it is first paid; empty: open."
    )
    last_year = models.PositiveSmallIntegerField(
        "last year", null=True, blank=True, help_text="Calendar year in which it is last paid; empty: open."
    )
    minimum_reduction = models.FloatField(
        "minimum reduction", null=True, blank=True, help_text="Fraction of the reference intensity; empty: none asked."
    )
    reference_intensity = models.FloatField(
        "reference intensity",
        null=True,
        blank=True,
        help_text="gCO2e/MJ; what reductions and credits are counted against. Empty: the engine's 89.",
    )
    rins_per_gallon = models.FloatField(
        "RINs per gallon", null=True, blank=True, help_text="Per gallon of the fuel itself; for the kind rin alone."
    )
    indexed = models.BooleanField(
        default=False,
        help_text="Whether the amount follows general inflation: market prices do, statutory ones do not.",
    )
    country = models.CharField(
        max_length=200,
        blank=True,
        help_text="ISO codes of the countries where the fuel must be made, separated by semicolons; empty: anywhere.",
    )

    class Meta(Published.Meta):
        ordering = ["pk"]
        constraints = [
            *Published.Meta.constraints,
            models.UniqueConstraint(
                Lower("code"),
                name="%(app_label)s_%(class)s_code_unique",
                violation_error_code="unique",
                violation_error_message="This code is taken.",
            ),
            models.CheckConstraint(
                condition=_is_an_item(),
                name="%(app_label)s_%(class)s_kind",
                violation_error_code="out_of_bounds",
                violation_error_message="A kind needs a number, in the unit of the kind.",
            ),
            models.CheckConstraint(
                condition=~Q(kind="")
                | Q(
                    first_year__isnull=True,
                    last_year__isnull=True,
                    minimum_reduction__isnull=True,
                    reference_intensity__isnull=True,
                    rins_per_gallon__isnull=True,
                    indexed=False,
                    country="",
                ),
                name="%(app_label)s_%(class)s_terms",
                violation_error_message=_TERM_MESSAGE,
            ),
            models.CheckConstraint(
                condition=(Q(first_year__isnull=True) | Q(first_year__range=YEARS))
                & (Q(last_year__isnull=True) | Q(last_year__range=YEARS))
                & (Q(first_year__isnull=True) | Q(last_year__isnull=True) | Q(first_year__lte=models.F("last_year"))),
                name="%(app_label)s_%(class)s_years",
                violation_error_message=_YEARS_MESSAGE,
            ),
            models.CheckConstraint(
                condition=Q(minimum_reduction__isnull=True) | Q(minimum_reduction__range=(0.0, 1.0)),
                name="%(app_label)s_%(class)s_minimum_reduction",
                violation_error_message=_REDUCTION_MESSAGE,
            ),
            models.CheckConstraint(
                condition=Q(reference_intensity__isnull=True)
                | Q(reference_intensity__gt=0.0, reference_intensity__lte=HIGHEST_INTENSITY),
                name="%(app_label)s_%(class)s_reference_intensity",
                violation_error_message=_INTENSITY_MESSAGE,
            ),
            models.CheckConstraint(
                condition=Q(
                    kind=str(IncentiveKind.RIN),
                    rins_per_gallon__isnull=False,
                    rins_per_gallon__gt=0.0,
                    rins_per_gallon__lte=HIGHEST_RINS,
                )
                | (~Q(kind=str(IncentiveKind.RIN)) & Q(rins_per_gallon__isnull=True)),
                name="%(app_label)s_%(class)s_rins",
                violation_error_message=_RINS_MESSAGE,
            ),
            models.CheckConstraint(
                condition=Q(country="") | Q(country__regex=f"^{COUNTRIES}$"),
                name="%(app_label)s_%(class)s_country",
                violation_error_message=_COUNTRY_MESSAGE,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        errors: dict[str, list[str]] = {}
        try:
            super().clean()
        except ValidationError as error:
            errors = error.message_dict
        for name, message in (*self._amount_problems(), *self._term_problems()):
            if message not in errors.setdefault(name, []):
                errors[name].append(message)
        if errors:
            raise ValidationError(errors)

    def _amount_problems(self) -> Iterator[tuple[str, str]]:
        if limits := INCENTIVE.get(self.kind):
            if self.value is None:
                yield "value", "A kind needs a number."
            yield from limits.problems(self.value, self.unit)

    def _term_problems(self) -> Iterator[tuple[str, str]]:
        if not self.kind:
            yield from ((name, _TERM_MESSAGE) for name in self._terms())
            return
        low, high = YEARS
        years = {"first_year": self.first_year, "last_year": self.last_year}
        for name, year in years.items():
            if year is not None and not low <= year <= high:
                yield name, _YEARS_MESSAGE
        if self.first_year is not None and self.last_year is not None and self.first_year > self.last_year:
            yield "last_year", _YEARS_MESSAGE
        if self.minimum_reduction is not None and not 0 <= self.minimum_reduction <= 1:
            yield "minimum_reduction", _REDUCTION_MESSAGE
        if self.reference_intensity is not None and not 0 < self.reference_intensity <= HIGHEST_INTENSITY:
            yield "reference_intensity", _INTENSITY_MESSAGE
        rins, is_rin = self.rins_per_gallon, self.kind == IncentiveKind.RIN
        if is_rin != (rins is not None) or (rins is not None and not 0 < rins <= HIGHEST_RINS):
            yield "rins_per_gallon", _RINS_MESSAGE
        if self.country and not re.fullmatch(COUNTRIES, self.country):
            yield "country", _COUNTRY_MESSAGE

    def _terms(self) -> Iterator[str]:
        """The terms of an item that are given."""
        numbers = ("first_year", "last_year", "minimum_reduction", "reference_intensity", "rins_per_gallon")
        yield from (name for name in numbers if getattr(self, name) is not None)
        yield from (name for name in ("indexed", "country") if getattr(self, name))
