"""The first page of the API: where its collections are."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


def _addresses(patterns: list[Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for entry in patterns:
        route = prefix + str(entry.pattern).removeprefix("^").removesuffix("$").removesuffix("\\Z")
        if isinstance(entry, URLResolver):
            yield from _addresses(entry.url_patterns, route)
        elif isinstance(entry, URLPattern):
            yield route, entry.callback


@extend_schema(exclude=True)
class RootView(APIView):
    """Everything that can be listed, by name; the whole surface is described at /api/docs."""

    name = "API"

    def get(self, request: Request) -> Response:
        found = {
            route.removeprefix("api/v1/"): f"/{route}"
            for route, callback in _addresses(get_resolver().url_patterns, "")
            if route.startswith("api/v1/") and "(" not in route and "<" not in route and _is_readable(callback)
        }
        found.pop("", None)
        return Response({**dict(sorted(found.items())), "schema": "/api/schema", "docs": "/api/docs"})


def _is_readable(callback: Any) -> bool:
    if actions := getattr(callback, "actions", None):
        return "get" in actions
    return hasattr(getattr(callback, "cls", None), "get")
