"""The charts of a result: what adds up in it adds up in them, and their words say the same."""

from collections.abc import Mapping
from typing import Any

import pytest

from config.charts import Chart
from scenarios.pages import charts
from tests.bench.hefa import HEFA
from tests.scenarios.results import DEBT, RINGGIT, result_of


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
