"""What a calculation says: figures, charts, cash flow, carbon, incentives, and every value that went in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRefresh

from config.figures import Currency, told
from masterdata.currencies import shown_currency
from scenarios.engine.incentive import CAPITAL_KINDS
from scenarios.engine.model import GRAPH
from scenarios.models import Calculation
from scenarios.pages import charts, kpis
from scenarios.pages.cash_flow import BASES, Table, as_csv, table_of
from scenarios.pages.kpis import Figure
from scenarios.pages.resolved import resolved_inputs
from scenarios.pages.standing import ResultStanding, result_standing_of
from scenarios.pages.words import choice_label, sentence

# Which part of the page is asked for, by the element it is put into.
FRAGMENTS = {"cash-flow": "scenarios/parts/cash_flow.html", "inputs-table": "scenarios/parts/inputs_used.html"}


@login_required
@require_http_methods(["GET"])
def result_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The result of a scenario, or of one of its runs; parts of it on their own for htmx."""
    standing = result_standing_of(request, pk)
    target = request.htmx.target if request.htmx else None  # type: ignore[attr-defined]
    if target == "standing":
        return _standing_part(request, standing)
    context: dict[str, Any] = {"section": "projects", "standing": standing, "scenario": standing.scenario}
    run = standing.run
    if run is None:
        return render(request, "scenarios/result.html", context)
    currency = _currency(request)
    if target != "inputs-table":
        context |= _cash_flow(request, run, currency)
    if target != "cash-flow":
        context |= _inputs_used(request, run)
    if target in FRAGMENTS:
        return render(request, FRAGMENTS[target], context)
    return render(request, "scenarios/result.html", context | _figures(run, currency))


def _standing_part(request: HttpRequest, standing: ResultStanding) -> HttpResponse:
    """How the run stands; once it has ended the page is read again."""
    if standing.progress is None:
        return HttpResponseClientRefresh()
    return render(request, "scenarios/parts/standing.html", {"standing": standing, "scenario": standing.scenario})


def _currency(request: HttpRequest) -> Currency:
    found: Currency = shown_currency(request)["currency"]
    return found


def _figures(run: Calculation, currency: Currency) -> dict[str, Any]:
    result: Any = run.result
    comparator = run.resolved_inputs.get("carbon.fossilComparator", {}).get("value")
    basis = result["financials"]["basis"]
    drawn = (charts.lcop_waterfall(result, currency), charts.cost_and_revenue(result, currency))
    return {
        "result": result,
        "groups": [
            ("Cost", "cost", list(kpis.cards(result, kpis.COST))),
            (f"Return of the {'project' if basis == 'unlevered' else 'owners'} ({basis})", "return",
             list(kpis.cards(result, kpis.RETURN))),
            ("Carbon", "carbon", list(kpis.cards(result, kpis.CARBON))),
        ],
        "cost_charts": [chart for chart in (*drawn, charts.production(result)) if chart is not None],
        "carbon_chart": charts.carbon_by_stage(result, comparator),
        "schemes": list(schemes(result, run.resolved_inputs)),
        "incentives": list(incentives(result)),
    }  # fmt: skip


def _basis(request: HttpRequest, result: Mapping[str, Any]) -> str:
    asked = request.GET.get("basis", "")
    return asked if asked in BASES else result["financials"]["basis"]


def _cash_flow(request: HttpRequest, run: Calculation, currency: Currency) -> dict[str, Any]:
    result: Any = run.result
    basis = _basis(request, result)
    return {
        "bases": BASES,
        "basis": basis,
        "driving_basis": result["financials"]["basis"],
        "cash_flow_chart": charts.cash_flow_by_year(result, currency, basis),
        "cash_flow": table_of(result, basis, currency),
        "cash_flow_reason": kpis.reason_of(result, "financials.cashFlowTable"),
    }


def _inputs_used(request: HttpRequest, run: Calculation) -> dict[str, Any]:
    search, only_changed = request.GET.get("search", "")[:100], request.GET.get("inputs") != "all"
    rows = resolved_inputs(run.resolved_inputs, search=search, only_changed=only_changed)
    return {"inputs": rows, "inputs_total": len(run.resolved_inputs), "search": search, "only_changed": only_changed}


