"""Import and export of master data as CSV and XLSX, in the columns of the project's own data files.

Rows are found by their natural keys (codes, parameters, years), never by database ids, so that a file exported here can
be imported there. An unchanged row is skipped: it moves neither the version nor the history.
"""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from import_export import fields, resources, widgets

from config.spreadsheets import escaped, unescaped
from masterdata import models as md

_LAST = ("value", "value_text", "unit", "source", "confidence", "valid_from", "note")


class ExactFloatWidget(widgets.FloatWidget):
    """Numbers at full precision: what is exported is imported as the same number."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        if value is None or kwargs.get("force_native_type"):
            return value
        return repr(float(value))


class DayWidget(widgets.DateWidget):
    """Dates; a workbook gives them as midnights."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return value.date() if isinstance(value, datetime) else super().clean(value, row, **kwargs)


class TextWidget(widgets.CharWidget):
    """Text; a workbook gives an empty cell as None."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        return "" if value is None else str(super().clean(value, row, **kwargs))


class CodeWidget(widgets.ForeignKeyWidget):
    """Another row by its code, without case; the rows are read once for a whole file."""

    def __init__(self, model: type[models.Model]) -> None:
        super().__init__(model, "code")
        self.rows: dict[str, Any] | None = None

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if not value:
            return None
        if self.rows is None:
            self.rows = {item.code.casefold(): item for item in self.model.objects.all()}
        if found := self.rows.get(str(value).strip().casefold()):
            return found
        raise ValidationError(f"There is no {self.model._meta.verbose_name} {value!r}.")


class DesignWidget(widgets.ForeignKeyWidget):
    """A design by the two columns ``pathway`` and ``feedstock``."""

    def __init__(self) -> None:
        super().__init__(md.DesignDefault, "pathway__code")
        self.rows: dict[tuple[str, str], md.DesignDefault] | None = None

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        if self.rows is None:
            designs = md.DesignDefault.objects.select_related("pathway", "feedstock")
            self.rows = {(one.pathway.code.casefold(), one.feedstock.code.casefold()): one for one in designs}
        named = [str(row.get(column) or "").strip() for column in ("pathway", "feedstock")]
        if found := self.rows.get((named[0].casefold(), named[1].casefold())):
            return found
        raise ValidationError(f"There is no design of {named[0]!r} on {named[1]!r}.")


class MasterDataResource(resources.ModelResource):
    """Validates every row as the models do, and says in the history that an import changed it."""

    WIDGETS_MAP = {
        **resources.ModelResource.WIDGETS_MAP,
        "FloatField": ExactFloatWidget,
        "DateField": DayWidget,
        "TextField": TextWidget,
    }
    related: tuple[str, ...] = ()

    def filter_export(self, queryset: models.QuerySet, **kwargs: Any) -> models.QuerySet:
        return queryset.select_related(*self.related) if self.related else queryset

    def export_field(self, field: fields.Field, instance: models.Model, **kwargs: Any) -> Any:
        return escaped(super().export_field(field, instance, **kwargs))

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        for column, cell in row.items():
            row[column] = unescaped(cell)

    def import_field(self, field: fields.Field, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        before = field.get_value(instance)
        super().import_field(field, instance, row, is_m2m, **kwargs)
        after = field.get_value(instance)
        # A workbook keeps sixteen digits: the last bit of a number it carried is not an editor's change.
        if isinstance(before, float) and isinstance(after, float) and math.isclose(before, after, rel_tol=1e-15):
            setattr(instance, field.attribute, before)

    def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        instance._change_reason = "import"


def columns_of(model: type[models.Model]) -> list[str]:
    """The fields of a model in the order people read them: what it is, then the figure, then where it comes from."""
    names = [one.name for one in model._meta.concrete_fields if not one.primary_key]
    return [*(name for name in names if name not in _LAST), *(name for name in _LAST if name in names)]


def resource_of(model: type[models.Model], key: tuple[str, ...]) -> type[MasterDataResource]:
    """The resource of a model whose rows ``key`` names; foreign keys travel as codes."""
    columns = columns_of(model)
    declared = [one for one in model._meta.concrete_fields if not one.primary_key]
    references: dict[str, Any] = {one.name: one.related_model for one in declared if isinstance(one, models.ForeignKey)}
    attributes: dict[str, Any] = {
        name: fields.Field(name, name, CodeWidget(target)) for name, target in references.items() if name != "design"
    }
    related = tuple(references)
    if "design" in references:
        attributes["design"] = fields.Field("design", "pathway", DesignWidget())
        attributes["feedstock"] = fields.Field("design__feedstock__code", "feedstock", readonly=True)
        columns.insert(columns.index("design") + 1, "feedstock")
        related = ("design__pathway", "design__feedstock", "product", "utility")
    meta = type(
        "Meta",
        (),
        {
            "model": model,
            "fields": columns,
            "import_order": columns,
            "export_order": columns,
            "import_id_fields": key,
            "skip_unchanged": True,
            "report_skipped": True,
            "clean_model_instances": True,
        },
    )
    return type(f"{model.__name__}Resource", (MasterDataResource,), {**attributes, "related": related, "Meta": meta})


KEYS: Mapping[type[models.Model], tuple[str, ...]] = {
    md.Pathway: ("code",),
    md.Feedstock: ("code",),
    md.Product: ("code",),
    md.Utility: ("code",),
    md.Country: ("code",),
    md.PathwayFigure: ("pathway", "parameter"),
    md.FeedstockFigure: ("feedstock", "parameter"),
    md.ProductFigure: ("product", "parameter"),
    md.UtilityFigure: ("utility", "parameter"),
    md.CountryFigure: ("country", "parameter"),
    md.DesignDefault: ("pathway", "feedstock"),
    md.DesignFigure: ("design", "parameter", "product", "utility"),
    md.CorsiaValue: ("pathway", "feedstock", "region", "year"),
    md.CostIndex: ("name", "year"),
    md.MacrsRate: ("convention", "property_class", "quarter", "year"),
    md.ExchangeRate: ("currency", "year"),
    md.Incentive: ("code",),
    md.ReferenceValue: ("category", "subject", "region", "year", "parameter"),
}

RESOURCES = {model: resource_of(model, key) for model, key in KEYS.items()}
