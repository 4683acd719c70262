"""Pages of a list, in the one shape that all lists have."""

import math
from typing import Any
from urllib.parse import quote

from django.conf import settings
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings

from config.http.cursor import CURSOR, BadCursorError, cursor_after, rows_after, terms_of
from config.http.problems import FieldError, Problem, ValidationProblem

PAGE = "page"
PAGE_SIZE = "pageSize"


class PageNumberPagination(BasePagination):
    """``?page=&pageSize=`` to ``{items, total, page, pageSize, totalPages, hasNext, hasPrevious, links}``.

    Links are path-absolute: they hold behind any proxy and in any cache. A page past the last is 404; a page size
    beyond ``MAX_PAGE_SIZE`` is 400 and says the cap.

    ``?cursor=`` (empty to begin) reads on from row to row instead, without counting: ``{items, pageSize, hasNext,
    links}``, where ``links.next`` carries the next cursor.
    """

    query_names = frozenset({PAGE, PAGE_SIZE, CURSOR})

    def window(self, request: Request) -> tuple[int, int]:
        """Page and page size asked for. Raises ``ValidationProblem`` naming both when both are wrong."""
        errors: list[FieldError] = []
        page = _positive(request, PAGE, 1, None, errors)
        size = _positive(request, PAGE_SIZE, api_settings.PAGE_SIZE or 20, settings.MAX_PAGE_SIZE, errors)
        if CURSOR in request.query_params and PAGE in request.query_params:
            errors.append(FieldError(CURSOR, "conflict", "A list is read by page or by cursor, not by both."))
        if errors:
            raise ValidationProblem(errors)
        return page, size

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        self.page, self.size = self.window(request)
        self.cursor = request.query_params.get(CURSOR)
        if self.cursor is not None:
            terms = terms_of(queryset)
            rows = list(self.rows_after(queryset, self.cursor)[: self.size + 1])
            is_more = len(rows) > self.size
            self.next = cursor_after(rows[self.size - 1], terms) if is_more else None
            return rows[: self.size]
        self.total = queryset.count()
        if self.page > 1:
            self.check_page(self.page, self.size, self.total)
        start = (self.page - 1) * self.size
        return list(queryset[start : start + self.size])

    @staticmethod
    def rows_after(queryset: Any, cursor: str) -> Any:
        """The rows after ``cursor``. Raises ``ValidationProblem`` for one that is none of this list."""
        try:
            return rows_after(queryset, cursor, terms_of(queryset))
        except BadCursorError:
            raise ValidationProblem(
                [FieldError(CURSOR, "invalid", "Is no cursor of this list in this order.")]
            ) from None

    @staticmethod
    def check_page(page: int, size: int, total: int) -> None:
        """Raise 404 for a page past the last."""
        last = max(math.ceil(total / size), 1)
        if page > last:
            raise Problem(404, detail=f"There is no page {page}: the last is {last}.")

    def get_paginated_response(self, data: Any) -> Response:
        if self.cursor is not None:
            return Response(cursor_body(self.request, data, size=self.size, cursor=self.cursor, next_=self.next))
        return Response(page_body(self.request, data, total=self.total, page=self.page, size=self.size))

    def get_results(self, data: Any) -> Any:
        return data["items"]

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        cap = settings.MAX_PAGE_SIZE
        return [
            _parameter(PAGE, "Number of the page, from 1.", {"type": "integer", "minimum": 1, "default": 1}),
            _parameter(
                CURSOR, "Read on from here without counting; empty to begin, then links.next.", {"type": "string"}
            ),
            _parameter(
                PAGE_SIZE,
                f"Items a page, at most {cap}.",
                {"type": "integer", "minimum": 1, "maximum": cap, "default": api_settings.PAGE_SIZE},
            ),
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri-reference"}
        optional = {**link, "nullable": True}
        count = {"type": "integer", "minimum": 0, "description": "Absent when read by cursor."}
        properties = {
            "items": schema,
            "total": count,
            "page": {"type": "integer", "minimum": 1, "description": "Absent when read by cursor."},
            "pageSize": {"type": "integer", "minimum": 1},
            "totalPages": count,
            "hasNext": {"type": "boolean"},
            "hasPrevious": {"type": "boolean", "description": "Absent when read by cursor."},
            "links": {
                "type": "object",
                "required": ["self", "first", "next"],
                "properties": {"self": link, "first": link, "prev": optional, "next": optional, "last": link},
            },
        }
        required = ["items", "pageSize", "hasNext", "links"]
        return {"type": "object", "required": required, "properties": properties}


def page_body(request: Request, items: Any, *, total: int, page: int, size: int) -> dict[str, Any]:
    """A numbered page as it goes on the wire."""
    pages = math.ceil(total / size)
    link = _Links(request, PAGE, size)
    return {
        "items": items,
        "total": total,
        "page": page,
        "pageSize": size,
        "totalPages": pages,
        "hasNext": page < pages,
        "hasPrevious": page > 1,
        "links": {
            "self": link.to(page),
            "first": link.to(1),
            "prev": link.to(page - 1) if page > 1 else None,
            "next": link.to(page + 1) if page < pages else None,
            "last": link.to(max(pages, 1)),
        },
    }


def cursor_body(request: Request, items: Any, *, size: int, cursor: str, next_: str | None) -> dict[str, Any]:
    """A page that was read on to."""
    link = _Links(request, CURSOR, size)
    links = {
        "self": link.to(cursor),
        "first": link.to(""),
        "next": None if next_ is None else link.to(next_),
    }
    return {"items": items, "pageSize": size, "hasNext": next_ is not None, "links": links}


class _Links:
    """The address of the request with another place in the list; the rest of the query is written once."""

    def __init__(self, request: Request, name: str, size: int) -> None:
        query = request._request.GET.copy()
        query[name] = _PLACE
        query[PAGE_SIZE] = str(size)
        self._before, _, self._after = f"{request.path}?{query.urlencode()}".partition(f"{name}={_PLACE}")
        self._name = name

    def to(self, place: int | str) -> str:
        return f"{self._before}{self._name}={quote(str(place), safe='')}{self._after}"


# No value of another parameter is mistaken for it: the name stands before it.
_PLACE = "PLACE"


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def _positive(request: Request, name: str, default: int, cap: int | None, errors: list[FieldError]) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    # Nine digits stay within the database's offsets; int() alone would also take "１" and "1_0".
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0
    if number < 1:
        errors.append(FieldError(name, "invalid", "Must be a whole number of at least 1."))
    elif cap is not None and number > cap:
        errors.append(FieldError(name, "max_value", f"May be at most {cap}."))
    return number
