"""The page on which a scenario is made: its inputs, what they come to, and having them calculated."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods
from django_htmx.http import reswap, retarget

from accounts.choices import Kind
from accounts.models import AuditEntry
from config.http.limits import seconds_to_wait
from config.http.pages import htmx_of, said
from masterdata.catalogue import current
from projects.models import Project
from scenarios import services
from scenarios.access import locked_scenario
from scenarios.choices import RunState
from scenarios.engine import InputError, InputProblem
from scenarios.engine.fields import camel_path
from scenarios.engine.incentive import AMOUNT_UNITS
from scenarios.models import Calculation, Scenario
from scenarios.pages import conflicts, edits
from scenarios.pages.access import check_writable, may_write, user_of, writable_scenario
from scenarios.pages.forms import LISTS, Changes, Form
from scenarios.pages.preview import preview_of
from scenarios.pages.workspace import reader_name, run_standing_of, workspace
from scenarios.services import inputs_examine
from scenarios.services.running import NotActive

LONGEST_NAME = 200


@dataclass(slots=True)
class Outcome:
    """What came of a form that was sent.

    ``is_redrawn``: fields have come or gone, or hold something else than was typed, so the whole form is drawn anew.
    """

    changes: Changes = field(default_factory=Changes)
    refused: list[InputProblem] = field(default_factory=list)
    refused_paths: set[str] = field(default_factory=set)
    choosing: conflicts.Choosing | None = None
    differences: list[conflicts.Difference] = field(default_factory=list)
    theirs: str = ""
    chosen: dict[str, str] = field(default_factory=dict)
    by: str = ""
    at: Any = None
    is_redrawn: bool = False
    status: int = 200
    said: str = ""
    wait: int | None = None
    is_saved: bool = False


@login_required
@require_http_methods(["GET", "POST"])
def scenario_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The editor; a form that is sent to it is saved as a draft, whatever is missing yet."""
    if request.method == "POST":
        return _sent(request, pk)
    scenario = get_object_or_404(Scenario.objects.visible_to(request.user).for_editor(), pk=pk)
    return render(request, "scenarios/editor.html", workspace(scenario))


def _sent(request: HttpRequest, pk: UUID) -> HttpResponse:
    with transaction.atomic():
        outcome = _acted(request, _locked(request, pk))
    scenario = get_object_or_404(Scenario.objects.visible_to(request.user).for_editor(), pk=pk)
    is_plain = not htmx_of(request)
    is_done = outcome.status == 200 and not outcome.choosing and not outcome.changes.faults
    if is_plain and is_done:
        return redirect("scenario", pk=pk)
    context = workspace(scenario, changes=outcome.changes, refused=outcome.refused, refused_paths=outcome.refused_paths)
    chosen = [(one, outcome.chosen.get(one.key, one.default_choice)) for one in outcome.differences]
    context |= {"outcome": outcome, "rows": chosen, "sent_base": request.POST.get("base", ""), "is_plain": is_plain}
    if is_plain:
        status = 400 if outcome.status == 200 and not outcome.choosing else outcome.status
        return render(request, "scenarios/editor.html", context, status=status)
    template = "scenarios/editor/workspace.html" if outcome.is_redrawn else "scenarios/editor/live.html"
    response = render(request, template, context, status=outcome.status)
    if outcome.is_redrawn:
        reswap(retarget(response, "#workspace"), "outerHTML")
    if outcome.said:
        said(response, outcome.said)
    if outcome.wait is not None:
        response.headers["Retry-After"] = str(outcome.wait)
    return response


def _locked(request: HttpRequest, pk: UUID) -> Scenario:
    """The scenario for somebody who may change it, locked until the transaction ends."""
    scenario = locked_scenario(request.user, pk)
    check_writable(scenario)
    return scenario


