"""The cash-flow table of one case: a row a year, from the first of construction to the last of operation."""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

from scenarios.engine.fields import camel

COLUMNS = {
    "taxable": "taxable_by_year_usd",
    "tax": "tax_by_year_usd",
    "cash_flow": "cash_flow_usd",
    "cumulative": "cumulative_usd",
    "cumulative_discounted": "discounted_cumulative_usd",
}
COSTS = {
    "feedstock": "feedstock_by_year_usd",
    "utilities": "utilities_by_year_usd",
    "fixed": "fixed_by_year_usd",
    "total": "opex_by_year_usd",
}
# Of the operating years alone.
_OPERATING = ("taxable", "tax")

type Numbers = list[float | None]


def cash_flow_rows(values: Mapping[str, Any], basis: str, plain: Callable[[Any], Any]) -> list[dict[str, Any]]:
    """Rows of wire names from the quantities of one case, with the columns of ``basis`` also outside their group.

    ``plain`` writes one number, None where it is too large to be stated. A thousand numbers are written with each
    result, so they are put together by column and asked one by one only where a column holds such a number.
    """
    building, operating = len(values["construction_shares"]), values["lifetime_years"]
    idle, resting = [0.0] * building, [0.0] * operating

    def column(numbers: Sequence[float]) -> Numbers:
        if isfinite(sum(numbers)):
            return [number + 0.0 for number in numbers]  # no negative zero
        return [plain(number) for number in numbers]

    def years(before: Sequence[float] | None = None, after: Sequence[float] | None = None) -> Numbers:
        """A column of what the years of construction and those of operation have; zeros where nothing is given."""
        return column([*(idle if before is None else before), *(resting if after is None else after)])

    def by_name(names: str, series: Sequence[Sequence[float]]) -> list[dict[str, Any]]:
        columns = {name: years(after=flow) for name, flow in zip(values[names], series, strict=True)}
        return _rows(columns) if columns else [{} for _ in range(building + operating)]

    sales = [of * by for of, by in zip(values["sales_factor_by_year"], values["products_index_by_year"], strict=True)]
    revenue = [[earned * factor for factor in sales] for earned in values["product_revenue_usd_per_y"]]
    working, last = values["working_capital_usd"], [0.0] * (operating - 1)
    table: dict[str, list[Any]] = {
        "year": list(range(1 - building, operating + 1)),
        "discountFactor": column(values["discount_factors"]),
        "fixedCapital": years(before=[-spent for spent in values["fixed_capital_by_construction_year_usd"]]),
        "workingCapital": years([*[0.0] * (building - 1), -working], [*last, working]),
        "loanDrawn": years(before=values["loan_drawn_by_construction_year_usd"]),
        "interest": years(values["construction_interest_paid_usd"], values["interest_by_year_usd"]),
        "principal": years(after=values["principal_by_year_usd"]),
        "revenue": by_name("product_name", revenue),
        "carbonRevenue": years(after=values["carbon_revenue_by_year_usd"]),
        "capitalGrants": years(before=values["capital_grant_by_construction_year_usd"]),
        "incentives": by_name("incentive_name", values["incentive_by_year_usd"]),
        "totalIncentives": years(after=values["incentives_by_year_usd"]),
        "totalRevenue": years(after=values["sales_by_year_usd"]),
        "costs": _rows({name: years(after=values[key]) for name, key in COSTS.items()}),
        "depreciation": years(after=values["depreciation_by_year_usd"]),
        "salvage": years(after=[*last, values["salvage_usd"]]),
    }
    for kind in ("unlevered", "levered"):
        series = {name: values[f"{kind}_{key}"] for name, key in COLUMNS.items()}
        cells = {camel(name): years(after=of) if name in _OPERATING else column(of) for name, of in series.items()}
        flow, factors = values[f"{kind}_cash_flow_usd"], values["discount_factors"]
        cells["discounted"] = column([paid * factor for paid, factor in zip(flow, factors, strict=True)])
        table[kind] = _rows(cells)
        if kind == basis:
            table |= cells
    return _rows(table)


def _rows(columns: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Filled column by column, which takes half as long as a ``dict(zip(...))`` for each year."""
    blank = dict.fromkeys(columns)
    rows = [blank.copy() for _ in next(iter(columns.values()))]
    for name, cells in columns.items():
        for row, cell in zip(rows, cells, strict=True):
            row[name] = cell
    return rows
