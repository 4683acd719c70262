"""The cash-flow table of a result, on its page and as CSV."""

import csv
import io

import pytest

from accounts.models import User
from scenarios.models import Scenario
from scenarios.pages.cash_flow import table_of
from tests.fixtures import signed_in
from tests.scenarios.cases import HEFA as UCO
from tests.scenarios.cases import calculate
from tests.scenarios.pages import address, htmx, result_page, stored, text_of
from tests.scenarios.results import DEBT, result_of


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
    own = result_page(user, calculated)
    turned = result_page(user, calculated, "?basis=levered", **htmx("cash-flow"))

    assert (own.context["basis"], turned.context["basis"]) == ("unlevered", "levered")
    assert "<html" not in turned.text
    assert "NPV and the other figures above are those of the unlevered flow." in text_of(turned.text)
    table = own.context["cash_flow"]
    assert table.unit == "M USD"
    year, cells = table.rows()[1]
    (revenue,) = (place for place, column in enumerate(table.columns) if column.name == "Revenue: Jet")
    assert year == 1
    assert cells.split("</td>")[revenue] == '<td><data class="figure" value="960000000.0">960.00</data>'


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
