"""Scenarios of a project side by side: figures, inputs that differ, charts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import push_url

from config.charts import Chart
from config.figures import Currency, shown_unit
from config.http.pages import htmx_of
from masterdata.currencies import shown_currency
from projects.models import Project
from scenarios.engine.fields import Declaration, Kind, walk
from scenarios.engine.inputs import ScenarioInputs
from scenarios.models import Calculation, Scenario
from scenarios.pages import comparison_charts as charts
from scenarios.pages.access import may_write, project_of
from scenarios.pages.kpis import HEADLINE, Kpi, best_of, reason_of
from scenarios.pages.numbers import PERCENT, is_percent
from scenarios.pages.resolved import in_words
from scenarios.pages.words import choice_label, declared, label_of
from scenarios.services import scenarios_compare

# More columns than these nobody reads.
MOST_COMPARED = 8
# Scenarios that can be ticked; who has more names them in the address.
MOST_LISTED = 100
NOT_CALCULATED = "Not calculated yet."
ORIGINS = {"user": "yours", "default": "default", "derived": "derived"}


@dataclass(frozen=True, slots=True)
class Cell:
    """What a row of the comparison says of one scenario. ``difference`` is against the first one, in words."""

    value: Any
    unit: str = "1"
    reason: str = ""
    is_best: bool = False
    difference: str = ""
    origin: str = ""
    source: str = ""

    @property
    def is_to_come(self) -> bool:
        return self.value is None and self.reason == NOT_CALCULATED


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    cells: list[Cell]
    kpi: Kpi | None = None


@login_required
@require_GET
@vary_on_headers("HX-Request")
def comparison_page(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """The ticked scenarios side by side; the address says which, and whether differences to the first are told."""
    project = project_of(request, project_id)
    listed = list(Scenario.objects.filter(project=project).order_by("order").only("id", "name", "status")[:MOST_LISTED])
    chosen, is_cut = _chosen(request, listed)
    with_differences = request.GET.get("differences") == "1"
    context: dict[str, Any] = {
        "project": project,
        "may_write": may_write(project),
        "section": "projects",
        "tab": "comparison",
        "listed": [(scenario, scenario.pk in chosen) for scenario in listed],
        "is_cut": is_cut,
        "most": MOST_COMPARED,
        "with_differences": with_differences,
    }
    context |= _compared(project, chosen, with_differences, shown_currency(request)["currency"])
    if not htmx_of(request):
        return render(request, "scenarios/comparison/page.html", context)
    ticked = ",".join(str(key) for key in chosen)
    address = f"{request.path}?scenarios={ticked}{'&differences=1' if with_differences else ''}"
    return push_url(render(request, "scenarios/comparison/compared.html", context), address)


def _chosen(request: HttpRequest, listed: Sequence[Scenario]) -> tuple[list[UUID], bool]:
    """The ticked scenarios in their order, and whether some were left out since there were too many.

    The first ones where the address names none at all; those that are not of this project are passed over.
    """
    if "scenarios" not in request.GET:
        keys = [scenario.pk for scenario in listed]
        return keys[:MOST_COMPARED], False
    named = {text.strip().lower() for part in request.GET.getlist("scenarios") for text in part.split(",")}
    keys = [scenario.pk for scenario in listed if str(scenario.pk) in named]
    return keys[:MOST_COMPARED], len(keys) > MOST_COMPARED


def _compared(project: Project, chosen: Sequence[UUID], with_differences: bool, currency: Currency) -> dict[str, Any]:
    if not chosen:
        return {"columns": []}
    found = list(Scenario.objects.filter(project=project, pk__in=chosen).with_result().order_by("order"))
    compared = scenarios_compare(scenarios=found)
    runs = {str(scenario.pk): scenario.calculated for scenario in found}
    names = _distinct({str(scenario.pk): scenario.name for scenario in found})
    results = {names[key]: run.result for key, run in runs.items() if run is not None}
    return {
        "columns": [(scenario, names[str(scenario.pk)]) for scenario in found],
        "kpi_rows": _kpi_rows(compared, runs, with_differences),
        "input_rows": _input_rows(compared["inputs"], runs),
        "result_count": len(results),
        "charts": _charts(results, [run for run in runs.values() if run is not None], currency),
    }


def _distinct(names: Mapping[str, str]) -> dict[str, str]:
    """The names, with a number where one is another's as well: charts and tables go by them."""
    taken: dict[str, str] = {}
    for key, name in names.items():
        given, number = name, 2
        while given in taken.values():
            given, number = f"{name} ({number})", number + 1
        taken[key] = given
    return taken


