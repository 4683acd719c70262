"""Pathways, feedstocks, products, utilities and countries, each with its figures."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import models

from masterdata import bounds
from masterdata.choices import (
    CountryParameter,
    FeedstockParameter,
    PathwayParameter,
    ProductParameter,
    UtilityParameter,
    UtilityUnit,
)
from masterdata.models.base import Item, ItemFigure


def one_per_parameter(owner: str) -> models.UniqueConstraint:
    """One figure of a kind; its index also serves look-ups by owner, so the foreign key has none of its own."""
    return models.UniqueConstraint(
        fields=[owner, "parameter"],
        name="%(app_label)s_%(class)s_unique",
        violation_error_code="unique",
        violation_error_message="There is a figure of this parameter already.",
    )


class Pathway(Item):
    """A conversion process that ASTM D7566 or D1655 admits."""

    astm_annex = models.CharField("ASTM annex", max_length=60)
    corsia_pathways = models.CharField(
        "CORSIA pathways",
        max_length=200,
        blank=True,
        help_text="Names of the CORSIA table that serve this pathway, first choice first, separated by semicolons.",
    )

    def __str__(self) -> str:
        return self.code


class PathwayFigure(ItemFigure):
    limits = bounds.PATHWAY
    pathway = models.ForeignKey(Pathway, models.CASCADE, db_index=False, related_name="figures")
    parameter = models.CharField(max_length=30, choices=PathwayParameter)

    class Meta(ItemFigure.Meta):
        constraints = [*ItemFigure.Meta.constraints, one_per_parameter("pathway"), bounds.within_bounds(bounds.PATHWAY)]


class Feedstock(Item):
    """What the fuel is made from."""

    corsia_feedstock = models.CharField(
        "CORSIA feedstock",
        max_length=80,
        blank=True,
        help_text="Its row in the CORSIA table, if any.",
    )
    corsia_note = models.CharField("CORSIA note", max_length=200, blank=True)


class FeedstockFigure(ItemFigure):
    limits = bounds.FEEDSTOCK
    feedstock = models.ForeignKey(Feedstock, models.CASCADE, db_index=False, related_name="figures")
    parameter = models.CharField(max_length=30, choices=FeedstockParameter)

    class Meta(ItemFigure.Meta):
        constraints = [
            *ItemFigure.Meta.constraints,
            one_per_parameter("feedstock"),
            bounds.within_bounds(bounds.FEEDSTOCK),
        ]


class Product(Item):
    """What the plant makes; liquid fuels share the yield that sums to one, the others stand outside it."""

    liquid_fuel = models.BooleanField("liquid fuel", default=True)


class ProductFigure(ItemFigure):
    limits = bounds.PRODUCT
    product = models.ForeignKey(Product, models.CASCADE, db_index=False, related_name="figures")
    parameter = models.CharField(max_length=30, choices=ProductParameter)

    class Meta(ItemFigure.Meta):
        constraints = [*ItemFigure.Meta.constraints, one_per_parameter("product"), bounds.within_bounds(bounds.PRODUCT)]


class Utility(Item):
    """What the plant uses beside its feedstock."""

    unit = models.CharField(max_length=8, choices=UtilityUnit, help_text="What it is counted in.")

    class Meta(Item.Meta):
        verbose_name_plural = "utilities"
        constraints = [
            *Item.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(unit__in=UtilityUnit.values), name="%(app_label)s_%(class)s_unit"
            ),
        ]

    def clean(self) -> None:
        super().clean()
        counted_otherwise = type(self).objects.filter(pk=self.pk, figures__isnull=False).exclude(unit=self.unit)
        if self.pk and counted_otherwise.exists():
            raise ValidationError({"unit": "Its figures are in the old unit: remove them before the unit changes."})


# The unit of each figure, by what the utility is counted in: a factor of a thousand lies between them.
_UTILITY_UNITS: Mapping[tuple[str, str], str] = {
    (UtilityParameter.PRICE, UtilityUnit.TONNE): "t",
    (UtilityParameter.PRICE, UtilityUnit.KILOWATT_HOUR): "kWh",
    (UtilityParameter.CARBON_INTENSITY, UtilityUnit.TONNE): "kg",
    (UtilityParameter.CARBON_INTENSITY, UtilityUnit.KILOWATT_HOUR): "kWh",
}


class UtilityFigure(ItemFigure):
    limits = bounds.UTILITY
    utility = models.ForeignKey(Utility, models.CASCADE, db_index=False, related_name="figures")
    parameter = models.CharField(max_length=30, choices=UtilityParameter)

    class Meta(ItemFigure.Meta):
        constraints = [*ItemFigure.Meta.constraints, one_per_parameter("utility"), bounds.within_bounds(bounds.UTILITY)]

    def clean(self) -> None:
        super().clean()
        utility = getattr(self, "utility", None)
        expected = utility and _UTILITY_UNITS.get((self.parameter, utility.unit))
        if utility and expected and self.unit.partition("/")[2] != expected:
            message = f"{utility.name} is counted in {utility.unit}, so the unit ends in /{expected}."
            raise ValidationError({"unit": message})


class Country(Item):
    """Where the plant stands; the code is ISO 3166-1 alpha-3."""

    corsia_regions = models.CharField(
        "CORSIA regions",
        max_length=200,
        blank=True,
        help_text=(
            "Regions of the CORSIA table that this country lies in, first choice first, separated by semicolons; "
            "Global and any come after them."
        ),
    )

    class Meta(Item.Meta):
        verbose_name_plural = "countries"
        constraints = [
            *Item.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(code__regex="^[A-Z]{3}$"),
                name="%(app_label)s_%(class)s_iso3",
                violation_error_message="The code must be three capital letters (ISO 3166-1 alpha-3).",
            ),
        ]

    def clean(self) -> None:
        super().clean()
        if not (len(self.code) == 3 and self.code.isascii() and self.code.isalpha() and self.code.isupper()):
            raise ValidationError({"code": "The code must be three capital letters (ISO 3166-1 alpha-3)."})


class CountryFigure(ItemFigure):
    limits = bounds.COUNTRY
    country = models.ForeignKey(Country, models.CASCADE, db_index=False, related_name="figures")
    parameter = models.CharField(max_length=30, choices=CountryParameter)

    class Meta(ItemFigure.Meta):
        constraints = [*ItemFigure.Meta.constraints, one_per_parameter("country"), bounds.within_bounds(bounds.COUNTRY)]
