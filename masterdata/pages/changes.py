"""Who changed a record of the master data, when, and from what to what."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Field, ForeignKey, Model
from django.utils.text import capfirst

from config.figures import shown_unit
from masterdata.choices import DesignParameter
from masterdata.models import DesignFigure, ItemFigure
from masterdata.pages.book import Record
from masterdata.pages.labels import design_label

# Beyond it the admin has the rest.
MOST = 200
REASONS = {"load_masterdata": "with the data files of the product", "import": "by an import"}
KINDS = {"+": "Added", "~": "Changed", "-": "Removed"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A field before and after; None where there was none."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the history: what happened to ``subject``."""

    at: datetime
    kind: str
    subject: str
    by: str
    differences: tuple[Difference, ...]


def changes_of(record: Record) -> tuple[Change, ...]:
    """The latest first, at most ``MOST``; one query for each table the record is kept in."""
    found = [change for model, which in record.rows for change in _changes(model, which)]
    return tuple(sorted(found, key=lambda change: change.at, reverse=True)[:MOST])


def _changes(model: type[Model], which: Mapping[str, Any]) -> Iterator[Change]:
    history: Any = model.history  # type: ignore[attr-defined]
    relations = [one.name for one in history.model.tracked_fields if isinstance(one, ForeignKey)]
    entries = history.filter(**which).select_related("history_user", *relations).order_by("history_date", "history_id")
    earlier: dict[Any, Any] = defaultdict(lambda: None)
    for entry in entries:
        before, earlier[entry.id] = earlier[entry.id], entry
        differences = tuple(_differences(before, entry)) if entry.history_type == "~" else ()
        if entry.history_type == "~" and not differences and before is not None:
            continue
        yield Change(
            at=entry.history_date,
            kind=KINDS[entry.history_type],
            subject=_subject(entry),
            by=_by(entry),
            differences=differences,
        )


def _differences(before: Any, after: Any) -> Iterator[Difference]:
    if before is None:
        return
    for one in after.tracked_fields:
        old, new = getattr(before, one.attname), getattr(after, one.attname)
        if old != new:
            yield Difference(capfirst(str(one.verbose_name)), _told(before, one), _told(after, one))


def _told(entry: Any, one: "Field[Any, Any]") -> str | None:
    value = getattr(entry, one.name)
    if one.choices:
        value = dict(one.flatchoices).get(value, value)
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.12g}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _subject(entry: Any) -> str:
    """As the row would be called, with the product or utility it is of and the value it then had."""
    row = entry.history_object
    if not isinstance(row, ItemFigure):
        return str(row)
    label = design_label(row) if isinstance(row, DesignFigure) else row.get_parameter_display()
    if row.value is None:
        return f"{label}: unknown"
    if row.unit != "fraction":
        return f"{label}: {row.value:,.12g} {shown_unit(row.unit)}"
    # An exponent is nothing that anybody tells in per cent.
    is_plain = row.parameter == DesignParameter.SCALING_EXPONENT
    return f"{label}: {row.value:,.12g}" if is_plain else f"{label}: {100 * row.value:,.12g} %"


def _by(entry: Any) -> str:
    if entry.history_user is not None:
        reason = REASONS.get(entry.history_change_reason or "", "")
        return f"{entry.history_user.display_name} {reason}".strip()
    return REASONS.get(entry.history_change_reason or "", "somebody whose account is gone, or a program")