def _kpi_rows(compared: Mapping[str, Any], runs: Mapping[str, Calculation | None], with_differences: bool) -> list[Row]:
    rows = []
    for kpi in HEADLINE:
        values = compared["kpis"][kpi.column]
        first = next(iter(values.values()))
        best = best_of(compared, kpi.column)
        cells = []
        for place, (key, run) in enumerate(runs.items()):
            reason = reason_of(run.result, kpi.path) if run and run.result else NOT_CALCULATED
            told = _difference(values[key], first, kpi.unit) if with_differences and place else ""
            cells.append(Cell(values[key], kpi.unit, reason, key in best, told))
        rows.append(Row(kpi.label, cells, kpi))
    return rows


def _difference(value: float | None, first: float | None, unit: str) -> str:
    """ "+12.5 %" of what the first has; of rates in points; empty where either is not known, or the first is 0."""
    if value is None or first is None:
        return ""
    if value == first:
        return "same"
    if unit == "%":
        return f"{(value - first) * 100:+.3g} points".replace("-", "−")
    return f"{(value - first) / abs(first):+.1%}".replace("%", " %").replace("-", "−") if first else ""


@cache
def _declarations() -> dict[str, Declaration]:
    return dict(walk(ScenarioInputs))


def _input_rows(rows: Sequence[Mapping[str, Any]], runs: Mapping[str, Calculation | None]) -> list[Row]:
    snapshots = {key: run.resolved_inputs if run else None for key, run in runs.items()}
    return [
        Row(_label(row["path"], [taken for taken in snapshots.values() if taken]),
            [_input_cell(row["path"], taken) for taken in snapshots.values()])
        for row in rows
    ]  # fmt: skip


def _input_cell(path: str, taken: Mapping[str, Any] | None) -> Cell:
    if taken is None:
        return Cell(None, reason=NOT_CALCULATED)
    entry = taken.get(path)
    if entry is None:
        return Cell(None, reason="This scenario has no such input.")
    value, unit = entry["value"], entry["unit"]
    item = _declarations().get(declared(path))
    if item is not None and isinstance(value, int | float) and is_percent(item.spec, unit):
        unit = PERCENT[unit]
    elif isinstance(value, list):
        value, unit = in_words(path, value), shown_unit(unit)
    elif isinstance(value, str) and item is not None and item.spec.kind is Kind.CHOICE:
        value = choice_label(value)
    elif isinstance(value, int) and unit == "year" and value > 1900:
        value, unit = str(value), "1"  # a date is not counted in thousands
    reason = "" if value is not None else "Not known, or not used."
    return Cell(value, unit, reason, origin=ORIGINS.get(entry["origin"], ""), source=_source(entry))


def _source(entry: Mapping[str, Any]) -> str:
    return f"{entry['source']} ({entry['confidence']})" if entry.get("source") else "entered in this scenario"


def _label(path: str, snapshots: Sequence[Mapping[str, Any]]) -> str:
    """The label of an input behind that of what it belongs to: "Used cooking oil: Price", "Finance and tax: Loan"."""
    head, bracket, rest = path.partition("[")
    if not bracket:
        group, dot, _ = path.partition(".")
        return f"{label_of(group)}: {label_of(path)}" if dot else label_of(path)
    number = rest.partition("]")[0]
    item = f"{head}[{number}].{_SINGULAR[head]}"
    names = {taken[item]["value"] for taken in snapshots if item in taken}
    alone = f"{label_of(head)} {int(number) + 1}"
    return f"{names.pop() if len(names) == 1 else alone}: {label_of(path)}"


_SINGULAR = {"feedstocks": "feedstock", "utilities": "utility", "products": "product", "incentives": "incentive"}


def _charts(results: Mapping[str, Any], runs: Sequence[Calculation], currency: Currency) -> list[Chart]:
    if not results:
        return []
    entries = (run.resolved_inputs.get("carbon.fossilComparator", {}) for run in runs)
    comparators = sorted({entry["value"] for entry in entries if entry.get("value") is not None})
    drawn = [
        charts.lcop_by_item(results, currency),
        charts.cumulative_flows(results, currency),
        charts.carbon_by_stage(results, comparators),
        charts.value_against_price(results, currency),
    ]
    return [chart for chart in drawn if chart is not None]
