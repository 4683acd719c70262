"""What every row of master data has: a source, a confidence, a date, a history."""

from collections.abc import Callable, Mapping
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from simple_history.models import HistoricalRecords

from masterdata.bounds import Bounds, check_bounds
from masterdata.choices import Confidence
from masterdata.querysets import ItemManager, MasterDataManager

is_code = RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9-]*\Z", "Letters, digits and hyphens only, beginning with no hyphen.")


class Sourced(models.Model):
    """A row that says where it comes from and how far it can be trusted."""

    source = models.CharField(max_length=400, help_text="Who published it, and where.")
    confidence = models.CharField(max_length=12, choices=Confidence)
    valid_from = models.DateField(
        "valid from", null=True, blank=True, help_text="First day the figure holds; empty when the source gives none."
    )
    note = models.TextField(blank=True)

    history = HistoricalRecords(inherit=True)
    objects = MasterDataManager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(confidence__in=Confidence.values), name="%(app_label)s_%(class)s_confidence"
            ),
            models.CheckConstraint(
                condition=~models.Q(source=""),
                name="%(app_label)s_%(class)s_has_source",
                violation_error_message="A figure names its source.",
            ),
        ]


class ItemFigure(Sourced):
    """One figure of an item, of a design, of a country: a parameter, a value, a unit."""

    limits: ClassVar[Mapping[str, Bounds]]

    parameter: models.CharField
    get_parameter_display: Callable[[], str]
    value = models.FloatField()
    unit = models.CharField(max_length=40)

    class Meta(Sourced.Meta):
        abstract = True

    def __str__(self) -> str:
        return f"{self.get_parameter_display()}: {self.value:g} {self.unit}"

    def clean(self) -> None:
        super().clean()
        check_bounds(self.limits, self.parameter, self.value, self.unit)


class Item(models.Model):
    """Something addressed by name or by code, both unique without case."""

    code = models.CharField(max_length=40, validators=[is_code], help_text="Stable; other systems address it by this.")
    name = models.CharField(max_length=120)

    history = HistoricalRecords(inherit=True)
    objects = ItemManager()

    class Meta:
        abstract = True
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("code"),
                name="%(app_label)s_%(class)s_code_unique",
                violation_error_code="unique",
                violation_error_message="This code is taken.",
            ),
            models.UniqueConstraint(
                Lower("name"),
                name="%(app_label)s_%(class)s_name_unique",
                violation_error_code="unique",
                violation_error_message="This name is taken.",
            ),
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^[A-Za-z0-9][A-Za-z0-9-]*$"),
                name="%(app_label)s_%(class)s_code_form",
            ),
            models.CheckConstraint(condition=models.Q(name__regex=r"\S"), name="%(app_label)s_%(class)s_has_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        self.name = " ".join(self.name.split())
        if not self.name:
            raise ValidationError({"name": "The name may not be blank."})
