"""What a calculation says: charts that add up, figures as they are stored, reasons where there is none."""

import csv
import html
import io
from collections.abc import Mapping
from typing import Any

import pytest
from django.db import transaction
from django.db.models.functions import Now
from django.test import Client

from accounts.models import User
from config.charts import Chart
from config.figures import Currency
from masterdata.currencies import currency_of
from scenarios import services
from scenarios.choices import RunState, ScenarioStatus
from scenarios.engine import evaluate, resolve
from scenarios.engine.results import report
from scenarios.models import Calculation, Scenario
from scenarios.pages import charts, kpis
from scenarios.pages.cash_flow import table_of
from scenarios.pages.resolved import in_order
from scenarios.pages.result import schemes
from scenarios.services import scenario_update
from tests.bench.hefa import HEFA
from tests.scenarios.cases import HEFA as UCO
from tests.scenarios.cases import SMALL, calculate, scenario_make
from tests.scenarios.pages import NOBODYS, address, figures, htmx, signed_in, stored, text_of, warmed
from tests.scenarios.runs import start, work
from tests.scenarios.test_queries import calculations_like

RINGGIT = Currency("MYR", 4.2, "a test")
DEBT = {"finance": {**HEFA["finance"], "basis": "levered", "debt": {"share": 0.6, "interest": 0.06, "term": 12}}}


def result_of(**changes: Any) -> dict[str, Any]:
    return report(evaluate(resolve({**HEFA, **changes}).inputs))


def drawn(chart: Chart | None) -> dict[str, float | None]:
    """The first series by category."""
    assert chart is not None
    return dict(zip(chart.categories, chart.series[0].values, strict=True))


def test_items_of_the_levelised_cost_sum_to_it_and_the_waterfall_ends_at_the_net_one() -> None:
    result = result_of()
    economics = result["technoEconomics"]

    steps = drawn(charts.lcop_waterfall(result))

    assert sum(value or 0 for _, value in charts.lcop_items(result)) == pytest.approx(economics["lcop"], rel=1e-12)
    assert (steps["LCOP"], steps["Net LCOP"]) == (economics["lcop"], economics["netLcop"])
    totals = ("LCOP", "Net LCOP")
    assert sum(v or 0 for name, v in steps.items() if name not in totals) == pytest.approx(economics["netLcop"])
    assert steps["Diesel"] == pytest.approx(-economics["revenueBreakdown"]["Diesel"] / economics["totalProduction"])


def test_waterfall_says_in_words_what_it_shows() -> None:
    chart = charts.lcop_waterfall(result_of())

    assert chart is not None
    assert "1,495.81 USD/t" in chart.description
    assert "Used cooking oil 75 %" in chart.description
    assert "net LCOP is 1,657.52 USD/t" in chart.description
    assert chart.totals == ["LCOP", "Net LCOP"]


def test_waterfall_of_a_plant_with_one_product_has_nothing_to_take_off() -> None:
    jet = [{**HEFA["products"][0], "yield": 1}]

    steps = drawn(charts.lcop_waterfall(result_of(products=jet)))

    assert [*steps][-2:] == ["LCOP", "Net LCOP"]
    assert steps["LCOP"] == pytest.approx(steps["Net LCOP"])


def test_levelised_cost_that_is_not_defined_is_not_drawn() -> None:
    feedstocks = [{**HEFA["feedstocks"][0], "price": None}]

    result = result_of(feedstocks=feedstocks)

    assert result["technoEconomics"]["lcop"] is None
    assert charts.lcop_items(result) == []
    assert charts.lcop_waterfall(result) is None
    assert charts.cash_flow_by_year(result) is None
    assert "It sells for" in charts.cost_and_revenue(result).description
    assert "costs" not in charts.cost_and_revenue(result).description


