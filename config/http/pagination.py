"""Pages of a list, in the one shape that all lists have."""

import math
from typing import Any

from django.conf import settings
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings

from config.http.problems import FieldError, Problem, ValidationProblem

PAGE = "page"
PAGE_SIZE = "pageSize"


class PageNumberPagination(BasePagination):
    """``?page=&pageSize=`` to ``{items, total, page, pageSize, totalPages, hasNext, hasPrevious, links}``.

    Links are path-absolute: they hold behind any proxy and in any cache. A page past the last is 404; a page size
    beyond ``MAX_PAGE_SIZE`` is 400 and says the cap.
    """

    query_names = frozenset({PAGE, PAGE_SIZE})

    def window(self, request: Request) -> tuple[int, int]:
        """Page and page size asked for. Raises ``ValidationProblem`` naming both when both are wrong."""
        errors: list[FieldError] = []
        page = _positive(request, PAGE, 1, None, errors)
        size = _positive(request, PAGE_SIZE, api_settings.PAGE_SIZE or 20, settings.MAX_PAGE_SIZE, errors)
        if errors:
            raise ValidationProblem(errors)
        return page, size

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        self.page, self.size = self.window(request)
        self.total = queryset.count()
        self.pages = math.ceil(self.total / self.size)
        if self.page > max(self.pages, 1):
            raise Problem(404, detail=f"There is no page {self.page}: the last is {max(self.pages, 1)}.")
        start = (self.page - 1) * self.size
        return list(queryset[start : start + self.size])

    def get_paginated_response(self, data: Any) -> Response:
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
                    "self": self._link(self.page),
                    "first": self._link(1),
                    "prev": self._link(self.page - 1) if self.page > 1 else None,
                    "next": self._link(self.page + 1) if self.page < self.pages else None,
                    "last": self._link(max(self.pages, 1)),
                },
            }
        )

    def get_results(self, data: Any) -> Any:
        return data["items"]

    def _link(self, page: int) -> str:
        query = self.request.query_params.copy()
        query[PAGE] = str(page)
        query[PAGE_SIZE] = str(self.size)
        return f"{self.request.path}?{query.urlencode()}"

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        cap = settings.MAX_PAGE_SIZE
        return [
            _parameter(PAGE, "Number of the page, from 1.", {"type": "integer", "minimum": 1, "default": 1}),
            _parameter(
                PAGE_SIZE,
                f"Items a page, at most {cap}.",
                {"type": "integer", "minimum": 1, "maximum": cap, "default": api_settings.PAGE_SIZE},
            ),
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri-reference"}
        optional = {**link, "nullable": True}
        count = {"type": "integer", "minimum": 0}
        properties = {
            "items": schema,
            "total": count,
            "page": {"type": "integer", "minimum": 1},
            "pageSize": {"type": "integer", "minimum": 1},
            "totalPages": count,
            "hasNext": {"type": "boolean"},
            "hasPrevious": {"type": "boolean"},
            "links": {
                "type": "object",
                "required": ["self", "first", "prev", "next", "last"],
                "properties": {"self": link, "first": link, "prev": optional, "next": optional, "last": link},
            },
        }
        return {"type": "object", "required": list(properties), "properties": properties}


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
