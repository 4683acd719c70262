"""The page that a share link leads to."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.http.pages import page_limited
from projects.choices import Stage
from projects.models import Project
from scenarios import services
from scenarios.access import UNTOLD, shared_project
from scenarios.choices import ScenarioStatus
from scenarios.engine.fields import camel_path
from scenarios.pages.kpis import HEADLINE, best_of
from scenarios.wording import scenario_wording


@require_safe
@never_cache
@page_limited("anon", "ip")
def shared_page(request: HttpRequest, token: str) -> HttpResponse:
    """A project, read-only: its scenarios side by side, and the inputs in which they differ."""
    try:
        shown = services.project_shown(project_id=shared_project(token).pk)
    except Project.DoesNotExist:
        raise Http404 from None
    keys = [scenario["id"] for scenario in shown["scenarios"]]
    compared = shown["comparison"]
    context = {
        "project": shown["project"],
        "stage": Stage(shown["project"]["stage"]).label,
        "scenarios": shown["scenarios"],
        "kpis": [(kpi, list(_figures(compared, camel_path(kpi.column), shown["scenarios"]))) for kpi in HEADLINE],
        "inputs": [_input(row, keys) for row in compared["inputs"]],
    }
    response = render(request, "scenarios/shared.html", context)
    for name, value in UNTOLD.items():
        response.headers[name] = value
    return response


def _figures(compared: dict[str, Any], name: str, scenarios: list[dict[str, Any]]) -> Iterator[tuple[Any, bool, bool]]:
    """Of each scenario the value, whether it is the best, and whether there is none because nothing is calculated."""
    best = best_of(compared, name)
    for scenario in scenarios:
        value = compared["kpis"][name][scenario["id"]]
        is_to_come = value is None and scenario["status"] != ScenarioStatus.CALCULATED
        yield value, scenario["id"] in best, is_to_come


def _input(row: dict[str, Any], keys: list[str]) -> tuple[str, list[str]]:
    path = f"inputs.{row['path']}"
    return scenario_wording(path, None)[0], [
        scenario_wording(path, row["values"][key])[1] if key in row["values"] else "" for key in keys
    ]
