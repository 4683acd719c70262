"""Keyset pages for bulk readers: no count, no offset, and no row twice or missed while others write.

A cursor is the values that the list's order gives to the last row read; the next page begins after them. It is not
secret and not signed: a made-up one only names another place in the same list. Where a column may be null, nulls come
where PostgreSQL puts them: after all values, or before them when descending.
"""

import base64
import binascii
from typing import Any

import orjson
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Model, Q, QuerySet
from django.db.models.constants import LOOKUP_SEP

CURSOR = "cursor"


class BadCursorError(ValueError):
    """The cursor is not one of this list in this order."""


def terms_of(queryset: QuerySet) -> list[tuple[str, bool]]:
    """The fields a queryset is ordered by, and whether each descends; the primary key comes last."""
    ordering = [str(term) for term in queryset.query.order_by or queryset.model._meta.ordering]
    terms = [(term.removeprefix("-"), term.startswith("-")) for term in ordering]
    if not terms or terms[-1][0] not in {"pk", "id"}:
        terms.append(("pk", False))
    return terms


def cursor_after(row: Model, terms: list[tuple[str, bool]]) -> str:
    """The cursor of the place right after ``row``."""
    return cursor_of([_value(row, name) for name, _ in terms])


def cursor_of(values: list[Any]) -> str:
    """The cursor of the place right after the row that has these values in the list's order."""
    return base64.urlsafe_b64encode(orjson.dumps(values, str)).decode().rstrip("=")


def rows_after(queryset: QuerySet, cursor: str, terms: list[tuple[str, bool]]) -> QuerySet:
    """The rows of ``queryset`` that come after ``cursor``, in its order. Raises ``BadCursorError``."""
    queryset = queryset.order_by(*(f"-{name}" if descends else name for name, descends in terms))
    if not cursor:
        return queryset
    after = Q()
    equal = Q()
    values = _values(queryset, cursor, terms)
    for (name, descends), value in zip(terms, values, strict=True):
        nullable = _field(queryset.model, name).null
        after |= equal & _beyond(name, value, descends=descends, nullable=nullable)
        equal &= Q(**{f"{name}__isnull": True}) if value is None else Q(**{name: value})
    first, descends = terms[0]
    if not _field(queryset.model, first).null:
        # Follows from the rest; but an index is entered by a bound, and not by one of several alternatives.
        queryset = queryset.filter(**{f"{first}__{'lte' if descends else 'gte'}": values[0]})
    return queryset.filter(after)


def _beyond(name: str, value: Any, *, descends: bool, nullable: bool) -> Q:
    """The rows whose ``name`` comes after ``value``."""
    if value is None:
        return Q(**{f"{name}__isnull": False}) if descends else Q(pk__in=())
    if descends:
        return Q(**{f"{name}__lt": value})
    beyond = Q(**{f"{name}__gt": value})
    return beyond | Q(**{f"{name}__isnull": True}) if nullable else beyond


def _values(queryset: QuerySet, cursor: str, terms: list[tuple[str, bool]]) -> list[Any]:
    try:
        raw = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        if not isinstance(raw, list) or len(raw) != len(terms):
            raise BadCursorError
        return [_read(_field(queryset.model, name), value) for (name, _), value in zip(terms, raw, strict=True)]
    # A date that is a number is a TypeError.
    except (ValueError, TypeError, binascii.Error, ValidationError, FieldDoesNotExist) as error:
        raise BadCursorError from error


def _read(field: Any, value: object) -> Any:
    if value is None and not field.null:
        raise BadCursorError
    if not isinstance(value, int | float | str | None) or (isinstance(value, str) and "\0" in value):
        raise BadCursorError
    return field.to_python(value)


def _value(row: Any, name: str) -> Any:
    for part in name.split(LOOKUP_SEP):
        row = getattr(row, part)
    return row


def _field(model: Any, name: str) -> Any:
    *path, last = name.split(LOOKUP_SEP)
    for part in path:
        model = model._meta.get_field(part).related_model
    return model._meta.pk if last == "pk" else model._meta.get_field(last)
