"""Scenarios and calculations for support: inputs change where they are checked, results only by calculating."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from scenarios.models import Calculation, Scenario
from scenarios.querysets import HEADLINE

# Large columns of a calculation, which only its own page shows.
_LARGE = ("inputs", "resolved_inputs", "problems", "result")


def _is_list(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and (match.url_name or "").endswith("_changelist")


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that only the product's own services make."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Scenario)
class ScenarioAdmin(ReadOnlyAdmin):
    list_display = ["name", "project", "order", "status", "created_by", "updated_at"]
    list_filter = ["status"]
    list_select_related = ["project", "created_by"]
    search_fields = ["name", "project__name", "created_by__email"]
    readonly_fields = [
        "project",
        "order",
        "status",
        "current",
        "inputs",
        "inputs_hash",
        "created_by",
        "created_at",
        "updated_at",
        "version",
    ]
    fields = ["name", *readonly_fields]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Scenario]:
        found = super().get_queryset(request)
        if _is_list(request):
            return found.defer("inputs", "inputs_hash")
        shown = found.select_related("project", "created_by", "current")
        return shown.defer(*(f"current__{name}" for name in _LARGE))

    def save_model(self, request: HttpRequest, obj: Scenario, form: Any, change: bool) -> None:
        obj.version += 1
        obj.save(update_fields=["name", "version", "updated_at"])


@admin.register(Calculation)
class CalculationAdmin(ReadOnlyAdmin):
    list_display = ["queued_at", "scenario", "state", "trigger", "user", "engine_version", "npv_usd", "irr"]
    list_filter = ["state", "trigger"]
    search_fields = ["scenario__name", "scenario__project__name", "user__email"]
    fields = [
        "scenario",
        "user",
        "trigger",
        "state",
        "error_code",
        "message",
        "engine_version",
        "masterdata_version",
        "inputs_hash",
        "attempt",
        "progress",
        "queued_at",
        "started_at",
        "finished_at",
        *HEADLINE,
        *_LARGE,
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Calculation]:
        found = super().get_queryset(request).select_related("scenario", "user").defer("scenario__inputs")
        return found.defer("scenario__inputs", *_LARGE) if _is_list(request) else found

    def has_change_permission(self, request: HttpRequest, obj: Calculation | None = None) -> bool:
        return False
