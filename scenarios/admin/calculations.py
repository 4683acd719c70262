from contextlib import suppress
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from scenarios.admin.base import LARGE, ReadOnlyAdmin, is_list
from scenarios.admin.operations import CANCEL, MOST_AT_ONCE, RETRY, Operation, many, perform
from scenarios.admin.queue import queue_context
from scenarios.models import Calculation
from scenarios.querysets import HEADLINE
from scenarios.services import calculation_cancel
from scenarios.services.running import NotActive

QUEUE = "scenarios_calculation_queue"
CALCULATIONS = "scenarios_calculation_changelist"


@admin.register(Calculation)
class CalculationAdmin(ReadOnlyAdmin):
    """Who may change calculations may have them cancelled and tried again, which is all that can be changed of them."""

    change_list_template = "scenarios/admin/calculations.html"
    list_display = ["queued_at", "scenario", "state", "attempt", "error_code", "user", "npv_usd", "irr"]
    list_filter = ["state", "trigger"]
    search_fields = ["scenario__name", "scenario__project__name", "user__email"]
    actions = ["cancel_selected", "retry_selected"]
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
        "due_at",
        "started_at",
        "finished_at",
        *HEADLINE,
        *LARGE,
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Calculation]:
        found = super().get_queryset(request).select_related("scenario", "user").defer("scenario__inputs")
        return found.defer("scenario__inputs", *LARGE) if is_list(request) else found

    def get_urls(self) -> list[URLPattern]:
        queue = path("queue/", self.admin_site.admin_view(self.queue_view), name=QUEUE)
        return [queue, *super().get_urls()]

    def has_change_permission(self, request: HttpRequest, obj: Calculation | None = None) -> bool:
        return False

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("scenarios.change_calculation")

    def queue_view(self, request: HttpRequest) -> HttpResponse:
        """What waits, what runs, what went wrong, and who works."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        operations = {"cancel": CANCEL, "retry": RETRY} if self.has_operate_permission(request) else {}
        context = {**self.admin_site.each_context(request), **queue_context(), **operations, "opts": self.opts}
        return TemplateResponse(request, "scenarios/admin/queue.html", context)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        operations = {CANCEL.action, RETRY.action}
        if request.POST.get("action") in operations and not self.has_operate_permission(request):
            raise PermissionDenied
        return super().changelist_view(request, extra_context)

    @admin.action(permissions=["operate"], description="Cancel selected calculations")
    def cancel_selected(self, request: HttpRequest, queryset: QuerySet[Calculation]) -> HttpResponse | None:
        return self._operate(request, CANCEL, queryset)

    @admin.action(permissions=["operate"], description="Try selected calculations again")
    def retry_selected(self, request: HttpRequest, queryset: QuerySet[Calculation]) -> HttpResponse | None:
        return self._operate(request, RETRY, queryset)

    def _operate(
        self, request: HttpRequest, operation: Operation, queryset: QuerySet[Calculation]
    ) -> HttpResponse | None:
        """Ask back, then do it; from the queue it goes back to the queue."""
        runs = list(queryset[: MOST_AT_ONCE + 1])
        if len(runs) > MOST_AT_ONCE:
            messages.error(request, f"At most {many(MOST_AT_ONCE)} at once: select fewer.")
            return None
        if "confirmed" not in request.POST:
            context = {
                **self.admin_site.each_context(request),
                "title": "Are you sure?",
                "opts": self.opts,
                "operation": operation,
                "question": operation.question.format(many=many(len(runs))),
                "runs": runs,
                "checkbox": helpers.ACTION_CHECKBOX_NAME,
                "is_from_queue": "queue" in request.POST,
                "came_from": f"admin:{QUEUE if 'queue' in request.POST else CALCULATIONS}",
            }
            return TemplateResponse(request, "scenarios/admin/confirm.html", context)
        perform(request, operation, runs)
        return HttpResponseRedirect(reverse(f"admin:{QUEUE}")) if "queue" in request.POST else None

    def delete_model(self, request: HttpRequest, obj: Calculation) -> None:
        _end(obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Calculation]) -> None:
        for run in list(queryset):
            _end(run)
        super().delete_queryset(request, queryset)


def _end(run: Calculation) -> None:
    """Before it is deleted: a scenario whose run is gone would be calculating for ever."""
    with suppress(NotActive):
        calculation_cancel(calculation=run)
