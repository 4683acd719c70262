"""Charts as data: what config/static/safapac/charts.js draws, the words that say the same, and the table behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from config.figures import shown_unit


@dataclass(frozen=True, slots=True)
class Series:
    """One row of numbers, as bars or as a line. Bars of one ``stack`` stand on each other. None leaves a gap.

    ``role`` chooses the colour where it means something: "good", "bad", "muted", "reference"; else the next is taken.
    ``unit`` is told where the series of a chart differ in it, as those of points do.
    """

    name: str
    values: Sequence[float | None]
    kind: Literal["bar", "line"] = "bar"
    stack: str = ""
    role: str = ""
    is_dashed: bool = False
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across the chart at ``at`` of the category (or value) axis, with its word."""

    at: float | str
    label: str
    axis: Literal["category", "value"] = "category"


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart over categories, years for instance.

    ``kind`` "bars" has the categories below, "rows" on the left (long names), "waterfall" draws each value from the end
    of the one before it; a waterfall's first series alone counts, and ``totals`` names categories that start from zero.
    "points" has two series, across and up, and a named point for each category. Its marks across are "category" ones.
    ``description`` says in words what the picture shows, for those who do not see it.
    """

    key: str
    title: str
    description: str
    categories: Sequence[str | int]
    series: Sequence[Series]
    unit: str = ""
    kind: Literal["bars", "rows", "waterfall", "points"] = "bars"
    marks: Sequence[Mark] = ()
    totals: Sequence[str] = ()
    axis_name: str = ""
    note: str = ""
    height: str = ""

    @property
    def script_id(self) -> str:
        return f"data-{self.key}"

    def data(self) -> dict[str, Any]:
        """What the script reads, as JSON."""
        return {
            "kind": self.kind,
            "title": self.title,
            "unit": shown_unit(self.unit),
            "axisName": self.axis_name,
            "categories": [str(name) for name in self.categories],
            "series": [
                {
                    "name": one.name,
                    "kind": one.kind,
                    "stack": one.stack,
                    "role": one.role,
                    "dashed": one.is_dashed,
                    "unit": shown_unit(one.unit or self.unit),
                    "values": list(one.values),
                }
                for one in self.series
            ],
            "marks": [{"at": str(m.at) if m.axis == "category" else m.at, "label": m.label, "axis": m.axis}
                      for m in self.marks],
            "totals": list(self.totals),
        }  # fmt: skip

    def rows(self) -> list[tuple[str, list[float | None]]]:
        """The table: a row a category, a column a series."""
        return [(str(name), [one.values[index] for one in self.series]) for index, name in enumerate(self.categories)]
