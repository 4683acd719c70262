"""A project: what it says of itself, who may see it, and its scenarios as cards."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.choices import Kind
from accounts.models import Membership
from config.http.pages import htmx_of, page_limited, said
from projects.choices import Stage
from projects.models import Project
from projects.services import project_update
from scenarios.choices import ScenarioStatus
from scenarios.engine import InputError
from scenarios.models import Scenario
from scenarios.pages.access import may_write, project_of, user_of, writable_project
from scenarios.pages.cards import PAGE_SIZE, cards_answer, cards_context, cards_of, page_asked
from scenarios.pages.moving import way_back
from scenarios.pages.project_forms import EditProjectForm
from scenarios.pages.words import label_within, reworded
from scenarios.services import calculation_start

# Members whose names are shown; the team's page has them all.
MOST_MEMBERS = 12
# A request that starts this many takes about a quarter of a second.
MOST_STARTED = 50
FIELDS = ("name", "description", "stage", "progress")


@login_required
@require_GET
@vary_on_headers("HX-Request")
def project_page(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """The project with its scenarios in their order."""
    project = project_of(request, project_id)
    if htmx_of(request).target == "scenarios":
        return all_cards_answer(request, project, request.GET.get("page", ""))
    context = {**_head(project), **way_back(request, project), **_scenarios(project, request.GET.get("page", ""))}
    members = Membership.objects.filter(team=project.team_id).for_list().order_by("user__name", "user__email")
    found = list(members[: MOST_MEMBERS + 1])
    context |= {"members": found[:MOST_MEMBERS], "has_more_members": len(found) > MOST_MEMBERS}
    return render(request, "scenarios/project/page.html", context)


def _head(project: Project) -> dict[str, Any]:
    return {"project": project, "may_write": may_write(project), "section": "projects", "tab": "scenarios"}


def all_cards_answer(request: HttpRequest, project: Project, asked: str) -> HttpResponse:
    """All cards of the page ``asked`` for, the first where that is none."""
    return render(request, "scenarios/project/cards.html", _scenarios(project, asked))


def _scenarios(project: Project, asked: str) -> dict[str, Any]:
    scenarios = Scenario.objects.filter(project=project).order_by("order")
    page = Paginator(scenarios.for_cards(), PAGE_SIZE).get_page(page_asked(asked))
    cards = cards_of(page)
    waiting = [card.scenario.pk for card in cards if card.is_waiting]
    context = cards_context(project, cards, waiting, page.number)
    context["draft_count"] = sum(1 for card in cards if card.scenario.status == ScenarioStatus.DRAFT)
    return {**context, "page": page}


@login_required
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def project_edit(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Name, description, stage and progress, in place or on a page of their own.

    Who saves what somebody else has changed since is shown both, and decides.
    """
    if request.method == "GET":
        project = writable_project(request, project_id)
        return _form(request, project, EditProjectForm(initial=_values(project) | {"version": project.version}))
    with transaction.atomic():
        project = writable_project(request, project_id, is_locked=True)
        form = EditProjectForm(request.POST)
        if not form.is_valid():
            return _form(request, project, form, status=422)
        wanted = {name: form.cleaned_data[name] for name in FIELDS}
        if form.cleaned_data["version"] != project.version:
            return _conflict(request, project, wanted)
        project_update(project=project, **wanted | {"progress": wanted["progress"] / 100})
    if not htmx_of(request):
        return redirect("project", project.pk)
    answer = render(request, "scenarios/project/head.html", _head(project))
    return said(answer, "Saved.")


def _values(project: Project) -> dict[str, Any]:
    """As they are edited; the percentage without the traces of binary fractions."""
    values = {name: getattr(project, name) for name in FIELDS}
    percent = float(f"{project.progress * 100:.10g}")
    return values | {"progress": int(percent) if percent.is_integer() else percent}


def _form(
    request: HttpRequest, project: Project, form: EditProjectForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {**_head(project), "form": form, **more}
    page = "scenarios/project/head_form.html" if htmx_of(request) else "scenarios/project/edit.html"
    return render(request, page, context, status=status)


def _conflict(request: HttpRequest, project: Project, wanted: dict[str, Any]) -> HttpResponse:
    """What was typed is kept; saving it again replaces what is stored now, which is shown beside it."""
    stored = _values(project)
    form = EditProjectForm(data={**wanted, "version": project.version})
    shown = {**stored, "stage": Stage(stored["stage"]).label, "progress": f"{stored['progress']:g} %"}
    differences = [(name.capitalize(), shown[name]) for name in FIELDS if stored[name] != wanted[name]]
    changer = Project.objects.with_changer(Kind.PROJECT).only("id").get(pk=project.pk).changed_by
    more = {"is_conflict": True, "changer": changer, "differences": differences}
    return _form(request, project, form, status=412, **more)


@login_required
@require_GET
def project_cards(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """The cards that a page waits for, ``?shown=`` with commas between, as they are now."""
    project = project_of(request, project_id)
    shown = []
    for text in request.GET.get("shown", "").split(",")[:PAGE_SIZE]:
        try:
            shown.append(UUID(text))
        except ValueError:
            continue
    return cards_answer(request, project, shown, page_asked(request.GET.get("page")))


@login_required
@require_POST
@page_limited("calculate", "user_or_ip")
def project_calculate(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Have every draft of the project calculated; those that lack something are named, and why."""
    project = writable_project(request, project_id)
    drafts = Scenario.objects.filter(project=project, status=ScenarioStatus.DRAFT).order_by("order")
    started, refused = 0, []
    for key in list(drafts.values_list("pk", flat=True)[:MOST_STARTED]):
        with transaction.atomic():
            scenario = drafts.select_for_update(of=("self",)).filter(pk=key).first()
            if scenario is None:
                continue  # calculated or deleted meanwhile
            try:
                calculation_start(scenario=scenario, user=user_of(request))
                started += 1
            except InputError as error:
                refused.append((scenario.name, words_of(error)))
    if started:
        messages.success(request, f"{started} {'scenario is' if started == 1 else 'scenarios are'} being calculated.")
    for name, words in refused:
        messages.warning(request, f"“{name}” cannot be calculated yet: {words}")
    if not started and not refused:
        messages.info(request, "No scenario waits to be calculated.")
    return redirect("project", project.pk)


def words_of(error: InputError, most: int = 3) -> str:
    """The first of what is wrong with inputs, in a sentence."""
    told = [f"{label_within(problem.field)}: {reworded(problem.message)}" for problem in error.problems[:most]]
    rest = len(error.problems) - len(told)
    return "; ".join(told) + (f"; and {rest} more." if rest else ".")
