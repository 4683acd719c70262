"""Why a number is what it is, as a tree that opens level by level."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from scenarios import services
from scenarios.pages.kpis import EXPLAINED
from scenarios.pages.standing import result_standing_of
from scenarios.pages.trace_tree import ENDS, LEVELS, Tree
from scenarios.services.calculations import EarlierEngine, UnknownKpi


@login_required
@require_http_methods(["GET"])
def trace_page(request: HttpRequest, pk: UUID, kpi: str) -> HttpResponse:
    """The trace of a figure; what stands below one of its nodes (``?at=``), all of it, or what a search finds."""
    standing = result_standing_of(request, pk)
    run = standing.run
    if kpi not in EXPLAINED:
        raise Http404
    if run is None:
        return redirect("scenario-result", pk)
    context: dict[str, Any] = {
        "section": "projects", "standing": standing, "scenario": standing.scenario, "kpi": kpi, "title": EXPLAINED[kpi],
        "ends": ENDS,
        "address": reverse("scenario-trace", args=[pk, kpi]),
        "of_run": f"&run={run.pk}" if standing.is_chosen else "",
    }  # fmt: skip
    target = request.htmx.target if request.htmx else None  # type: ignore[attr-defined]
    try:
        root = services.calculation_explain(calculation=run, kpi=kpi)
    except UnknownKpi:
        raise Http404 from None
    except EarlierEngine:
        return render(request, _template(target), context | {"is_earlier": True}, status=409)
    tree = Tree(root, run.resolved_inputs)
    if request.htmx and target is None:  # type: ignore[attr-defined]
        return render(request, "scenarios/parts/trace_below.html", context | {"nodes": _at(request, tree).inputs})
    return render(request, _template(target), context | _tree(request, tree))


def _template(target: str | None) -> str:
    return {"trace-content": "scenarios/parts/trace.html", "trace-tree": "scenarios/parts/trace_tree.html"}.get(
        target or "", "scenarios/trace.html"
    )


def _at(request: HttpRequest, tree: Tree) -> Any:
    """The node asked for, with what stands below it. Raises Http404 where there is none."""
    node = tree.find(request.GET.get("at", ""))
    if node is None:
        raise Http404
    return tree.shown(node, levels=LEVELS)


def _tree(request: HttpRequest, tree: Tree) -> dict[str, Any]:
    search, is_whole = request.GET.get("search", "").strip()[:100], request.GET.get("all") == "1"
    if "at" in request.GET:
        node: Any = _at(request, tree)
    elif search:
        node = tree.found(tree.root, search.casefold())
    else:
        node = tree.everything(tree.root) if is_whole else tree.shown(tree.root)
    return {"node": node, "search": search, "is_whole": is_whole, "is_part": "at" in request.GET}
