"""The cash-flow table as people read it: a row a year, a column an item, what is spent below zero."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from config.figures import DOLLARS, Currency
from config.spreadsheets import escaped

type Row = Mapping[str, Any]
type Cells = Sequence[float | None]

BASES = {"unlevered": "Project (unlevered)", "levered": "Owners (levered)"}
_SCALES = ((1.0, ""), (1e3, "k"), (1e6, "M"), (1e9, "bn"))
# Digits before the point that are still read at a glance.
_READABLE = 1e5
# Sums over the years mean nothing for these.
_RUNNING = frozenset({"Cumulative", "Cumulative, discounted", "Discount factor"})


@dataclass(frozen=True, slots=True)
class Column:
    """One item over the years, in USD unless it is a pure number; ``total`` is None where a sum has no meaning."""

    name: str
    cells: Cells
    total: float | None
    is_money: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """``scale`` is what the cells are divided by to be read, ``unit`` then what they are in."""

    basis: str
    years: Sequence[int]
    columns: Sequence[Column]
    currency: Currency
    scale: float
    unit: str

    def rows(self) -> list[tuple[int, SafeString]]:
        """By year the cells of a row, each with its exact number and as it is read."""
        columns = [self._cells(column.cells, column) for column in self.columns]
        return [(year, _joined(cells)) for year, cells in zip(self.years, zip(*columns, strict=True), strict=True)]

    def totals(self) -> SafeString:
        return _joined(self._cells([column.total], column)[0] for column in self.columns)

    def _cells(self, cells: Cells, column: Column) -> list[str]:
        if not column.is_money:
            return [_cell(cell, "" if cell is None else f"{cell:.4f}") for cell in cells]
        per_usd, scale = self.currency.per_usd, self.scale
        shown = [None if cell is None else cell * per_usd for cell in cells]
        return [_cell(cell, "" if cell is None else _written(cell / scale)) for cell in shown]


def _cell(exact: float | None, text: str) -> str:
    return "<td></td>" if exact is None else f'<td><data class="figure" value="{exact!r}">{text}</data></td>'


def _joined(cells: Iterable[str]) -> SafeString:
    # Markup made here, of digits alone: node by node the cells of a table are a third of the page's processor time.
    return mark_safe("".join(cells))  # noqa: S308


def _written(value: float) -> str:
    return "0" if value == 0 else f"{value:z,.2f}".replace("-", "\u2212")


def table_of(result: Row, basis: str, currency: Currency = DOLLARS) -> Table | None:
    """The table of a result, with the items that occur in it; None where its flow is undefined."""
    rows = result["financials"]["cashFlowTable"]
    if not rows:
        return None
    columns = list(_columns(rows, basis))
    largest = max((abs(cell) for c in columns if c.is_money for cell in c.cells if cell is not None), default=0.0)
    scales = (each for each in _SCALES if largest * currency.per_usd / each[0] < _READABLE)
    scale, letter = next(scales, (1e12, "T"))
    unit = f"{letter} {currency.code}".strip()
    return Table(basis, [row["year"] for row in rows], columns, currency, scale, unit)


def _columns(rows: Sequence[Row], basis: str) -> Iterable[Column]:
    def column(name: str, read: Callable[[Row], float | None], sign: int = 1) -> Column:
        cells = [None if (cell := read(row)) is None else sign * cell + 0.0 for row in rows]
        known = [cell for cell in cells if cell is not None]
        total = None if name in _RUNNING or len(known) < len(cells) else sum(known)
        return Column(name, cells, total)

    def of(key: str) -> Callable[[Row], float | None]:
        return lambda row: row[key]

    def within(group: str, key: str) -> Callable[[Row], float | None]:
        return lambda row: row[group][key]

    def occurring(*columns: Column) -> Iterable[Column]:
        return (one for one in columns if any(one.cells))

    yield column("Fixed capital", of("fixedCapital"))
    yield from occurring(
        column("Working capital", of("workingCapital")),
        column("Capital grants", of("capitalGrants")),
        column("Salvage", of("salvage")),
    )
    yield from (column(f"Revenue: {name}", within("revenue", name)) for name in rows[0]["revenue"])
    yield from occurring(column("Carbon revenue", of("carbonRevenue")))
    yield from occurring(*(column(f"Incentive: {name}", within("incentives", name)) for name in rows[0]["incentives"]))
    yield column("Feedstock", within("costs", "feedstock"), -1)
    yield column("Utilities and other variable", within("costs", "utilities"), -1)
    yield column("Fixed cost", within("costs", "fixed"), -1)
    if basis == "levered":
        yield from occurring(
            column("Loan drawn", of("loanDrawn")),
            column("Interest", of("interest"), -1),
            column("Principal", of("principal"), -1),
        )
    yield column("Depreciation (not paid)", of("depreciation"), -1)
    yield column("Taxable income", within(basis, "taxable"))
    yield column("Tax", within(basis, "tax"), -1)
    yield column("Cash flow", within(basis, "cashFlow"))
    yield column("Cumulative", within(basis, "cumulative"))
    factors = [row["discountFactor"] for row in rows]
    yield Column("Discount factor", factors, None, is_money=False)
    yield column("Discounted", within(basis, "discounted"))
    yield column("Cumulative, discounted", within(basis, "cumulativeDiscounted"))


def as_csv(table: Table) -> str:
    """Exact values, in US dollars whatever the reader sees, as comma-separated text.

    Names that somebody made up are text to a spreadsheet, too, never a formula.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    heads = [escaped(f"{column.name} (USD)" if column.is_money else column.name) for column in table.columns]
    writer.writerow(["Year", *heads])
    for year, *cells in zip(table.years, *(column.cells for column in table.columns), strict=True):
        writer.writerow([year, *("" if cell is None else repr(cell) for cell in cells)])
    totals = (column.total for column in table.columns)
    writer.writerow(["Total", *("" if total is None else repr(total) for total in totals)])
    return out.getvalue()
