"""Every route of the product, as its URL configuration has it, and how to address it."""

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, get_resolver

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# The admin's own routes are many and all behind one door; what is shown there are pages of staff.
ADMIN = "admin/"
_PLACES = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:[^()]|\[[^]]*\])*\)")


def routes() -> dict[str, frozenset[str] | None]:
    """Methods by route; None for a function, which does not say which it answers."""
    found: dict[str, frozenset[str] | None] = {}
    for route, callback in _walk(get_resolver().url_patterns):
        if not route.startswith(ADMIN):
            found[_plain(route)] = _methods(callback)
    return found


def _walk(patterns: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, pattern.callback
        else:
            yield from _walk(pattern.url_patterns, route)


def _plain(route: str) -> str:
    """``api/v1/^projects/(?P<pk>[^/.]+)$`` as ``/api/v1/projects/{pk}``."""
    named = _PLACES.sub(lambda found: f"{{{found[1] or found[2]}}}", route)
    return "/" + named.replace("^", "").replace("$", "")


def _methods(callback: Any) -> frozenset[str] | None:
    view = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
    if view is None:
        return None
    allowed = {method for method in METHODS if method.lower() in view.http_method_names}
    actions = getattr(callback, "actions", None)
    if actions:
        return frozenset(allowed & {method.upper() for method in actions})
    return frozenset(method for method in allowed if hasattr(view, method.lower()))
