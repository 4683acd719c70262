from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from scenarios.admin.base import LARGE, ReadOnlyAdmin, is_list
from scenarios.models import Scenario


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
        if is_list(request):
            return found.defer("inputs", "inputs_hash")
        shown = found.select_related("project", "created_by", "current")
        return shown.defer(*(f"current__{name}" for name in LARGE))

    def save_model(self, request: HttpRequest, obj: Scenario, form: Any, change: bool) -> None:
        obj.version += 1
        obj.save(update_fields=["name", "version", "updated_at"])
