"""Pages of a list, in the one shape that all lists have."""

import math
from typing import Any

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
            return self._read_on(queryset, self.cursor)
        self.total = queryset.count()
        self.pages = math.ceil(self.total / self.size)
        if self.page > max(self.pages, 1):
            raise Problem(404, detail=f"There is no page {self.page}: the last is {max(self.pages, 1)}.")
        start = (self.page - 1) * self.size
        return list(queryset[start : start + self.size])

    def _read_on(self, queryset: Any, cursor: str) -> list[Any]:
        terms = terms_of(queryset)
        try:
            rows = list(rows_after(queryset, cursor, terms)[: self.size + 1])
        except BadCursorError:
            raise ValidationProblem(
                [FieldError(CURSOR, "invalid", "Is no cursor of this list in this order.")]
            ) from None
        self.next = cursor_after(rows[self.size - 1], terms) if len(rows) > self.size else None
        return rows[: self.size]

    def get_paginated_response(self, data: Any) -> Response:
        if self.cursor is not None:
            links = {"self": self._link(CURSOR, self.cursor), "first": self._link(CURSOR, ""), "next": None}
            if self.next is not None:
                links["next"] = self._link(CURSOR, self.next)
            return Response({"items": data, "pageSize": self.size, "hasNext": self.next is not None, "links": links})
        return Response(
            {
                "items": data,
                "total": self.total,
                "page": self.page,
                "pageSize": self.size,
                "totalPages": self.pages,
                "hasNext": self.page < self.pages,
                "hasPrevious": self.page > 1,
                "links": {
                    "self": self._link(PAGE, self.page),
                    "first": self._link(PAGE, 1),
                    "prev": self._link(PAGE, self.page - 1) if self.page > 1 else None,
                    "next": self._link(PAGE, self.page + 1) if self.page < self.pages else None,
                    "last": self._link(PAGE, max(self.pages, 1)),
                },
            }
        )

    def get_results(self, data: Any) -> Any:
        return data["items"]

    def _link(self, name: str, place: int | str) -> str:
        query = self.request.query_params.copy()
        query[name] = str(place)
        query[PAGE_SIZE] = str(self.size)
        return f"{self.request.path}?{query.urlencode()}"

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