def test_without_a_product_of_its_name_the_waterfall_ends_at_the_gross_cost() -> None:
    result = result_of(finance={**HEFA["finance"], "pricedProduct": "Kerosene"})

    assert result["technoEconomics"]["netLcop"] is None
    assert [*drawn(charts.lcop_waterfall(result))][-1] == "LCOP"


def test_cost_and_revenue_sum_to_the_totals() -> None:
    premium = {"incentive": "Premium", "kind": "price_premium", "amount": 50}
    result = result_of(incentives=[premium], carbon={**HEFA["carbon"], "carbonPrice": 60})
    economics = result["technoEconomics"]

    chart = charts.cost_and_revenue(result)

    costs, earned = (sum(value or 0 for value in one.values) for one in chart.series)
    assert costs == pytest.approx(economics["totalOpex"])
    expected = economics["totalRevenue"] + economics["carbonRevenue"] + 320_000 * 50
    assert earned == pytest.approx(expected)
    assert [*chart.categories][-2:] == ["Carbon revenue", "Premium"]


@pytest.mark.parametrize("changes", [{}, DEBT], ids=["unlevered", "levered"])
def test_cash_flow_is_that_of_the_table_with_payback_marked(changes: Mapping[str, Any]) -> None:
    result = result_of(**changes)
    financials = result["financials"]
    other = "levered" if financials["basis"] == "unlevered" else "unlevered"

    own, turned = charts.cash_flow_by_year(result), charts.cash_flow_by_year(result, basis=other)

    assert own is not None
    assert turned is not None
    table = financials["cashFlowTable"]
    flows, cumulative, discounted = (one.values for one in own.series)
    assert [*own.categories] == list(range(21))
    assert flows == [row["cashFlow"] for row in table]
    assert cumulative == [row["cumulative"] for row in table]
    assert discounted[-1] == pytest.approx(financials["npv"])
    assert (own.marks[0].at, own.marks[0].label[:7]) == (-(-financials["paybackYears"] // 1), "Payback")
    assert turned.series[0].values == [row[other]["cashFlow"] for row in table]


def test_plant_that_never_pays_back_has_no_mark_and_says_so() -> None:
    result = result_of(feedstocks=[{**HEFA["feedstocks"][0], "price": 3000}])

    chart = charts.cash_flow_by_year(result)

    assert chart is not None
    assert chart.marks == []
    assert "not paid back" in chart.description


def test_carbon_stages_sum_to_the_intensity_beside_the_comparator() -> None:
    carbon = {**HEFA["carbon"], "landUseChange": 7, "avoided": 3}
    result = result_of(carbon=carbon)
    intensity = result["carbon"]["carbonIntensity"]

    chart = charts.carbon_by_stage(result, 89.0)

    steps = drawn(chart)
    assert steps.pop("Carbon intensity") == intensity
    assert sum(value or 0 for value in steps.values()) == pytest.approx(intensity)
    assert steps["Avoided elsewhere"] == -3
    assert [(mark.at, mark.axis) for mark in chart.marks] == [(89.0, "value")]
    assert "less than the fossil comparator of 89" in chart.description


def test_missing_stage_is_left_open_and_told() -> None:
    feedstocks = [{**HEFA["feedstocks"][0], "carbonIntensity": None}]

    chart = charts.carbon_by_stage(result_of(feedstocks=feedstocks), 89.0)

    assert drawn(chart)["Used cooking oil"] is None
    assert "not defined" in chart.description


def test_production_is_that_of_the_result() -> None:
    assert drawn(charts.production(result_of())) == {"Jet": 320_000, "Diesel": 75_000, "Naphtha": 105_000}


def test_charts_show_money_in_the_readers_currency() -> None:
    result = result_of()

    waterfall, flow = charts.lcop_waterfall(result, RINGGIT), charts.cash_flow_by_year(result, RINGGIT)

    assert waterfall is not None
    assert flow is not None
    assert (waterfall.unit, flow.unit) == ("MYR/t", "MYR")
    assert drawn(waterfall)["LCOP"] == result["technoEconomics"]["lcop"] * 4.2
    assert "6,282.42 MYR/t" in waterfall.description
    assert drawn(flow)[0] == -400e6 * 4.2


def page(user: User, scenario: Scenario, query: str = "", **options: Any) -> Any:
    return signed_in(user).get(address(scenario, f"result{query}"), **options)


@pytest.mark.django_db
def test_figures_of_the_page_are_those_of_the_stored_result(calculated: Scenario, user: User) -> None:
    result = stored(calculated).result

    answer = page(user, calculated)

    assert answer.status_code == 200
    shown = figures(answer.text.partition('id="costs"')[0])
    expected = []
    for kpi in (*kpis.COST, *kpis.RETURN, *kpis.CARBON):
        expected += [kpis.at(result, path) for path in (kpi.path, *(path for path, _ in kpi.also))]
    assert shown == expected


@pytest.mark.django_db
def test_page_says_when_by_whom_and_with_what_it_was_calculated(calculated: Scenario, user: User) -> None:
    run = stored(calculated)

    said = text_of(page(user, calculated).text)

    assert f"by {user.display_name}, engine {run.engine_version}, master data version {run.masterdata_version}." in said
    assert f"{run.finished_at:%Y, %H:%M} UTC" in said
    assert "have changed since" not in said


@pytest.mark.django_db
def test_every_figure_leads_to_its_explanation(calculated: Scenario, user: User) -> None:
    answer = page(user, calculated)

    for kpi in (*kpis.COST, *kpis.RETURN, *kpis.CARBON):
        assert f'href="{address(calculated, f"trace/{kpi.trace}")}"' in answer.text
        assert kpi.meaning in html.unescape(answer.text)


@pytest.mark.django_db
def test_figure_without_a_value_says_why(scenario: Scenario, user: User) -> None:
    dear = {**UCO, "feedstocks": [{"feedstock": "Used cooking oil", "price": 3000}]}
    calculate(scenario, user=user, inputs=dear)
    result = stored(scenario).result
    assert result["financials"]["paybackYears"] is None

    said = text_of(page(user, scenario).text)

    for path in ("financials.paybackYears", "financials.irr"):
        assert kpis.reason_of(result, path) in said
        assert kpis.reason_of(result, path) != kpis.NO_REASON
    assert "No rate brings NPV to zero." in said


@pytest.mark.django_db
def test_several_rates_of_return_are_all_told(calculated: Scenario, user: User) -> None:
    run = stored(calculated)
    run.result["financials"] |= {"irr": None, "irrStatus": "multiple", "irrRoots": [0.1, 0.2, 0.3]}
    run.result["reasons"]["financials.irr"] = "there are several rates"
    run.save()

    said = text_of(page(user, calculated).text)

    assert "NPV is zero at several rates (10.00 %, 20.00 %, 30.00 %): so none of them is the answer." in said
    assert "There are several rates." in said


@pytest.mark.django_db
def test_money_is_shown_in_the_readers_currency_with_its_rate(calculated: Scenario, user: User) -> None:
    client = signed_in(user)
    client.cookies["currency"] = "EUR"

    answer = client.get(address(calculated, "result"))

    tci = stored(calculated).result["technoEconomics"]["totalCapitalInvestment"]
    rate = currency_of("EUR")
    assert figures(answer.text)[0] == tci * rate.per_usd
    assert rate.source in html.unescape(answer.text)
    assert answer.context["cost_charts"][0].unit == "EUR/t"


@pytest.mark.django_db
def test_earlier_result_is_shown_with_a_word_that_the_inputs_have_changed(calculated: Scenario, user: User) -> None:
    first = stored(calculated)
    with transaction.atomic():
        locked = Scenario.objects.select_for_update().get(pk=calculated.pk)
        scenario_update(scenario=locked, inputs=SMALL)

    answer = page(user, calculated)

    assert "The inputs have changed since." in text_of(answer.text)
    assert figures(answer.text)[0] == first.result["technoEconomics"]["totalCapitalInvestment"]


@pytest.mark.django_db
def test_one_run_among_many_is_shown_when_it_is_asked_for(calculated: Scenario, user: User) -> None:
    first = stored(calculated)
    calculate(calculated, user=user, inputs=SMALL)

    answer = page(user, calculated, f"?run={first.pk}")

    assert figures(answer.text)[0] == first.result["technoEconomics"]["totalCapitalInvestment"]
    assert "This is one run of the scenario" in text_of(answer.text)
    assert f"trace/npv?run={first.pk}" in answer.text


@pytest.mark.django_db
@pytest.mark.parametrize("run", ["abc", NOBODYS])
def test_run_that_is_not_of_the_scenario_is_not_there(calculated: Scenario, user: User, run: object) -> None:
    other = calculate(scenario_make(project=calculated.project, user=user, name="Other"), user=user)

    assert page(user, calculated, f"?run={run}").status_code == 404
    assert page(user, calculated, f"?run={other.current_id}").status_code == 404


@pytest.mark.django_db
def test_nothing_calculated_yet_says_what_to_do(scenario: Scenario, user: User) -> None:
    answer = page(user, scenario)

    assert answer.status_code == 200
    assert "Not calculated yet" in text_of(answer.text)
    assert "data-chart" not in answer.text
    assert signed_in(user).get(address(scenario, "result/cash-flow.csv")).status_code == 404


@pytest.mark.django_db
def test_waiting_run_says_what_it_waits_for_and_the_page_asks_again(scenario: Scenario, user: User) -> None:
    start(scenario, user=user)

    answer = page(user, scenario)
    part = page(user, scenario, **htmx("standing"))

    for one in (answer, part):
        assert "No worker is running: your run waits and is kept." in text_of(one.text)
        assert 'hx-trigger="every 1500ms"' in one.text
    assert "<html" not in part.text


@pytest.mark.django_db
def test_page_that_waited_is_read_again_once_the_run_has_ended(scenario: Scenario, user: User) -> None:
    start(scenario, user=user)
    work()

    answer = page(user, scenario, **htmx("standing"))

    assert answer.headers["HX-Refresh"] == "true"
    assert "every 1500ms" not in page(user, scenario).text


@pytest.mark.django_db
def test_run_that_ends_while_the_page_is_made_is_not_told_as_changed(
    scenario: Scenario, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(scenario, user=user)
    asked = services.calculation_progress

    def ended_meanwhile(**options: Any) -> Any:
        work()
        return asked(**options)

    monkeypatch.setattr(services, "calculation_progress", ended_meanwhile)

    said = text_of(page(user, scenario).text)

    assert "have changed since" not in said
    assert "Calculated" in said


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "said"),
    [
        (RunState.FAILED, "The last calculation was refused. It says no."),
        (RunState.ERRORED, "The last calculation broke. It says no."),
        (RunState.CANCELLED, "The last calculation was cancelled. It says no."),
    ],
)
def test_run_without_a_result_says_why_and_the_way_on(
    scenario: Scenario, user: User, state: RunState, said: str
) -> None:
    run = start(scenario, user=user)
    status = ScenarioStatus.DRAFT if state == RunState.CANCELLED else ScenarioStatus.FAILED
    Calculation.objects.filter(pk=run.pk).update(state=state, message="It says no.", finished_at=Now())
    Scenario.objects.filter(pk=scenario.pk).update(status=status, current=None if "cancel" in state else run.pk)

    told = text_of(page(user, scenario).text)

    assert said in told
    assert "calculate" in told.partition(said)[2].lower()


@pytest.mark.django_db
def test_result_of_an_earlier_engine_is_shown_without_explanations(calculated: Scenario, user: User) -> None:
    Calculation.objects.update(engine_version="0")

    answer = page(user, calculated)

    assert "The formulas have changed since" in text_of(answer.text)
    assert "/trace/" not in answer.text


@pytest.mark.django_db
def test_incentives_say_what_they_pay_or_why_they_do_not(scenario: Scenario, user: User) -> None:
    stack = [
        {"incentive": "Premium", "kind": "price_premium", "amount": 55},
        {"incentive": "Late", "kind": "price_premium", "amount": 55, "firstYear": 2190},
        {"incentive": "Grant", "kind": "capital_grant", "amount": 3e7},
    ]
    calculate(scenario, user=user, inputs={**UCO, "finance": {"operationStart": 2027}, "incentives": stack})

    said = text_of(page(user, scenario).text.partition('id="incentives"')[2])

    assert "Premium Premium on the price of the fuel ✓ paid" in said
    assert "✗ not paid Not paid in any year of operation, 2027 to 2046." in said
    assert "Grant Capital grant ✓ paid" in said


@pytest.mark.django_db
def test_schemes_say_what_they_ask_and_find(calculated: Scenario, user: User) -> None:
    result = stored(calculated).result
    told = {scheme.name: scheme for scheme in schemes(result, {})}

    assert told["CORSIA"].asks == "At least 10 % below 89 gCO2e/MJ"
    assert told["EU RED"].asks == "At least 65 % below 94 gCO2e/MJ"
    assert told["US 45Z"].asks == "Below 50 kgCO2e/mmBtu"
    assert told["CORSIA"].eligible.value is result["carbon"]["corsia"]["eligible"]
    assert told["Blend (ASTM)"].eligible.reason
    assert told["Blend (ASTM)"].eligible.reason in text_of(page(user, calculated).text)


@pytest.mark.django_db
def test_inputs_are_told_with_origin_and_source_and_can_be_searched(calculated: Scenario, user: User) -> None:
    calculate(calculated, user=user, inputs=SMALL)
    taken = stored(calculated).resolved_inputs

    changed = page(user, calculated).context["inputs"]
    everything = page(user, calculated, "?inputs=all").context["inputs"]
    found = page(user, calculated, "?inputs=all&search=minitea", **htmx("inputs-table"))

    assert {row.path for row in changed} == {"pathway", "country", "plant.capacity"}
    assert {row.path for row in everything} == set(taken)
    assert [row.given for row in changed if row.path == "plant.capacity"] == ["250 kt/year"]
    price = next(row for row in everything if row.path == "feedstocks[0].price")
    assert (price.name, price.origin) == ("Used cooking oil: price", "default")
    assert (price.source, price.confidence) == (taken[price.path]["source"], "confirmed by the source")
    assert found.context["inputs"]
    assert all("minitea" in row.source.casefold() for row in found.context["inputs"])
    assert "<html" not in found.text


def test_inputs_stand_in_the_order_they_are_declared_in() -> None:
    paths = [
        "finance.discountRate",
        "feedstocks[10].price",
        "feedstocks[2].price",
        "plant.capacity",
        "feedstocks[2].share",
    ]

    assert sorted(paths, key=in_order) == [
        "plant.capacity", "feedstocks[2].share", "feedstocks[2].price", "feedstocks[10].price", "finance.discountRate",
    ]  # fmt: skip


@pytest.mark.parametrize("basis", ["unlevered", "levered"])
def test_columns_of_the_table_sum_to_the_cash_flow_of_their_year(basis: str) -> None:
    grant = {"incentive": "Grant", "kind": "capital_grant", "amount": 3e7}
    premium = {"incentive": "Premium", "kind": "price_premium", "amount": 55}
    finance = {**DEBT["finance"], "constructionShares": [0.4, 0.6], "salvageShare": 0.1}
    result = result_of(finance=finance, incentives=[grant, premium])

    table = table_of(result, basis)

    assert table is not None
    columns = {column.name: column.cells for column in table.columns}
    aside = {"Depreciation (not paid)", "Taxable income", "Cumulative", "Cumulative, discounted", "Discounted",
             "Discount factor", "Cash flow"}  # fmt: skip
    for year, flow in enumerate(columns["Cash flow"]):
        assert sum(cells[year] or 0 for name, cells in columns.items() if name not in aside) == pytest.approx(flow)
    assert ("Loan drawn" in columns) == (basis == "levered")
    assert {"Incentive: Premium", "Capital grants", "Salvage"} <= columns.keys()
    assert table.columns[0].total == -result["technoEconomics"]["fixedCapitalInvestment"]


@pytest.mark.django_db
def test_table_of_the_page_switches_between_project_and_owners(calculated: Scenario, user: User) -> None:
    own = page(user, calculated)
    turned = page(user, calculated, "?basis=levered", **htmx("cash-flow"))

    assert (own.context["basis"], turned.context["basis"]) == ("unlevered", "levered")
    assert "<html" not in turned.text
    assert "NPV and the other figures above are those of the unlevered flow." in text_of(turned.text)
    table = own.context["cash_flow"]
    assert table.unit == "M USD"
    year, cells = table.rows()[1]
    (revenue,) = (place for place, column in enumerate(table.columns) if column.name == "Revenue: Jet")
    assert (year, cells[revenue]) == (1, ("960000000.0", "960.00"))


@pytest.mark.django_db
def test_csv_holds_every_value_to_its_last_digit(calculated: Scenario, user: User) -> None:
    answer = signed_in(user).get(address(calculated, "result/cash-flow.csv"))

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="base-cash-flow-unlevered.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    flow = stored(calculated).result["financials"]["cashFlowTable"]
    assert [float(row["Cash flow (USD)"]) for row in rows[:-1]] == [year["cashFlow"] for year in flow]
    assert [float(row["Discount factor"]) for row in rows[:-1]] == [year["discountFactor"] for year in flow]
    assert [row["Year"] for row in rows] == [*(str(year["year"]) for year in flow), "Total"]


@pytest.mark.django_db
def test_no_name_becomes_a_formula_of_a_spreadsheet(scenario: Scenario, user: User) -> None:
    evil = ['=HYPERLINK("http://x","y")', "+1+1", "-2", "@SUM(1)"]
    stack = [{"incentive": name, "kind": "price_premium", "amount": 5} for name in evil]
    calculate(scenario, user=user, inputs={**UCO, "incentives": stack})

    answer = signed_in(user).get(address(scenario, "result/cash-flow.csv"))

    cells = [cell for row in csv.reader(io.StringIO(answer.text)) for cell in row]
    assert sum(cell.startswith("Incentive: ") for cell in cells) == len(evil)
    formulas = [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell and not cell.lstrip("-")[:1].isdigit()]
    assert formulas == []


@pytest.mark.django_db
@pytest.mark.parametrize("part", ["result", "result/cash-flow.csv", "trace/npv", "history"])
def test_strangers_find_nothing_and_visitors_sign_in_first(calculated: Scenario, other_user: User, part: str) -> None:
    assert signed_in(other_user).get(address(calculated, part)).status_code == 404
    answer = Client().get(address(calculated, part))
    assert (answer.status_code, answer.headers["Location"][:6]) == (302, "/login")


@pytest.mark.django_db
def test_viewer_reads_all_of_it(calculated: Scenario, viewer: User) -> None:
    for part in ("result", "result/cash-flow.csv", "trace/npv", "history"):
        assert signed_in(viewer).get(address(calculated, part)).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("runs", [1, 25])
def test_page_takes_as_many_queries_however_often_it_was_calculated(
    calculated: Scenario, user: User, django_assert_num_queries: Any, runs: int
) -> None:
    calculations_like(calculated, runs)
    client = warmed(user, address(calculated, "result"))

    # The scenario with its project, the run with its user; the version of the master data for the note and for the
    # choice of currencies.
    with django_assert_num_queries(4):
        assert client.get(address(calculated, "result")).status_code == 200
