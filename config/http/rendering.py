"""JSON for programs, HTML around the same JSON for people who are signed in."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from math import isfinite
from typing import Any
from uuid import UUID

import orjson
from django.utils.functional import Promise
from rest_framework.renderers import BaseRenderer, BrowsableAPIRenderer

from config.http.problems import PROBLEM_MEDIA_TYPE

# Dataclasses are refused: orjson would write a NaN in their fields as null, where the check below does not look.
OPTIONS = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z | orjson.OPT_PASSTHROUGH_DATACLASS


class FiniteDict(dict[str, Any]):
    """An object in which every number is known to be finite, such as what the engine reports: not looked through."""


def encode(data: Any, *, indent: bool = False) -> bytes:
    """``data`` as JSON. Raises ValueError for a number that is not finite, rather than let it pass for null."""
    body = orjson.dumps(data, _plain, OPTIONS | orjson.OPT_INDENT_2 if indent else OPTIONS)
    # orjson writes null for NaN: without a null in the text there is none in the data.
    if b"null" in body and type(data) is not FiniteDict:
        _refuse_non_finite(data)
    return body


def _plain(value: Any) -> Any:
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, Decimal | float):  # numpy's double is a float that orjson does not take for one
        return float(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


_WITHOUT_NUMBERS = frozenset({int, bool, datetime, UUID})


def _refuse_non_finite(data: Any) -> None:
    # Written for speed: a result has 1,600 numbers. Only containers are stacked; plain types leave at a comparison,
    # before the abstract ones are asked, which takes ten times as long.
    stack: list[Any] = [(data,)]
    while stack:
        container = stack.pop()
        is_object = type(container) is dict or isinstance(container, Mapping)
        for value in container.values() if is_object else container:
            kind = type(value)
            if kind is float:
                if not isfinite(value):
                    raise ValueError(f"{value!r} is not a finite number")
            elif kind is str or value is None or kind in _WITHOUT_NUMBERS:
                continue
            elif kind is dict or kind is list or isinstance(value, tuple | list | Mapping):
                stack.append(value)
            elif isinstance(value, float | Decimal) and not isfinite(value):
                raise ValueError(f"{value!r} is not a finite number")


class OrjsonRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "text"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        context = renderer_context or {}
        response = context.get("response")
        if data is None:
            return b""
        if getattr(response, "exception", False) and response is not None:
            response["Content-Type"] = PROBLEM_MEDIA_TYPE
        return encode(data, indent="indent" in context)


class NdjsonRenderer(OrjsonRenderer):
    """Chosen by who reads a whole list, one object a line, which the view streams; it writes what goes wrong before."""

    media_type = "application/x-ndjson"
    format = "ndjson"


# On tags alone: quotes in what is shown are escaped.
_INLINE_STYLE = re.compile(r' style="[^"<>]*"')


class BrowsableRenderer(BrowsableAPIRenderer):
    """The API as pages. A visitor who is not signed in gets the JSON that a program would get.

    The framework's templates place a few things by style attributes, which the content security policy refuses;
    safapac/api.css places them.
    """

    def get_context(
        self, data: Any, accepted_media_type: str | None, renderer_context: Mapping[str, Any]
    ) -> dict[str, Any]:
        # Colours come as an inline style sheet, which the content security policy refuses.
        return {**super().get_context(data, accepted_media_type, renderer_context), "code_style": ""}

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> Any:
        context = dict(renderer_context or {})
        if context["request"].user.is_authenticated:
            html = _INLINE_STYLE.sub("", super().render(data, accepted_media_type, context))
            context["response"]["Content-Type"] = f"{self.media_type}; charset={self.charset}"
            return html
        context["response"]["Content-Type"] = OrjsonRenderer.media_type
        return OrjsonRenderer().render(data, accepted_media_type, context)
