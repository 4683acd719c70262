"""What a calculation says: charts that add up, figures as they are stored, reasons where there is none."""

import html
from typing import Any

import pytest
from django.db import transaction
from django.db.models.functions import Now
from django.test import Client

from accounts.models import User
from masterdata.currencies import currency_of
from scenarios import services
from scenarios.choices import RunState, ScenarioStatus
from scenarios.models import Calculation, Scenario
from scenarios.pages import kpis
from scenarios.pages.resolved import in_order
from scenarios.pages.result import schemes
from scenarios.services import scenario_update
from tests.fixtures import signed_in
from tests.scenarios.cases import HEFA as UCO
from tests.scenarios.cases import SMALL, calculate, scenario_make
from tests.scenarios.pages import NOBODYS, address, figures, htmx, result_page, stored, text_of, warmed
from tests.scenarios.runs import start, work
from tests.scenarios.test_queries import calculations_like


@pytest.mark.django_db
def test_figures_of_the_page_are_those_of_the_stored_result(calculated: Scenario, user: User) -> None:
    result = stored(calculated).result

    answer = result_page(user, calculated)

    assert answer.status_code == 200
    shown = figures(answer.text.partition('id="costs"')[0])
    expected = []
    for kpi in (*kpis.COST, *kpis.RETURN, *kpis.CARBON):
        expected += [kpis.at(result, path) for path in (kpi.path, *(path for path, _ in kpi.also))]
    assert shown == expected


@pytest.mark.django_db
def test_page_says_when_by_whom_and_with_what_it_was_calculated(calculated: Scenario, user: User) -> None:
    run = stored(calculated)

    said = text_of(result_page(user, calculated).text)

    assert f"by {user.display_name}, engine {run.engine_version}, master data version {run.masterdata_version}." in said
    assert f"{run.finished_at:%Y, %H:%M} UTC" in said
    assert "have changed since" not in said


@pytest.mark.django_db
def test_every_figure_leads_to_its_explanation(calculated: Scenario, user: User) -> None:
    answer = result_page(user, calculated)

    for kpi in (*kpis.COST, *kpis.RETURN, *kpis.CARBON):
        assert f'href="{address(calculated, f"trace/{kpi.trace}")}"' in answer.text
        assert kpi.meaning in html.unescape(answer.text)


@pytest.mark.django_db
def test_figure_without_a_value_says_why(scenario: Scenario, user: User) -> None:
    dear = {**UCO, "feedstocks": [{"feedstock": "Used cooking oil", "price": 3000}]}
    calculate(scenario, user=user, inputs=dear)
    result = stored(scenario).result
    assert result["financials"]["paybackYears"] is None

    said = text_of(result_page(user, scenario).text)

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

    said = text_of(result_page(user, calculated).text)

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

    answer = result_page(user, calculated)

    assert "The inputs have changed since." in text_of(answer.text)
    assert figures(answer.text)[0] == first.result["technoEconomics"]["totalCapitalInvestment"]


@pytest.mark.django_db
def test_one_run_among_many_is_shown_when_it_is_asked_for(calculated: Scenario, user: User) -> None:
    first = stored(calculated)
    calculate(calculated, user=user, inputs=SMALL)

    answer = result_page(user, calculated, f"?run={first.pk}")

    assert figures(answer.text)[0] == first.result["technoEconomics"]["totalCapitalInvestment"]
    assert "This is one run of the scenario" in text_of(answer.text)
    assert f"trace/npv?run={first.pk}" in answer.text


@pytest.mark.django_db
@pytest.mark.parametrize("run", ["abc", NOBODYS])
def test_run_that_is_not_of_the_scenario_is_not_there(calculated: Scenario, user: User, run: object) -> None:
    other = calculate(scenario_make(project=calculated.project, user=user, name="Other"), user=user)

    assert result_page(user, calculated, f"?run={run}").status_code == 404
    assert result_page(user, calculated, f"?run={other.current_id}").status_code == 404


@pytest.mark.django_db
def test_nothing_calculated_yet_says_what_to_do(scenario: Scenario, user: User) -> None:
    answer = result_page(user, scenario)

    assert answer.status_code == 200
    assert "Not calculated yet" in text_of(answer.text)
    assert "data-chart" not in answer.text
    assert signed_in(user).get(address(scenario, "result/cash-flow.csv")).status_code == 404


@pytest.mark.django_db
def test_waiting_run_says_what_it_waits_for_and_the_page_asks_again(scenario: Scenario, user: User) -> None:
    start(scenario, user=user)

    answer = result_page(user, scenario)
    part = result_page(user, scenario, **htmx("standing"))

    for one in (answer, part):
        assert "No worker is running: your run waits and is kept." in text_of(one.text)
        assert 'hx-trigger="every 1500ms"' in one.text
    assert "<html" not in part.text


@pytest.mark.django_db
def test_page_that_waited_is_read_again_once_the_run_has_ended(scenario: Scenario, user: User) -> None:
    start(scenario, user=user)
    work()

    answer = result_page(user, scenario, **htmx("standing"))

    assert answer.headers["HX-Refresh"] == "true"
    assert "every 1500ms" not in result_page(user, scenario).text


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

    said = text_of(result_page(user, scenario).text)

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

    told = text_of(result_page(user, scenario).text)

    assert said in told
    assert "calculate" in told.partition(said)[2].lower()


@pytest.mark.django_db
def test_result_of_an_earlier_engine_is_shown_without_explanations(calculated: Scenario, user: User) -> None:
    Calculation.objects.update(engine_version="0")

    answer = result_page(user, calculated)

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

    said = text_of(result_page(user, scenario).text.partition('id="incentives"')[2])

    assert "Premium Premium on the price of the fuel ✓ paid" in said
    assert "✗ not paid Not paid in any year of operation, 2027 to 2046." in said
    assert "Grant Capital grant ✓ paid" in said


@pytest.mark.django_db
def test_schemes_say_what_they_ask_and_find(calculated: Scenario, user: User) -> None:
    result = stored(calculated).result
    told = {scheme.name: scheme for scheme in schemes(result, {})}

    assert told["CORSIA"].asks == "At least 10 % below 89 gCO₂e/MJ"
    assert told["EU RED"].asks == "At least 65 % below 94 gCO₂e/MJ"
    assert told["US 45Z"].asks == "Below 50 kgCO₂e/mmBtu"
    assert told["CORSIA"].eligible.value is result["carbon"]["corsia"]["eligible"]
    assert told["Blend (ASTM)"].eligible.reason
    assert told["Blend (ASTM)"].eligible.reason in text_of(result_page(user, calculated).text)


@pytest.mark.django_db
def test_inputs_are_told_with_origin_and_source_and_can_be_searched(calculated: Scenario, user: User) -> None:
    calculate(calculated, user=user, inputs=SMALL)
    taken = stored(calculated).resolved_inputs

    changed = result_page(user, calculated).context["inputs"]
    everything = result_page(user, calculated, "?inputs=all").context["inputs"]
    found = result_page(user, calculated, "?inputs=all&search=minitea", **htmx("inputs-table"))

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