@dataclass(frozen=True, slots=True)
class Scheme:
    """What a scheme says of the fuel: ``facts`` by name, whether it is eligible, under which name that is explained."""

    name: str
    asks: str
    facts: tuple[tuple[str, Figure], ...]
    eligible: Figure
    trace: str


def schemes(result: Mapping[str, Any], inputs: Mapping[str, Mapping[str, Any]]) -> Iterator[Scheme]:
    """The fuel under CORSIA, RED and 45Z, and in the blend."""

    def at(path: str, unit: str = "1") -> Figure:
        return kpis.figure_at(result, f"carbon.{path}", unit)

    route = Figure(choice_label(result["carbon"]["corsia"]["route"]), "1", "")
    counted = at("corsia.value", "gCO2e/MJ")
    yield Scheme(
        "CORSIA", _below("corsia_minimum_reduction", "corsia_baseline_g_per_mj"), (
            ("Value used", counted), ("Route", route),
            ("Default of the table", at("corsia.defaultValue", "gCO2e/MJ")),
            ("Emissions reduction", at("corsia.emissionsReduction", "tCO2e/year")),
        ), at("corsia.eligible"), "corsiaEligible",
    )  # fmt: skip
    yield Scheme(
        "EU RED", _below("red_minimum_reduction", "red_comparator_g_per_mj"), (("Value used", counted),),
        at("red.eligible"), "redEligible",
    )  # fmt: skip
    yield Scheme(
        "US 45Z", _stated("Below {}", "us45z_ceiling_kg_per_mmbtu"),
        (("Intensity", at("us45z.intensity", "kgCO2e/mmBtu")),),
        at("us45z.eligible"), "us45zEligible",
    )  # fmt: skip
    wanted = inputs.get("carbon.blendShare", {}).get("value")
    share = Figure(wanted, "%", "" if wanted is not None else "No share in the blend is given.")
    yield Scheme(
        "Blend (ASTM)", "No more than the annex of the pathway allows",
        (("Wanted share", share), ("Limit", at("blend.limit", "%"))), at("blend.ok"), "blendAllowed",
    )  # fmt: skip


def _below(reduction: str, comparator: str) -> str:
    least = GRAPH.constants[reduction].value
    return _stated(f"At least {least:.0%} below {{}}".replace("%", " %"), comparator)


def _stated(words: str, constant: str) -> str:
    found = GRAPH.constants[constant]
    return words.format(" ".join(told(found.value, found.unit)))


@dataclass(frozen=True, slots=True)
class Support:
    """An incentive as it is told: what it pays, or why it does not."""

    name: str
    kind: str
    per_tonne: Figure
    full_year: Figure
    years: int
    total: Figure
    is_grant: bool
    is_paid: bool
    why: str


def incentives(result: Mapping[str, Any]) -> Iterator[Support]:
    """The stack of incentives in its order."""
    for index, item in enumerate(result["financials"]["incentives"]):

        def figure(name: str, unit: str, item: Mapping[str, Any] = item, index: int = index) -> Figure:
            value = item[name]
            reason = "" if value is not None else kpis.reason_of(result, f"financials.incentives[{index}].{name}")
            return Figure(value, unit, reason)

        total, note = figure("total", "USD"), item["note"]
        why = total.reason or sentence(note or "")
        yield Support(
            item["incentive"], choice_label(item["kind"]), figure("perTonne", "USD/t"), figure("fullYear", "USD/year"),
            item["years"], total, item["kind"] in CAPITAL_KINDS, bool(total.value), why,
        )  # fmt: skip


@login_required
@require_http_methods(["GET"])
def cash_flow_csv(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The cash-flow table in US dollars, every value to its last digit."""
    standing = result_standing_of(request, pk)
    run = standing.run
    if run is None:
        raise Http404
    result: Any = run.result
    table: Table | None = table_of(result, _basis(request, result))
    if table is None:
        raise Http404
    name = slugify(standing.scenario.name)[:80] or "scenario"
    answer = HttpResponse(as_csv(table), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-cash-flow-{table.basis}.csv"'
    return answer
