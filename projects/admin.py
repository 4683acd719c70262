from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.snapshots import team_tag
from config.cache import versions
from projects.models import Project


@admin.register(Project)
class ProjectAdmin(admin.ModelAdmin):
    list_display = ["name", "team", "stage", "progress", "created_by", "updated_at"]
    list_filter = ["stage"]
    list_select_related = ["team", "created_by"]
    search_fields = ["name", "team__name", "created_by__email"]
    autocomplete_fields = ["team", "created_by"]
    readonly_fields = ["version", "created_at", "updated_at"]

    def save_model(self, request: HttpRequest, obj: Project, form: Any, change: bool) -> None:
        if change:
            obj.version += 1
            versions.replace(team_tag(form.initial["team"]))  # which may lose it
        super().save_model(request, obj, form, change)
