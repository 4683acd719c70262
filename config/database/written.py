"""Single rows as they are written by ``save``, with statements put together once.

For what is written with every calculation: ``Model.save`` compiles its statement anew for each row, which takes longer
than the database takes to store it. What a field does before it is saved is done, and who listens to a save is told.
"""

from collections.abc import Iterable
from functools import cache as once
from typing import Any

from django.db import DatabaseError, connection
from django.db.models import Field, Model
from django.db.models.expressions import DatabaseDefault, RawSQL
from django.db.models.signals import post_save
from django.db.transaction import mark_for_rollback_on_error

from config.database.prepared import prepared_cursor


def row_insert(row: Model) -> None:
    """``row.save(force_insert=True)``, but that what the database fills in is not read back.

    A value may be ``RawSQL``, as there.
    """
    model = type(row)
    fields = tuple(
        field for field in model._meta.concrete_fields if not isinstance(getattr(row, field.attname), DatabaseDefault)
    )
    places: list[str] = []
    params: list[Any] = []
    for value in _values(row, fields, is_new=True):
        is_sql = isinstance(value, RawSQL)
        places.append(f"({value.sql})" if is_sql else "%s")
        params.extend(value.params if is_sql else [value])
    with mark_for_rollback_on_error(), prepared_cursor() as cursor:
        cursor.execute(_insertion(model, fields, tuple(places)), params)
    row._state.adding, row._state.db = False, connection.alias
    post_save.send(sender=model, instance=row, created=True, update_fields=None, raw=False, using=connection.alias)


def row_update(row: Model, names: tuple[str, ...]) -> None:
    """``row.save(update_fields=names)``.

    Raises:
        DatabaseError: the row is not there.
    """
    model = type(row)
    fields = _fields(model, names)
    with mark_for_rollback_on_error(), prepared_cursor() as cursor:
        cursor.execute(_update(model, fields), [*_values(row, fields, is_new=False), row.pk])
        if not cursor.rowcount:
            raise DatabaseError("Save with update_fields did not affect any rows.")
    post_save.send(
        sender=model, instance=row, created=False, update_fields=frozenset(names), raw=False, using=connection.alias
    )


@once
def _fields(model: type[Model], names: tuple[str, ...]) -> tuple[Field[Any, Any], ...]:
    wanted = set(names)
    fields = tuple(field for field in model._meta.concrete_fields if field.name in wanted)
    if len(fields) != len(wanted):
        raise ValueError(f"{wanted - {field.name for field in fields}} are no columns of {model.__name__}")
    return fields


@once
def _insertion(model: type[Model], fields: tuple[Field[Any, Any], ...], places: tuple[str, ...]) -> str:
    columns = ", ".join(_quoted(field.column) for field in fields)
    table = _quoted(model._meta.db_table)
    return f"INSERT INTO {table} ({columns}) VALUES ({', '.join(places)})"  # noqa: S608  our own names


@once
def _update(model: type[Model], fields: tuple[Field[Any, Any], ...]) -> str:
    key = model._meta.pk
    assert key is not None
    changes = ", ".join(f"{_quoted(field.column)} = %s" for field in fields)
    table = _quoted(model._meta.db_table)
    return f"UPDATE {table} SET {changes} WHERE {_quoted(key.column)} = %s"  # noqa: S608  our own names


def _values(row: Model, fields: Iterable[Field[Any, Any]], *, is_new: bool) -> list[Any]:
    return [field.get_db_prep_save(field.pre_save(row, is_new), connection) for field in fields]


def _quoted(name: str | None) -> str:
    assert name is not None  # a concrete field has a column
    return connection.ops.quote_name(name)
