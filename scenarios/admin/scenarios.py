from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from projects.admin import LockingAdmin
from scenarios.admin.base import LARGE, ReadOnlyAdmin, is_list
from scenarios.models import Scenario
from scenarios.services import scenario_delete, scenario_update


@admin.register(Scenario)
class ScenarioAdmin(ReadOnlyAdmin, LockingAdmin):
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
    fields = ["name", "seen", *readonly_fields]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Scenario]:
        found = super().get_queryset(request)
        if is_list(request):
            return found.defer("inputs", "inputs_hash")
        shown = found.select_related("project", "created_by", "current")
        return shown.defer(*(f"current__{name}" for name in LARGE))

    def save_model(self, request: HttpRequest, obj: Scenario, form: Any, change: bool) -> None:
        locked = Scenario.objects.get(pk=obj.pk)
        scenario_update(scenario=locked, name=form.cleaned_data["name"])

    def delete_model(self, request: HttpRequest, obj: Scenario) -> None:
        scenario_delete(scenario=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Scenario]) -> None:
        for scenario in queryset:
            scenario_delete(scenario=scenario)
