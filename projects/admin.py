from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import User
from projects.models import Project
from projects.services import CHANGEABLE, project_create, project_delete, project_update


class VersionedForm(forms.ModelForm):
    """Refuses to write over what somebody else has changed since the page was opened."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = self.instance.version

    def clean_seen(self) -> int | None:
        seen = self.cleaned_data["seen"]
        if seen is not None and not self.instance._state.adding and seen != self.instance.version:
            raise ValidationError("Somebody has changed it since you opened this page: open it again.", "stale")
        return seen


class LockingAdmin(admin.ModelAdmin):
    """Takes the row's lock before the form is looked at, as the API does; the services write."""

    form = VersionedForm

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        found = super().get_queryset(request)
        match = request.resolver_match
        writes = request.method == "POST" and match and (match.url_name or "").endswith(("_change", "_delete"))
        return found.select_for_update(of=("self",)) if writes else found


@admin.register(Project)
class ProjectAdmin(LockingAdmin):
    list_display = ["name", "team", "stage", "progress", "created_by", "updated_at"]
    list_filter = ["stage"]
    list_select_related = ["team", "created_by"]
    search_fields = ["name", "team__name", "created_by__email"]
    autocomplete_fields = ["team"]
    fields = ["name", "description", "stage", "progress", "team", "seen", "created_by", "version"]
    readonly_fields = ["created_by", "version", "created_at", "updated_at"]

    def save_model(self, request: HttpRequest, obj: Project, form: Any, change: bool) -> None:
        given = {name: form.cleaned_data[name] for name in form.changed_data if name in CHANGEABLE}
        if change:
            # What the form has set on it already must not pass for what it was.
            saved = project_update(project=Project.objects.select_related("team").get(pk=obj.pk), **given)
        else:
            saved = project_create(user=_staff(request), **given)
        obj.__dict__.update(saved.__dict__)

    def delete_model(self, request: HttpRequest, obj: Project) -> None:
        project_delete(project=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Project]) -> None:
        for project in queryset:
            project_delete(project=project)


def _staff(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise TypeError("The admin is for users who are signed in")
    return request.user