def _acted(request: HttpRequest, scenario: Scenario) -> Outcome:
    sent = request.POST
    word, _, place = sent.get("action", "save").partition(":")
    if word == "cancel":
        return _cancelled(scenario)
    base = _json(sent.get("base"))
    if not isinstance(base, dict):
        return Outcome(
            status=400, is_redrawn=True, said="The form came without what it was made from: here it is anew."
        )
    form = Form(current(), base)
    outcome = Outcome(changes=form.changes(sent))
    if base != scenario.inputs:
        return _met_another(request, scenario, form, outcome)
    _forget_amounts(form, outcome)
    values = dict(outcome.changes.values)
    choices = {path: values.pop(path) for path in edits.CHOICES & values.keys()}
    if word == "restore":
        return _restored(scenario, _json(sent.get("restore")))
    _keep_what_can_be(scenario, form, values, outcome)
    if choices and word != "keep":
        _choose(scenario, choices, outcome, is_sure=word == "choose")
    elif choices:
        outcome.is_redrawn = True
    act = _ACTIONS.get(word)
    if act is not None:
        act(request, scenario, place, outcome)
    return outcome


def _forget_amounts(form: Form, outcome: Outcome) -> None:
    """An amount was given for a kind of incentive: for one that is counted in something else it is to be given anew."""
    changes = outcome.changes
    for path, kind in list(changes.values.items()):
        amount = form.fields.get(f"{path.removesuffix('.kind')}.amount") if path.endswith(".kind") else None
        if amount is None or AMOUNT_UNITS.get(str(kind), "") == amount.unit:
            continue
        if amount.given is not None or amount.path in changes.typed:
            outcome.said = f"The amount was for another kind: {amount.told()}. Give it anew."
        changes.typed.pop(amount.path, None)
        changes.faults.pop(amount.path, None)
        changes.values[amount.path] = None


def _json(text: str | None) -> Any:
    try:
        return orjson.loads(text or "")
    except orjson.JSONDecodeError:
        return None


def _keep_what_can_be(scenario: Scenario, form: Form, values: dict[str, Any], outcome: Outcome) -> None:
    """Save ``values``; those that are refused stay in their fields, and the others are saved without them."""
    while values:
        try:
            services.scenario_keep(scenario=scenario, inputs=edits.changed(form, values))
        except InputError as error:
            faulty = {path for path in values for problem in error.problems if _concerns(problem, path)}
            outcome.refused += [p for p in error.problems if not faulty or any(_concerns(p, path) for path in faulty)]
            outcome.refused_paths |= faulty or set(values)
            values = {path: value for path, value in values.items() if path not in faulty} if faulty else {}
        else:
            outcome.is_saved = True
            outcome.is_redrawn = any(path.endswith(".kind") for path in values)
            return


def _concerns(problem: InputProblem, path: str) -> bool:
    place = camel_path(problem.field)
    return place == path or path.startswith((f"{place}.", f"{place}[")) or place.startswith(f"{path}.")


def _replace(scenario: Scenario, inputs: dict[str, Any], outcome: Outcome) -> None:
    """Save inputs that stand in the form otherwise than they were typed."""
    outcome.is_redrawn = True
    try:
        services.scenario_keep(scenario=scenario, inputs=inputs)
        outcome.is_saved = True
    except InputError as error:
        outcome.refused += error.problems


def _choose(scenario: Scenario, choices: dict[str, Any], outcome: Outcome, *, is_sure: bool) -> None:
    """Another pathway, feedstock or country: what that moves is said first, unless it moves nothing."""
    before = Form(current(), scenario.inputs)
    inputs, lost = edits.with_choices(before, choices)
    brings = conflicts.choosing(before, Form(current(), inputs), lost)
    if is_sure or not before.defaults.values or not (brings.moved or brings.lost):
        _replace(scenario, inputs, outcome)
        outcome.said = "Chosen."
        return
    outcome.choosing = brings
    outcome.refused_paths |= choices.keys()


def _restored(scenario: Scenario, inputs: Any) -> Outcome:
    outcome = Outcome(is_redrawn=True)
    if isinstance(inputs, dict):
        _replace(scenario, inputs, outcome)
        outcome.said = "Undone." if not outcome.refused else "That cannot be brought back: see what is wrong with it."
    return outcome


