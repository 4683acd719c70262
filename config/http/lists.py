"""Lists straight from the database to the wire: one statement, columns instead of models, compiled once.

A view says which rows there are (``list_queryset``) and how one is shown (its serializer). From both a ``Plan`` is
made: the statement, and the map from its rows to objects of the wire. A plan serves every request that differs in
nothing but who asks, the ids in the path, ids given as filters, and the page; it is found before any queryset is put
together.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import django_filters
from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.response import Response

from config.database.compiled import Compiled, Row, compiled, counted
from config.http.cursor import CURSOR, cursor_of, terms_of
from config.http.filters import ORDERING
from config.http.limits import rate_limited
from config.http.pagination import PAGE, PAGE_SIZE, PageNumberPagination, cursor_body, page_body
from config.http.selection import FIELDS, Selection, selected, selection_of
from config.http.streaming import CHUNK, Lines
from config.http.wire import RowMap, row_map

# A page by number, a page by cursor, all rows.
PAGED, READ_ON, STREAMED = "page", "cursor", "stream"
MOST_PLANS = 500

_TOTAL = "rows_in_all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a list is read. ``statement`` is None where nothing can be found.

    ``total`` is the place of the count in a row, ``after`` those of what a cursor is made of.
    """

    statement: Compiled | None
    map: RowMap
    selection: Selection | None
    total: int = 0
    after: tuple[int, ...] = ()

    def rows(self, values: Mapping[str, Any]) -> Sequence[Row]:
        return self.statement.rows(values, is_wire=True) if self.statement else ()


class _Plans:
    """The plans this process used last."""

    def __init__(self) -> None:
        self._plans: OrderedDict[object, Plan] = OrderedDict()

    def get(self, key: object) -> Plan | None:
        plan = self._plans.get(key)
        if plan is not None:
            with suppress(KeyError):  # another thread may just have dropped it
                self._plans.move_to_end(key)
        return plan

    def put(self, key: object, plan: Plan) -> None:
        self._plans[key] = plan
        with suppress(KeyError):
            while len(self._plans) > MOST_PLANS:
                self._plans.popitem(last=False)

    def clear(self) -> None:
        self._plans.clear()


plans = _Plans()


