"""The admin for people who keep the master data: figures beside their item, import and export, history."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db import models
from django.forms import ModelChoiceField, Textarea
from django.http import HttpRequest
from django.utils.text import Truncator
from simple_history.admin import SimpleHistoryAdmin

from masterdata import models as md
from masterdata.resources import RESOURCES, columns_of
from masterdata.uploads import BoundedImportMixin

_SMALL: Mapping[Any, Mapping[str, Any]] = {models.TextField: {"widget": Textarea(attrs={"rows": 2, "cols": 40})}}
_FIGURE: list[Any] = ["parameter", "value", "unit", "source", "confidence", "valid_from", "note"]


class _Labels(Mapping[str, str]):
    """Names of all rows by primary key, read when first asked for: one query for a whole formset."""

    def __init__(self, queryset: models.QuerySet) -> None:
        self.queryset = queryset
        self.names: dict[str, str] | None = None

    def _read(self) -> dict[str, str]:
        if self.names is None:
            self.names = {str(row.pk): str(row) for row in self.queryset}
        return self.names

    def __getitem__(self, key: str) -> str:
        return self._read()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


class SharedAutocomplete(AutocompleteSelect):
    """Django's autocomplete asks for the chosen row of every select by itself: a query a row in an inline."""

    def __init__(self, *args: Any, labels: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.labels = labels

    def optgroups(self, name: str, value: Sequence[str], attrs: Any = None) -> list[Any]:
        chosen = [str(key) for key in value if str(key) in self.labels]
        empty = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
        options = [self.create_option(name, key, self.labels[key], True, 0) for key in chosen]
        return [(None, [*empty, *options], 0)]


class FigureInline(admin.TabularInline):
    """Figures of an item; the link leads to a figure's own page and its history."""

    extra = 0
    fields = _FIGURE
    ordering = ["pk"]
    show_change_link = True
    formfield_overrides = _SMALL


def _inline(figures: type[models.Model]) -> type[FigureInline]:
    return type(f"{figures.__name__}Inline", (FigureInline,), {"model": figures})


class DesignFigureInline(FigureInline):
    model = md.DesignFigure
    fields = ["parameter", "product", "utility", *_FIGURE[1:]]
    autocomplete_fields = ["product", "utility"]

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        if db_field.name in self.autocomplete_fields:
            labels = _Labels(db_field.related_model._default_manager.all())
            kwargs["widget"] = SharedAutocomplete(db_field, self.admin_site, labels=labels)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class MasterDataAdmin(BoundedImportMixin, SimpleHistoryAdmin):
    """Search, filters, history, and import and export of XLSX and CSV under the rights to change and to see."""

    formfield_overrides = _SMALL
    list_per_page = 50

    @admin.display(description="source", ordering="source")
    def short_source(self, row: Any) -> str:
        """The whole source stands on the row's own page; in a list it would push the figures out of sight."""
        return Truncator(row.source).chars(60)

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[Any]:
        return columns_of(self.model)

    def get_resource_classes(self, request: HttpRequest) -> list[Any]:
        return [RESOURCES[self.model]]

    def get_history_queryset(
        self, request: HttpRequest, history_manager: Any, pk_name: str, object_id: Any
    ) -> models.QuerySet:
        """Entries with who made them and what they referred to.

        The library's own method calls select_related() without names on a model without relations, which Django
        deprecates.
        """
        relations = (
            field.name for field in history_manager.model.tracked_fields if isinstance(field, models.ForeignKey)
        )
        return history_manager.filter(**{pk_name: object_id}).select_related("history_user", *relations)

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request) and self.has_change_permission(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)


class ItemAdmin(MasterDataAdmin):
    list_display = ["code", "name"]
    list_display_links = ["code", "name"]
    search_fields = ["code", "name"]
    ordering = ["pk"]


@admin.register(md.Pathway)
class PathwayAdmin(ItemAdmin):
    list_display = ["code", "name", "astm_annex"]
    inlines = [_inline(md.PathwayFigure)]


@admin.register(md.Feedstock)
class FeedstockAdmin(ItemAdmin):
    list_display = ["code", "name", "corsia_feedstock"]
    inlines = [_inline(md.FeedstockFigure)]


@admin.register(md.Product)
class ProductAdmin(ItemAdmin):
    list_display = ["code", "name", "liquid_fuel"]
    list_filter = ["liquid_fuel"]
    inlines = [_inline(md.ProductFigure)]