def _revert(request: HttpRequest, scenario: Scenario, place: str, outcome: Outcome) -> None:
    outcome.changes.typed.pop(place, None)
    for path in [path for path in outcome.changes.typed if path.startswith((f"{place}.", f"{place}["))]:
        del outcome.changes.typed[path]
    _replace(scenario, edits.reverted(Form(current(), scenario.inputs), place), outcome)
    outcome.said = "Back to the default."


def _add(request: HttpRequest, scenario: Scenario, place: str, outcome: Outcome) -> None:
    name = (request.POST.get(f"new.{place}.own", "").strip() or request.POST.get(f"new.{place}", "").strip())[:200]
    if place not in LISTS or not name:
        outcome.said = "Choose what to add first."
        return
    _replace(scenario, edits.with_item(Form(current(), scenario.inputs), place, name), outcome)
    outcome.said = f"{name} added." if not outcome.refused else f"{name} cannot be added."


def _remove(request: HttpRequest, scenario: Scenario, place: str, outcome: Outcome) -> None:
    form = Form(current(), scenario.inputs)
    group = next((one for one in form.groups if place in {entry.path for entry in one.entries}), None)
    if group is None:
        return
    for path in [path for path in outcome.changes.typed if path.startswith(group.path)]:
        del outcome.changes.typed[path]
    _replace(scenario, edits.without_item(form, place), outcome)
    outcome.said = "Removed."


def _calculate(request: HttpRequest, scenario: Scenario, place: str, outcome: Outcome) -> None:
    if outcome.choosing or outcome.changes.faults or outcome.refused:
        outcome.said = "Not calculated: something in the form waits for you."
        return
    outcome.wait = seconds_to_wait(request, "calculate", "user_or_ip")
    if outcome.wait is not None:
        outcome.status = 429
        return
    try:
        calculation = services.calculation_start(scenario=scenario, user=user_of(request))
    except InputError:
        outcome.said = "Not calculated: something is missing, see the list."
    else:
        outcome.said = "Calculated." if calculation.state == RunState.SUCCEEDED else "Calculating."


def _cancelled(scenario: Scenario) -> Outcome:
    run = Calculation.objects.filter(scenario_id=scenario.pk).active().for_progress().first()
    if run is None:
        return Outcome(said="Nothing is being calculated.")
    try:
        services.calculation_cancel(calculation=run)
    except (NotActive, Calculation.DoesNotExist):
        return Outcome(said="It has ended already.")
    return Outcome(said="Cancelled.")


_ACTIONS: dict[str, Callable[[HttpRequest, Scenario, str, Outcome], None]] = {
    "revert": _revert,
    "add": _add,
    "remove": _remove,
    "calculate": _calculate,
}


def _met_another(request: HttpRequest, scenario: Scenario, form: Form, outcome: Outcome) -> Outcome:
    """Somebody has changed the inputs since this form was drawn: nothing of either is overwritten unasked."""
    sent, theirs = request.POST, scenario.inputs
    choices = {path: value for path, value in outcome.changes.values.items() if path in edits.CHOICES}
    values = {path: value for path, value in outcome.changes.values.items() if path not in choices}
    mine = edits.changed(form, values)
    if choices:
        mine, _ = edits.with_choices(Form(form.catalogue, mine), choices)
    found = conflicts.differences(form.catalogue, form.inputs, theirs, mine)
    chosen = {one.key: sent[f"choose:{one.key}"] for one in found if f"choose:{one.key}" in sent}
    word = sent.get("action", "")
    if word in ("settle", "take", "insist") and _json(sent.get("theirs")) == theirs:
        if word != "settle":
            chosen = {one.key: conflicts.MINE if word == "insist" else conflicts.THEIRS for one in found}
        settled = Outcome(changes=outcome.changes)
        _replace(scenario, conflicts.settled(theirs, mine, found, chosen), settled)
        settled.said = "Saved."
        return settled
    outcome.differences, outcome.chosen = found, chosen
    outcome.theirs, outcome.status = orjson.dumps(theirs).decode(), 412
    outcome.refused_paths = set(outcome.changes.typed)
    entry = (
        AuditEntry.objects.filter(project=scenario.project_id, target=scenario.pk, kind=Kind.SCENARIO)
        .order_by("-id")
        .first()
    )
    user = user_of(request)
    outcome.by = reader_name(user, entry.actor, entry.actor_name) if entry else "Somebody"
    outcome.at = entry.at if entry else scenario.updated_at
    return outcome


