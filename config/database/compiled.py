"""Querysets as the SQL they come to, compiled once and run again with other values.

Putting a queryset together and compiling it takes longer than the database takes to answer it: 0.3 ms for a list of
projects. The rows are tuples, without a model for each, but for ``compiled_rows``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import IntegerField, Model, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.sql.datastructures import BaseTable
from django.db.models.sql.query import Query
from psycopg2.extensions import UNICODE, new_type, register_type

from config.database.prepared import prepare

# An object for each id takes a tenth of a list's time, to be written as the text it was made of.
_ID_AS_TEXT = new_type((2950,), "ID_AS_TEXT", UNICODE)  # the server's number of the type uuid

type Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Hole:
    """A parameter that is filled in each time a statement is run."""

    name: str


LIMIT, OFFSET, STOP = Hole("limit"), Hole("offset"), Hole("stop")


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement with its parameters, some of them holes. ``convert`` makes of the columns what the model would.

    ``name`` stands for the statement and what is not a hole in it; empty for one that is not run again.
    """

    sql: str
    params: tuple[Any, ...]
    convert: Callable[[Sequence[Row]], Sequence[Row]] | None
    name: str = ""

    def with_holes(self, values: Mapping[str, object]) -> "Compiled | None":
        """The same with holes of these names where it holds the ``values``, which differ from each other.

        None where one of them is not among its parameters as it was given: then it depends on the value in a way that
        no other value can take the place of.
        """
        holes = {value: Hole(name) for name, value in values.items()}
        params = tuple(holes.get(param, param) if type(param) in _kinds(holes) else param for param in self.params)
        if len(holes) != len(values) or not set(holes.values()) <= {p for p in params if isinstance(p, Hole)}:
            return None
        return Compiled(self.sql, params, self.convert, f"{self.sql} {params!r}")

    @property
    def holes(self) -> tuple[int, ...]:
        """The places of the holes among the parameters."""
        return tuple(place for place, param in enumerate(self.params) if type(param) is Hole)

    def filled(self, values: Mapping[str, Any]) -> list[Any]:
        return [values[param.name] if type(param) is Hole else param for param in self.params]

    def rows(self, values: Mapping[str, Any], *, is_wire: bool = False) -> Sequence[Row]:
        """All rows, with the holes filled by ``values``; with ``is_wire`` ids are texts, as they are written."""
        with connection.cursor() as cursor:
            if is_wire:
                register_type(_ID_AS_TEXT, cursor.cursor)
            if self.name:
                prepare(cursor, self.name, self.holes)
            cursor.execute(self.sql, self.filled(values))
            found = cursor.fetchall()
        return self.convert(found) if self.convert else found

    @contextmanager
    def cursor(self, values: Mapping[str, Any]) -> Iterator[Any]:
        """A server-side cursor over the rows for the wire; what is not fetched stays with the server."""
        with connection.chunked_cursor() as cursor:
            register_type(_ID_AS_TEXT, cursor.cursor)
            cursor.execute(self.sql, self.filled(values))
            yield cursor


def _kinds(holes: Mapping[Any, Hole]) -> set[type]:
    return {type(value) for value in holes}


def compiled[M: Model](queryset: QuerySet[M, Any], *, is_window: bool) -> Compiled | None:
    """The statement of a ``values_list``; with ``is_window`` for ``LIMIT`` rows from ``OFFSET``.

    None where the database need not be asked, since nothing can be found.
    """
    compiler = queryset.query.get_compiler(using=queryset.db)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return None
    converters = compiler.get_converters([expression for expression, *_ in compiler.select])

    def convert(rows: Sequence[Row]) -> Sequence[Row]:
        return [tuple(row) for row in compiler.apply_converters(rows, converters)]

    if is_window:
        sql, params = f"{sql} LIMIT %s OFFSET %s", (*params, LIMIT, OFFSET)
    return Compiled(sql, tuple(params), convert if converters else None)


def compiled_for(values: Mapping[str, object], make: Callable[..., QuerySet[Any, Any]]) -> Compiled:
    """The statement of ``make(**values)`` with a hole for each of the values, which any other of its kind may fill.

    Raises TypeError where the statement depends on one of them in another way.
    """
    found = compiled(make(**values), is_window=False)
    found = found.with_holes(values) if found else None
    if found is None:
        raise TypeError(f"no statement for all {', '.join(values)}")
    return found


@dataclass(frozen=True, slots=True)
class CompiledRows[M: Model]:
    """A statement whose rows are objects of ``model``, each with the ``annotations`` in these places."""

    statement: Compiled
    model: type[M]
    columns: tuple[str, ...]
    annotations: tuple[tuple[str, int], ...]
    fetch_mode: Any

    def first(self, values: Mapping[str, Any]) -> M | None:
        """The object of the first row, with the holes filled by ``values``; None where there is no row."""
        rows = self.statement.rows(values)
        if not rows:
            return None
        found: M = self.model.from_db(
            connection.alias, self.columns, rows[0][: len(self.columns)], fetch_mode=self.fetch_mode
        )
        for name, place in self.annotations:
            setattr(found, name, rows[0][place])
        return found


def compiled_rows[M: Model](values: Mapping[str, object], make: Callable[..., QuerySet[M, M]]) -> CompiledRows[M]:
    """As ``compiled_for``, for a queryset of objects that takes no related ones along (TypeError where it does)."""
    queryset = make(**values)
    statement = compiled_for(values, make)
    compiler = queryset.query.get_compiler(using=queryset.db)
    compiler.setup_query()
    info = compiler.klass_info
    if info is None or info.get("related_klass_infos"):
        raise TypeError("a statement of related objects, or of none")
    columns = tuple(compiler.select[place][0].target.attname for place in info["select_fields"])
    if info["select_fields"] != list(range(len(columns))):
        raise TypeError("the columns of the model do not come first")
    return CompiledRows(
        statement,
        queryset.model,
        columns,
        tuple(compiler.annotation_col_map.items()),
        queryset._fetch_mode,  # type: ignore[attr-defined]
    )


class _Derived(BaseTable):
    """The rows of a statement in the place of a table."""

    def __init__(self, table_name: str, alias: str, sql: str, params: Sequence[Any]) -> None:
        super().__init__(table_name, alias)
        self.sql, self.params = sql, params

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return f"({self.sql}) {compiler.quote_name(self.table_alias)}", (*self.params,)

    def relabeled_clone(self, change_map: dict[str | None, str]) -> "_Derived":
        alias: Any = change_map.get(self.table_alias, self.table_alias)
        return _Derived(self.table_name, alias, self.sql, self.params)


def read_from[Q: QuerySet[Any, Any]](queryset: Q, sql: str, params: Sequence[Any]) -> Q:
    """``queryset`` over the rows of a statement, which has the columns of the model's table, instead of that table.

    Joins, filters and order stay: it can find less so, and nothing else.
    """
    queryset = queryset.all()
    alias = queryset.query.get_initial_alias()
    table = queryset.model._meta.db_table
    queryset.query.alias_map[alias] = _Derived(table, alias, sql, params)
    return queryset


def counted(queryset: QuerySet[Any, Any]) -> RawSQL:
    """How many rows there are, as a column of another statement: one instant, one round trip.

    Raises EmptyResultSet where nothing can be found.
    """
    query: Query = queryset.order_by().values("pk").query if queryset.query.distinct else queryset.query.exists(False)
    sql, params = query.get_compiler(using=queryset.db).as_sql()
    return RawSQL(f"SELECT COUNT(*) FROM ({sql}) counted", params, IntegerField())  # noqa: S608, S611  our own query's