@admin.register(md.Utility)
class UtilityAdmin(ItemAdmin):
    list_display = ["code", "name", "unit"]
    list_filter = ["unit"]
    inlines = [_inline(md.UtilityFigure)]


@admin.register(md.Country)
class CountryAdmin(ItemAdmin):
    list_display = ["code", "name", "corsia_regions"]
    inlines = [_inline(md.CountryFigure)]


class FigureAdmin(MasterDataAdmin):
    """All figures of one kind in one list: where prices are kept up to date, or imported."""

    owner: str

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return ["__str__", self.owner, "parameter", "value", "unit", "confidence", "valid_from", "short_source"]

    def get_list_filter(self, request: HttpRequest) -> list[str]:
        return ["parameter", "confidence", self.owner]

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return [f"{self.owner}__code", f"{self.owner}__name", "parameter", "source", "note"]

    def get_list_select_related(self, request: HttpRequest) -> list[str]:
        return [self.owner]

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        return [self.owner]


def _register_figures(figures: type[models.Model], owner: str) -> None:
    admin.site.register(figures, type(f"{figures.__name__}Admin", (FigureAdmin,), {"owner": owner}))


for _model, _owner in (
    (md.PathwayFigure, "pathway"),
    (md.FeedstockFigure, "feedstock"),
    (md.ProductFigure, "product"),
    (md.UtilityFigure, "utility"),
    (md.CountryFigure, "country"),
):
    _register_figures(_model, _owner)


@admin.register(md.DesignDefault)
class DesignDefaultAdmin(MasterDataAdmin):
    list_display = ["__str__", "pathway", "feedstock", "confidence", "valid_from", "short_source"]
    list_filter = ["confidence", "pathway", "feedstock"]
    list_select_related = ["pathway", "feedstock"]
    search_fields = ["pathway__code", "pathway__name", "feedstock__code", "feedstock__name", "source"]
    autocomplete_fields = ["pathway", "feedstock"]
    inlines = [DesignFigureInline]


@admin.register(md.DesignFigure)
class DesignFigureAdmin(MasterDataAdmin):
    list_display = ["__str__", "design", "parameter", "product", "utility", "value", "unit", "confidence", "valid_from"]
    list_filter = ["parameter", "confidence", "product", "utility"]
    list_select_related = ["design__pathway", "design__feedstock", "product", "utility"]
    search_fields = ["design__pathway__code", "design__feedstock__name", "parameter", "source", "note"]
    autocomplete_fields = ["design", "product", "utility"]


@admin.register(md.CorsiaValue)
class CorsiaValueAdmin(MasterDataAdmin):
    list_display = ["pathway", "feedstock", "region", "year", "core", "land_use_change", "confidence", "valid_from"]
    list_filter = ["pathway", "region", "confidence", "year"]
    search_fields = ["pathway", "feedstock", "region", "note"]


@admin.register(md.CostIndex)
class CostIndexAdmin(MasterDataAdmin):
    list_display = ["name", "year", "value", "confidence", "short_source"]
    list_filter = ["name", "confidence"]
    search_fields = ["name", "year", "source"]
    ordering = ["name", "-year"]


@admin.register(md.MacrsRate)
class MacrsRateAdmin(MasterDataAdmin):
    list_display = ["__str__", "convention", "property_class", "quarter", "year", "value", "confidence"]
    list_filter = ["convention", "property_class", "quarter", "confidence"]
    search_fields = ["convention", "source"]
    ordering = ["convention", "property_class", "quarter", "year"]


@admin.register(md.ExchangeRate)
class ExchangeRateAdmin(MasterDataAdmin):
    list_display = ["currency", "year", "value", "unit", "confidence", "short_source"]
    list_filter = ["currency", "confidence"]
    search_fields = ["currency", "source"]


@admin.register(md.Incentive)
class IncentiveAdmin(MasterDataAdmin):
    list_display = [
        "name",
        "scheme",
        "region",
        "kind",
        "first_year",
        "last_year",
        "value",
        "value_text",
        "unit",
        "confidence",
        "valid_from",
    ]
    list_filter = ["kind", "scheme", "region", "confidence"]
    search_fields = ["code", "name", "scheme", "note", "source"]


@admin.register(md.ReferenceValue)
class ReferenceValueAdmin(MasterDataAdmin):
    list_display = [
        "parameter",
        "category",
        "subject",
        "region",
        "year",
        "value",
        "value_text",
        "unit",
        "confidence",
        "valid_from",
    ]
    list_filter = ["category", "confidence", "year"]
    search_fields = ["category", "subject", "region", "parameter", "source", "note"]