@login_required
@require_http_methods(["POST"])
def scenario_preview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the inputs come to with what is being typed, of which nothing is saved; no answer while that is nothing yet.

    Saving waits for a pause in typing: each letter would be a step to undo.
    """
    wait = seconds_to_wait(request, "typing", "user")
    if wait is not None:
        return _previewed_later(request, wait)
    scenario = writable_scenario(request, pk)
    base = _json(request.POST.get("base"))
    if not isinstance(base, dict):
        return HttpResponse(status=204)
    form = Form(current(), base)
    changes = form.changes(request.POST)
    examined = inputs_examine(edits.changed(form, changes.values))
    if changes.faults or examined.resolution is None:
        return HttpResponse(status=204)
    last = Calculation.objects.filter(scenario_id=scenario.pk).with_figures().first()
    context = {"previews": preview_of(examined.resolution, last), "last": last}
    return render(request, "scenarios/editor/preview.html", context)


def _previewed_later(request: HttpRequest, wait: int) -> HttpResponse:
    """Words above the figures, which stay; what saves the form next, or the next letter after that, brings new ones."""
    answer = render(request, "scenarios/editor/preview_waits.html", {"wait": wait}, status=429)
    answer.headers["Retry-After"] = str(wait)
    return reswap(retarget(answer, "#waits"), "innerHTML")


@login_required
@require_http_methods(["GET"])
def scenario_run(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How the calculation stands, for a page that waits for it; once it has ended, what it came to as well."""
    scenario = get_object_or_404(Scenario.objects.visible_to(request.user).for_editor(), pk=pk)
    standing = run_standing_of(scenario)
    if standing.progress is not None:
        context = {"scenario": scenario, "standing": standing, "may_write": may_write(scenario)}
        return render(request, "scenarios/editor/run.html", context)
    response = render(request, "scenarios/editor/ended.html", workspace(scenario))
    words = {"calculated": "Calculated.", "cancelled": "Cancelled."}
    return said(response, words.get(standing.state, "The calculation has ended."))


@login_required
@require_http_methods(["POST"])
def scenario_rename(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Another name, unless somebody has changed it since it was shown."""
    name, was = request.POST.get("name", "").strip(), request.POST.get("was", "")
    with transaction.atomic():
        scenario = _locked(request, pk)
        problem = _problem_of_name(request, scenario, name, was)
        if problem is None and name != scenario.name:
            services.scenario_update(scenario=scenario, name=name)
    if not htmx_of(request) and problem is None:
        return redirect("scenario", pk=pk)
    scenario = get_object_or_404(Scenario.objects.visible_to(request.user).for_editor(), pk=pk)
    context = {"scenario": scenario, "may_write": True, "problem": problem, "typed": name if problem else None}
    if not htmx_of(request):
        return render(request, "scenarios/editor.html", {**workspace(scenario), **context}, status=400)
    response = render(request, "scenarios/editor/name.html", context, status=400 if problem else 200)
    return said(response, "Renamed.") if problem is None else response


def _problem_of_name(request: HttpRequest, scenario: Scenario, name: str, was: str) -> str | None:
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        return f"A name has 1 to {LONGEST_NAME} characters."
    if was != scenario.name and name != scenario.name:
        return f"It is called {scenario.name} meanwhile. Send your name again to replace that."
    return None


@login_required
@require_http_methods(["POST"])
def scenario_copy(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A copy in the same project, which is then shown."""
    scenario = writable_scenario(request, pk)
    try:
        copy = services.scenario_duplicate(scenario=scenario, user=user_of(request))
    except (Project.DoesNotExist, Scenario.DoesNotExist):
        raise Http404 from None
    return redirect("scenario", pk=copy.pk)
