"""What is done with one scenario where its project is shown: made, moved, calculated, cancelled, deleted."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from config.http.pages import htmx_of, page_limited, said
from masterdata.catalogue import current
from projects.models import Project
from scenarios import services
from scenarios.engine import InputError
from scenarios.models import Calculation, Scenario
from scenarios.pages.access import check_writable, project_of, user_of, writable_project, writable_scenario
from scenarios.pages.cards import cards_answer, page_asked
from scenarios.pages.project import all_cards_answer, words_of
from scenarios.pages.project_forms import NEW_NAME, NewScenarioForm, designed_feedstocks, first_choices
from scenarios.services.running import NotActive


@login_required
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def new_scenario_page(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """Pathway, feedstock and country of a new scenario; it leads on to all its inputs.

    Asked by htmx it is the fields alone, with the feedstocks of the pathway that was just chosen.
    """
    project = writable_project(request, project_id)
    catalogue = current()
    if request.method == "POST":
        form = NewScenarioForm(request.POST, catalogue=catalogue)
        if form.is_valid():
            chosen = form.cleaned_data
            inputs = {
                "pathway": chosen["pathway"],
                "country": chosen["country"],
                "feedstocks": [{"feedstock": chosen["feedstock"]}],
            }
            try:
                scenario = services.scenario_create(
                    project=project, user=user_of(request), name=chosen["name"], inputs=inputs
                )
            except InputError as error:
                form.add_error(None, words_of(error))
            except Project.DoesNotExist:
                raise Http404 from None
            else:
                return redirect("scenario", scenario.pk)
        return _new_scenario(request, project, form, status=422)
    chosen = first_choices(catalogue, request.GET.get("pathway", "").replace("\0", ""))
    asked = {name: request.GET[name] for name in ("name", "country") if name in request.GET}
    number = Scenario.objects.filter(project=project).count()
    name = NEW_NAME if number == 0 else f"Scenario {number + 1}"
    form = NewScenarioForm(initial={"name": name, **chosen, **asked}, catalogue=catalogue)
    return _new_scenario(request, project, form)


def _new_scenario(request: HttpRequest, project: Project, form: NewScenarioForm, **options: Any) -> HttpResponse:
    pathway = form["pathway"].value() or ""
    context = {
        "project": project,
        "form": form,
        "has_design": bool(designed_feedstocks(current(), pathway)),
        "section": "projects",
    }
    part = htmx_of(request) and request.method == "GET"
    page = "scenarios/project/new_scenario_fields.html" if part else "scenarios/project/new_scenario.html"
    return render(request, page, context, **options)


@login_required
@require_POST
def scenario_place(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Move a scenario up or down by one, by ``direction``."""
    scenario = writable_scenario(request, pk)
    step = {"up": -1, "down": 1}.get(request.POST.get("direction", ""), 0)
    before = Scenario.objects.filter(project=scenario.project_id, order__lt=scenario.order).count()
    if step:
        try:
            services.scenario_move(scenario=scenario, order=max(0, before + step))
        except (Project.DoesNotExist, Scenario.DoesNotExist):
            raise Http404 from None
    if not htmx_of(request):
        return redirect("project", scenario.project_id)
    return all_cards_answer(request, project_of(request, scenario.project_id), request.POST.get("page", ""))


@login_required
@require_http_methods(["GET", "POST"])
def scenario_remove_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Says what goes with a scenario, and deletes it: there is no way back."""
    scenario = writable_scenario(request, pk)
    if request.method == "GET":
        run_count = Calculation.objects.filter(scenario=scenario).count()
        context = {"scenario": scenario, "run_count": run_count, "section": "projects"}
        return render(request, "scenarios/project/remove_scenario.html", context)
    with transaction.atomic():
        locked = Scenario.objects.visible_to(request.user).select_for_update(of=("self",))
        services.scenario_delete(scenario=get_object_or_404(locked, pk=pk))
    messages.success(request, f"“{scenario.name}” was deleted.")
    return redirect("project", scenario.project_id)


@login_required
@require_POST
@page_limited("calculate", "user_or_ip")
def scenario_start(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Have a scenario calculated on its saved inputs."""
    with transaction.atomic():
        locked = Scenario.objects.visible_to(request.user).select_for_update(of=("self",))
        scenario = get_object_or_404(locked, pk=pk)
        check_writable(scenario)
        try:
            services.calculation_start(scenario=scenario, user=user_of(request))
        except InputError as error:
            fault = f"“{scenario.name}” cannot be calculated yet: {words_of(error)}"
            if htmx_of(request):
                return said(HttpResponse(status=204), fault)
            messages.warning(request, fault)
    return _changed(request, scenario)


@login_required
@require_POST
def scenario_stop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Cancel what is queued or running for a scenario; it may have ended before."""
    scenario = writable_scenario(request, pk)
    run = Calculation.objects.filter(scenario=scenario).active().for_progress().first()
    if run is not None:
        try:
            services.calculation_cancel(calculation=run)
        except NotActive:
            pass
        except Calculation.DoesNotExist:
            raise Http404 from None
    return _changed(request, scenario)


def _changed(request: HttpRequest, scenario: Scenario) -> HttpResponse:
    if not htmx_of(request):
        return redirect("project", scenario.project_id)
    page = page_asked(request.POST.get("page"))
    return cards_answer(request, project_of(request, scenario.project_id), [scenario.pk], page)
