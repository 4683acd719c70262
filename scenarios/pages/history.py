"""The runs of a scenario, what is waited for, and the difference of two of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from scenarios import services
from scenarios.choices import RunState, ScenarioStatus
from scenarios.models import Calculation, Scenario
from scenarios.pages import kpis
from scenarios.pages.access import check_writable, may_write
from scenarios.pages.resolved import in_order, in_words, is_figure, item_names, unit_of
from scenarios.pages.standing import scenario_of
from scenarios.pages.words import label_of
from scenarios.services.running import NotActive

PAGE_SIZE = 20
STATES = {
    RunState.QUEUED: "waiting",
    RunState.RUNNING: "running",
    RunState.SUCCEEDED: "calculated",
    RunState.FAILED: "refused",
    RunState.ERRORED: "broke",
    RunState.CANCELLED: "cancelled",
}
TRIGGERS = {"user": "", "command": "by a command", "operator": "tried again by an operator"}
_KPIS = tuple(kpis.KPIS.values())


@login_required
@require_http_methods(["GET", "POST"])
def history_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The runs, newest first; with ``?before=`` and ``?after=`` what changed between two. POST cancels one."""
    scenario = scenario_of(request, pk)
    if request.method == "POST":
        return _cancel(request, scenario)
    context: dict[str, Any] = {
        "section": "projects",
        "scenario": scenario,
        "may_write": may_write(scenario),
        **_runs(request, scenario),
    }
    if request.htmx and request.htmx.target == "runs":  # type: ignore[attr-defined]
        return render(request, "scenarios/parts/runs.html", context)
    return render(request, "scenarios/history.html", context | _difference(request, scenario))


@dataclass(frozen=True, slots=True)
class Line:
    """A run in the list, in words."""

    run: Calculation
    state: str
    trigger: str
    duration: str
    message: str
    may_be_cancelled: bool


def _runs(request: HttpRequest, scenario: Scenario) -> dict[str, Any]:
    found = Calculation.objects.filter(scenario_id=scenario.pk).order_by("-queued_at").for_list()
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    progress = None
    if scenario.status == ScenarioStatus.CALCULATING:
        progress = services.calculation_progress(scenario=scenario)
    lines = [_line(run, progress) for run in page.object_list]
    keys = [str(run.pk) for run in page.object_list]
    chosen = {name: request.GET.get(name, "") for name in ("before", "after")}
    if not any(chosen.values()) and len(keys) > 1:
        chosen = {"before": keys[1], "after": keys[0]}
    return {"page": page, "lines": lines, "is_waiting": progress is not None, "chosen": chosen}


def _line(run: Calculation, progress: services.Progress | None) -> Line:
    is_active = progress is not None and progress.calculation.pk == run.pk
    message = progress.message if progress is not None and is_active else run.message
    state = STATES[RunState(run.state)]
    trigger = TRIGGERS.get(run.trigger, run.trigger)
    return Line(run, state, trigger, _duration(run), "" if state == "calculated" else message, is_active)


def _duration(run: Calculation) -> str:
    """How long a run took: 20 ms, 1.3 s, 2 min 5 s; a dash where it was never started or has not ended."""
    if run.started_at is None or run.finished_at is None:
        return "–"
    took = max(run.finished_at - run.started_at, timedelta())
    seconds = took.total_seconds()
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def _cancel(request: HttpRequest, scenario: Scenario) -> HttpResponse:
    """End the run that is named. Raises PermissionDenied for who may only read, Http404 where there is no such run."""
    check_writable(scenario)
    runs = Calculation.objects.filter(scenario_id=scenario.pk).for_progress()
    run = get_object_or_404(runs, pk=_key(request.POST.get("cancel", "")))
    try:
        services.calculation_cancel(calculation=run)
    except NotActive as error:
        messages.warning(request, f"There was nothing left to cancel: the run has {error.state}.")
    else:
        messages.success(request, "The calculation is cancelled.")
    return redirect("scenario-history", scenario.pk)


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


@dataclass(frozen=True, slots=True)
class ChangedInput:
    """An input that differs; numbers in ``unit``, else words."""

    name: str
    unit: str
    before: Any
    after: Any
    words_before: str
    words_after: str


@dataclass(frozen=True, slots=True)
class ChangedFigure:
    """A figure of two results; ``change`` is the difference, ``share`` that of what it was."""

    kpi: kpis.Kpi
    before: kpis.Figure
    after: kpis.Figure
    change: float | None
    share: float | None


def _difference(request: HttpRequest, scenario: Scenario) -> dict[str, Any]:
    """What changed between the runs asked for, nothing where none are. Raises Http404 for runs that are not there."""
    if not {"before", "after"} <= request.GET.keys():
        return {}
    keys = [_key(request.GET[name]) for name in ("before", "after")]
    found = Calculation.objects.filter(scenario_id=scenario.pk).for_detail().in_bulk(keys)
    if not all(key in found for key in keys):
        raise Http404
    before, after = (found[key] for key in keys)
    changed = services.calculation_diff(before=before, after=after)["inputs"]
    changed.sort(key=lambda row: in_order(row["path"]))
    return {
        "before": before,
        "after": after,
        "changed_inputs": [_changed(row, before, after) for row in changed],
        "changed_figures": list(_figures(before, after)),
    }


def _changed(row: dict[str, Any], before: Calculation, after: Calculation) -> ChangedInput:
    path = row["path"]
    head, label = path.partition(".")[0], label_of(path)
    for run in (after, before):
        if path in run.resolved_inputs:
            unit = unit_of(path, run.resolved_inputs[path]["unit"])
            item = item_names(run.resolved_inputs).get(head)
            break
    name = f"{item}: {label[:1].lower()}{label[1:]}" if item else label
    values, words = zip(
        *(_told(path, row[side], run, path) for side, run in (("before", before), ("after", after))), strict=True
    )
    return ChangedInput(name, unit, *values, *words)


def _told(path: str, value: Any, run: Calculation, key: str) -> tuple[Any, str]:
    """A value as number or in words; there may be no such input in the run at all."""
    if key not in run.resolved_inputs:
        return None, "not part of it"
    return (value, "") if is_figure(path, value) else (None, in_words(path, value))


def _figures(before: Calculation, after: Calculation) -> Iterator[ChangedFigure]:
    for kpi in _KPIS:
        old, new = (_figure(run, kpi) for run in (before, after))
        change = share = None
        if old.value is not None and new.value is not None:
            change = new.value - old.value
            share = change / abs(old.value) if old.value else None
        yield ChangedFigure(kpi, old, new, change, share)


def _figure(run: Calculation, kpi: kpis.Kpi) -> kpis.Figure:
    if run.result is None:
        return kpis.Figure(None, kpi.unit, "This run has no result.")
    return kpis.figure_at(run.result, kpi.path, kpi.unit)
