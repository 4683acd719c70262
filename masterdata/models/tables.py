"""Published tables: CORSIA default values, cost indices, depreciation, exchange rates, and everything else."""

import math
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models

from masterdata.bounds import Bounds
from masterdata.choices import Confidence, MacrsConvention
from masterdata.models.base import Sourced

ANY_UNIT = ".*"


def _unique(*fields: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(
        fields=fields,
        name="%(app_label)s_%(class)s_unique",
        nulls_distinct=False,
        violation_error_code="unique",
        violation_error_message="There is a row like this already.",
    )


def _within(limits: Bounds, *, missing: bool = False) -> models.CheckConstraint:
    unit = models.Q() if limits.unit == ANY_UNIT else models.Q(unit__regex=f"^({limits.unit})$")
    return models.CheckConstraint(
        condition=unit & limits.condition(missing=missing),
        name="%(app_label)s_%(class)s_within_bounds",
        violation_error_code="out_of_bounds",
        violation_error_message="The value is not finite, or outside what it may be.",
    )


class CorsiaValue(Sourced):
    """A CORSIA default life-cycle value; land-use change may be missing, and missing is not 0."""

    pathway = models.CharField(max_length=40, help_text="As CORSIA names it.")
    feedstock = models.CharField(max_length=80, help_text="As CORSIA names it.")
    region = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField(help_text="Of the edition.")
    core = models.FloatField("core life-cycle value")
    land_use_change = models.FloatField("induced land-use change", null=True, blank=True)
    unit = models.CharField(max_length=40, default="gCO2e/MJ")
    land_use_change_source = models.CharField(max_length=400)
    land_use_change_confidence = models.CharField(max_length=12, choices=Confidence)

    class Meta(Sourced.Meta):
        verbose_name = "CORSIA value"
        constraints = [
            *Sourced.Meta.constraints,
            _unique("pathway", "feedstock", "region", "year"),
            models.CheckConstraint(
                condition=models.Q(core__gt=-math.inf, core__lt=math.inf)
                & (
                    models.Q(land_use_change__isnull=True)
                    | models.Q(land_use_change__gt=-math.inf, land_use_change__lt=math.inf)
                ),
                name="%(app_label)s_%(class)s_finite",
                violation_error_message="The values must be finite numbers.",
            ),
            models.CheckConstraint(
                condition=models.Q(land_use_change_confidence__in=Confidence.values),
                name="%(app_label)s_%(class)s_land_use_confidence",
            ),
            models.CheckConstraint(condition=models.Q(unit="gCO2e/MJ"), name="%(app_label)s_%(class)s_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.pathway}, {self.feedstock}, {self.region}"

    def clean(self) -> None:
        super().clean()
        errors = {
            name: "The value must be a finite number."
            for name in ("core", "land_use_change")
            if (value := getattr(self, name)) is not None and not math.isfinite(value)
        }
        if self.unit != "gCO2e/MJ":
            errors["unit"] = "The unit must be gCO2e/MJ."
        if errors:
            raise ValidationError(errors)


class Quantity(Sourced):
    """One number with its unit in a table of its own."""

    limits: ClassVar[Bounds]

    value = models.FloatField()
    unit = models.CharField(max_length=60)

    class Meta(Sourced.Meta):
        abstract = True

    def clean(self) -> None:
        super().clean()
        if errors := dict(self.limits.problems(self.value, self.unit)):
            raise ValidationError(errors)


class CostIndex(Quantity):
    """The annual average of a plant cost index."""

    limits = Bounds("index", above_zero=True)
    name = models.CharField(max_length=40, default="CEPCI")
    year = models.PositiveSmallIntegerField()

    class Meta(Quantity.Meta):
        verbose_name_plural = "cost indices"
        constraints = [*Quantity.Meta.constraints, _unique("name", "year"), _within(Bounds("index", above_zero=True))]

    def __str__(self) -> str:
        return f"{self.name} {self.year}"


class MacrsRate(Quantity):
    """The share of its cost a property may be depreciated by in one year of life, as the tax tables give it."""

    limits = Bounds("fraction", 0.0, 1.0)
    convention = models.CharField(max_length=12, choices=MacrsConvention)
    property_class = models.PositiveSmallIntegerField("property class", help_text="Years.")
    quarter = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="In which it was placed in service, for the mid-quarter tables."
    )
    year = models.PositiveSmallIntegerField(help_text="Of life, from 1.")

    class Meta(Quantity.Meta):
        verbose_name = "MACRS rate"
        constraints = [
            *Quantity.Meta.constraints,
            _unique("convention", "property_class", "quarter", "year"),
            _within(Bounds("fraction", 0.0, 1.0)),
            models.CheckConstraint(
                condition=models.Q(convention=MacrsConvention.HALF_YEAR, quarter__isnull=True)
                | models.Q(convention=MacrsConvention.MID_QUARTER, quarter__gte=1, quarter__lte=4),
                name="%(app_label)s_%(class)s_quarter",
                violation_error_message="A mid-quarter rate names its quarter, 1 to 4; a half-year rate none.",
            ),
        ]

    def __str__(self) -> str:
        quarter = f" Q{self.quarter}" if self.quarter else ""
        return f"{self.property_class}-year property{quarter}, year {self.year}"


class ExchangeRate(Quantity):
    """What one unit of a currency was worth in US dollars, as an annual average."""

    limits = Bounds("USD/[A-Z]{3}", above_zero=True)
    currency = models.CharField(max_length=3)
    year = models.PositiveSmallIntegerField()

    class Meta(Quantity.Meta):
        constraints = [
            *Quantity.Meta.constraints,
            _unique("currency", "year"),
            _within(Bounds("USD/[A-Z]{3}", above_zero=True)),
            models.CheckConstraint(
                condition=models.Q(currency__regex="^[A-Z]{3}$"),
                name="%(app_label)s_%(class)s_currency",
                violation_error_message="The currency must be three capital letters (ISO 4217).",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.year}"


class Published(Sourced):
    """A value as published: a number where it is one, else the text (a range, a series by year, a formula)."""

    value = models.FloatField(null=True, blank=True)
    value_text = models.CharField("value as text", max_length=200, blank=True)
    unit = models.CharField(max_length=60, blank=True)

    class Meta(Sourced.Meta):
        abstract = True
        constraints = [
            *Sourced.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(value__isnull=False) | ~models.Q(value_text=""),
                name="%(app_label)s_%(class)s_has_value",
                violation_error_message="Give a number, or the value as text.",
            ),
            _within(Bounds(ANY_UNIT), missing=True),
        ]

    def clean(self) -> None:
        super().clean()
        if self.value is None and not self.value_text:
            raise ValidationError({"value": "Give a number, or the value as text."})
        if self.value is not None and not math.isfinite(self.value):
            raise ValidationError({"value": "The value must be a finite number."})


class ReferenceValue(Published):
    """A published value the product shows or checks itself against, kept as its table gives it."""

    category = models.CharField(max_length=40)
    subject = models.CharField(max_length=120, blank=True, help_text="Pathway, fuel, route, or ISO code of a country.")
    region = models.CharField(max_length=80, blank=True)
    year = models.CharField(max_length=20, blank=True, help_text="As given: 2024, 2024Q4, page 2021-2024.")
    parameter = models.CharField(max_length=160)

    class Meta(Published.Meta):
        constraints = [
            *Published.Meta.constraints,
            _unique("category", "subject", "region", "year", "parameter"),
        ]

    def __str__(self) -> str:
        return f"{self.category}: {', '.join(filter(None, [self.subject, self.region, self.year, self.parameter]))}"
