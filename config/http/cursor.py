"""Keyset pages for bulk readers: no count, no offset, and no row twice or missed while others write.

A cursor is the values that the list's order gives to the last row read; the next page begins after them. It is not
secret and not signed: a made-up one only names another place in the same list. Lists are ordered by columns that are
never null.
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
    values = [_value(row, name) for name, _ in terms]
    return base64.urlsafe_b64encode(orjson.dumps(values, str)).decode().rstrip("=")


def rows_after(queryset: QuerySet, cursor: str, terms: list[tuple[str, bool]]) -> QuerySet:
    """The rows of ``queryset`` that come after ``cursor``, in its order. Raises ``BadCursorError``."""
    queryset = queryset.order_by(*(f"-{name}" if descends else name for name, descends in terms))
    if not cursor:
        return queryset
    after = Q()
    equal = Q()
    for (name, descends), value in zip(terms, _values(queryset, cursor, terms), strict=True):
        after |= equal & Q(**{f"{name}__{'lt' if descends else 'gt'}": value})
        equal &= Q(**{name: value})
    return queryset.filter(after)


def _values(queryset: QuerySet, cursor: str, terms: list[tuple[str, bool]]) -> list[Any]:
    try:
        raw = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        if not isinstance(raw, list) or len(raw) != len(terms) or not all(map(_is_plain, raw)):
            raise BadCursorError
        return [_field(queryset.model, name).to_python(value) for (name, _), value in zip(terms, raw, strict=True)]
    except (ValueError, binascii.Error, ValidationError, FieldDoesNotExist) as error:
        raise BadCursorError from error


def _is_plain(value: object) -> bool:
    return isinstance(value, int | float) or (isinstance(value, str) and "\0" not in value)


def _value(row: Any, name: str) -> Any:
    for part in name.split(LOOKUP_SEP):
        row = getattr(row, part)
    return row


def _field(model: Any, name: str) -> Any:
    *path, last = name.split(LOOKUP_SEP)
    for part in path:
        model = model._meta.get_field(part).related_model
    return model._meta.pk if last == "pk" else model._meta.get_field(last)
