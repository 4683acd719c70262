"""Design bases: what a plant of a pathway on a feedstock looks like before anybody knows better."""

from django.core.exceptions import ValidationError
from django.db import models

from masterdata import bounds
from masterdata.choices import DesignParameter
from masterdata.models.base import ItemFigure, Sourced
from masterdata.models.items import Feedstock, Pathway, Product, Utility
from masterdata.querysets import DesignManager

OF_A_PRODUCT = (DesignParameter.PRODUCT_YIELD, DesignParameter.PRODUCT_PRICE)
OF_A_UTILITY = (DesignParameter.UTILITY_CONSUMPTION,)


class DesignDefault(Sourced):
    """The design basis of one pathway on one feedstock."""

    pathway = models.ForeignKey(Pathway, models.PROTECT, db_index=False, related_name="designs")
    feedstock = models.ForeignKey(Feedstock, models.PROTECT, related_name="designs")

    objects = DesignManager()  # type: ignore[misc]

    class Meta(Sourced.Meta):
        ordering = ["pk"]
        constraints = [
            *Sourced.Meta.constraints,
            models.UniqueConstraint(
                fields=["pathway", "feedstock"],
                name="%(app_label)s_%(class)s_unique",
                violation_error_code="unique",
                violation_error_message="This pathway has a design on this feedstock already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pathway.code} on {self.feedstock.name}"


class DesignFigure(ItemFigure):
    """One figure of a design, of its plant or of one product or utility; NULL is unknown, which is not 0."""

    limits = bounds.DESIGN
    design = models.ForeignKey(DesignDefault, models.CASCADE, db_index=False, related_name="figures")
    parameter = models.CharField(max_length=30, choices=DesignParameter)
    product = models.ForeignKey(Product, models.PROTECT, null=True, blank=True, related_name="+")
    utility = models.ForeignKey(Utility, models.PROTECT, null=True, blank=True, related_name="+")
    value = models.FloatField(null=True, blank=True)  # type: ignore[assignment]

    class Meta(ItemFigure.Meta):
        constraints = [
            *ItemFigure.Meta.constraints,
            models.UniqueConstraint(
                fields=["design", "parameter", "product", "utility"],
                name="%(app_label)s_%(class)s_unique",
                nulls_distinct=False,
                violation_error_code="unique",
                violation_error_message="The design has this figure already.",
            ),
            models.CheckConstraint(
                condition=models.Q(parameter__in=OF_A_PRODUCT, product__isnull=False, utility__isnull=True)
                | models.Q(parameter__in=OF_A_UTILITY, product__isnull=True, utility__isnull=False)
                | (
                    ~models.Q(parameter__in=[*OF_A_PRODUCT, *OF_A_UTILITY])
                    & models.Q(product__isnull=True, utility__isnull=True)
                ),
                name="%(app_label)s_%(class)s_belongs",
                violation_error_message="Product figures name a product, utility figures a utility, others neither.",
            ),
            bounds.within_bounds(bounds.DESIGN, missing=True),
        ]

    def __str__(self) -> str:
        value = "unknown" if self.value is None else f"{self.value:g} {self.unit}"
        return f"{self.get_parameter_display()}: {value}"

    def clean(self) -> None:
        super().clean()
        errors = {}
        for field, parameters in (("product", OF_A_PRODUCT), ("utility", OF_A_UTILITY)):
            given = getattr(self, field, None) is not None
            if given != (self.parameter in parameters):
                errors[field] = f"Only a {field} figure names a {field}." if given else f"Name the {field}."
        if errors:
            raise ValidationError(errors)
        if self.utility and self.unit != f"{self.utility.unit}/t":
            raise ValidationError({"unit": f"{self.utility.name} is counted in {self.utility.unit}."})