class ListMixin:
    """Gives a viewset lists that are cheap past every cache, and streams of all rows.

    Where a serializer shows what no column tells, its list is made by the serializer from models, as ever.
    """

    is_selectable = True
    # Names of the serializer that ``finish`` looks at, read even where others are asked for.
    read_always: tuple[str, ...] = ()

    request: Any
    kwargs: dict[str, Any]
    paginator: Any

    def list_queryset(self, user: Any, **kwargs: Any) -> QuerySet[Any]:
        """The rows that ``user`` may list under the ids of the path; asks nothing of the database.

        It may depend on the user's id and on the ids alone: what is compiled for one user serves the next. A view that
        leaves it out has its ``get_queryset``, of which nothing is kept.
        """
        return self.get_queryset()  # type: ignore[attr-defined]

    def narrowed(self, queryset: QuerySet[Any], *, cursor: str | None) -> QuerySet[Any]:
        """The same rows as far as the end of a page (``STOP``), where the database finds those faster.

        ``cursor``: what they come after, in a list that is read on; None in one that is read by page.
        """
        return queryset

    def total(self, queryset: QuerySet[Any]) -> Any:
        """The number of rows, as an expression. Errors: EmptyResultSet where nothing can be found."""
        return counted(queryset)

    def check_parent(self) -> None:
        """Raise Http404 where an empty list is the list of something that the user does not see."""

    def finish(self, items: list[dict[str, Any]]) -> None:
        """Put into the objects of a page what is not in the database."""

    # Pages

    def page_response(self) -> Response:
        """The page asked for, by number or by cursor."""
        cursor = self.request.query_params.get(CURSOR)
        plan, values = self._plan(PAGED if cursor is None else READ_ON)
        if plan is None:
            return self.page_by_serializer()
        page, size = self.paginator.window(self.request)
        if cursor is None:
            rows = plan.rows({**values, "limit": size, "offset": (page - 1) * size, "stop": page * size})
            total = rows[0][plan.total] if rows else self._total_without_rows(page, size)
            items = self._items(plan, rows)
            return Response(page_body(self.request, items, total=total, page=page, size=size))
        rows = plan.rows({**values, "limit": size + 1, "offset": 0, "stop": size + 1})
        if not rows:
            self.check_parent()
        is_more = len(rows) > size
        next_ = cursor_of([rows[size - 1][place] for place in plan.after]) if is_more else None
        items = self._items(plan, rows[:size])
        return Response(cursor_body(self.request, items, size=size, cursor=cursor, next_=next_))

    def _total_without_rows(self, page: int, size: int) -> int:
        self.check_parent()
        if page == 1:
            return 0
        total: int = self._listed().count()
        PageNumberPagination.check_page(page, size, total)
        return total

    def _items(self, plan: Plan, rows: Sequence[Row]) -> list[dict[str, Any]]:
        items = plan.map.items(rows)
        self.finish(items)
        if self.read_always and plan.selection is not None:
            items = selected(items, plan.selection)
        return items

    def _listed(self) -> QuerySet[Any]:
        queryset = self.list_queryset(self.request.user, **self.kwargs)
        return self.filter_queryset(queryset)  # type: ignore[attr-defined]

    def page_by_serializer(self) -> Response:
        """The same from models, for people's pages and for serializers that no columns tell."""
        rows = self.paginator.paginate_queryset(self._listed(), self.request, view=self)
        if not rows:
            self.check_parent()
        serializer = self.get_serializer(rows, many=True)  # type: ignore[attr-defined]
        items = serializer.data
        self.finish(items)
        items = selected(items, selection_of(self.request, serializer))
        response: Response = self.paginator.get_paginated_response(items)
        return response

    # Streams

    @rate_limited("streams", "user_or_ip")
    def stream_response(self, request: Any) -> HttpResponseBase:
        """Every row that the user sees, one object a line, from a cursor in the database."""
        lines = Lines(self._chunks())
        if lines.is_empty:
            self.check_parent()
        if request.method == "HEAD":
            lines.close()
        response = StreamingHttpResponse(lines, content_type="application/x-ndjson")
        # A proxy that gathers the answer before it sends any of it would need room for all of it.
        response.headers["X-Accel-Buffering"] = "no"
        return response

    def _chunks(self) -> Iterator[list[dict[str, Any]]]:
        plan, values = self._plan(STREAMED)
        if plan is None:
            yield from self._chunks_by_serializer()
        elif plan.statement is not None:
            convert = plan.statement.convert
            with plan.statement.cursor(values) as cursor:
                while rows := cursor.fetchmany(CHUNK):
                    yield self._items(plan, convert(rows) if convert else rows)

    def _chunks_by_serializer(self) -> Iterator[list[dict[str, Any]]]:
        rows = self._listed().iterator(chunk_size=CHUNK)
        serializer: Any = self.get_serializer()  # type: ignore[attr-defined]
        selection = selection_of(self.request, serializer)
        try:
            for row in rows:
                yield [selected(serializer.to_representation(row), selection)]
        finally:
            rows.close()  # type: ignore[attr-defined]

    # Plans

    def _plan(self, kind: str) -> tuple[Plan | None, Mapping[str, Any]]:
        """The plan for this request, None where its serializer has none; and what fills the holes of it."""
        reusable = self._reusable(kind)
        if reusable is not None:
            key, values = reusable
            plan = plans.get(key)
            if plan is not None:
                return plan, values
        plan = self._made(kind)
        if reusable is None or plan is None or plan.statement is None:
            return plan, {}
        key, values = reusable
        statement = plan.statement.with_holes(values)
        if statement is None:
            return plan, {}
        plan = Plan(statement=statement, map=plan.map, selection=plan.selection, total=plan.total, after=plan.after)
        plans.put(key, plan)
        return plan, values

    def _reusable(self, kind: str) -> tuple[object, dict[str, Any]] | None:
        """The key of a plan that serves this request and all like it, and the values in which those differ.

        Whatever else is in the query is part of the key, word for word. None where that would be a key for each
        request, or where the values do not tell themselves apart in the statement.
        """
        if type(self).list_queryset is ListMixin.list_queryset:
            return None
        values = (
            dict(self.kwargs) if getattr(self, "is_shared", False) else {"user": self.request.user.pk, **self.kwargs}
        )
        fixed: list[object] = []
        ids, choices = _kinds_of_filters(getattr(self, "filterset_class", None))
        for name, given in self.request._request.GET.lists():
            if name in ids:
                try:
                    values[f"filter {name}"] = UUID(given[-1])
                except ValueError:
                    return None
                fixed.append(name)
            elif name in choices or name in (ORDERING, FIELDS) or (name == CURSOR and not given[-1]):
                fixed.append((name, tuple(given)))
            elif name not in (PAGE, PAGE_SIZE):
                return None
        if not all(isinstance(value, UUID) for value in values.values()) or len({*values.values()}) < len(values):
            return None
        return (type(self), kind, tuple(self.kwargs), tuple(fixed)), values

    def _made(self, kind: str) -> Plan | None:
        queryset = self._listed()
        serializer = self.get_serializer()  # type: ignore[attr-defined]
        selection = selection_of(self.request, serializer)
        read = selection if selection is None else {**dict.fromkeys(self.read_always), **selection}
        found = row_map(serializer, queryset, read)
        if found is None:
            return None
        columns = {name: place for place, name in enumerate(found.columns)}
        try:
            if kind == PAGED:
                queryset = self.narrowed(queryset.annotate(**{_TOTAL: self.total(queryset)}), cursor=None)
                columns.setdefault(_TOTAL, len(columns))
            terms = terms_of(queryset)
            if kind == READ_ON:
                cursor = self.request.query_params[CURSOR]
                queryset = self.narrowed(self.paginator.rows_after(queryset, cursor), cursor=cursor)
                for name, _ in terms:
                    columns.setdefault(name, len(columns))
            statement = compiled(queryset.values_list(*columns), is_window=kind != STREAMED)
        except EmptyResultSet:
            statement = None
        after = tuple(columns[name] for name, _ in terms) if kind == READ_ON else ()
        return Plan(statement=statement, map=found, selection=selection, total=columns.get(_TOTAL, 0), after=after)


@cache
def _kinds_of_filters(filterset: Any) -> tuple[frozenset[str], frozenset[str]]:
    """The names of filters whose values are ids, and of those with a few values each."""
    declared: Mapping[str, Any] = filterset.base_filters if filterset else {}
    return tuple(  # type: ignore[return-value]
        frozenset(name for name, found in declared.items() if type(found) is kind)
        for kind in (django_filters.UUIDFilter, django_filters.ChoiceFilter)
    )
