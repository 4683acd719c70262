"""Bodies: bounded before they are read, parsed strictly, and refused with the place of the fault."""

import json
import math
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import IO, Any

import orjson
from django.conf import settings
from rest_framework.parsers import BaseParser

from config.http.problems import LONGEST_NAME, MOST_NAMED, BodyTooLarge, FieldError, Problem, ValidationProblem
from config.http.rendering import OrjsonRenderer

MAX_DEPTH = 64


class BoundedJSONParser(BaseParser):
    """A JSON object in UTF-8 of at most ``DATA_UPLOAD_MAX_MEMORY_SIZE`` bytes.

    NaN, Infinity and numbers beyond a double are refused by the path of the field that holds them, so that no
    serializer ever meets one; a syntax error is refused with its line and column.
    """

    media_type = "application/json"
    renderer_class = OrjsonRenderer

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if _declared_length(parser_context) > limit:
            raise BodyTooLarge(limit)
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise BodyTooLarge(limit)
        try:
            data = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise _refusal(body, error) from None
        if not isinstance(data, dict):
            raise Problem(400, "Invalid request", "The body must be a JSON object.", "validation")
        _refuse_what_cannot_be_kept(body, data)
        return data


def _declared_length(parser_context: Mapping[str, Any] | None) -> int:
    request = (parser_context or {}).get("request")
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0) if request else 0
    except ValueError:
        return 0


def _refuse_what_cannot_be_kept(body: bytes, data: dict[str, Any]) -> None:
    # Counting bytes is a thousand times cheaper than walking the tree, and almost every body passes at once.
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH and _is_too_deep(data):
        raise Problem(400, "Invalid request", f"The body is nested more than {MAX_DEPTH} levels deep.", "validation")
    if b"\\u0000" in body and (
        errors := _first(
            FieldError(path, "null_character", "May not contain the character U+0000.")
            for path, value in _leaves(data)
            if isinstance(value, str) and "\0" in value
        )
    ):
        raise ValidationProblem(errors)


def _is_too_deep(data: dict[str, Any]) -> bool:
    level: list[Any] = [data]
    for _ in range(MAX_DEPTH):
        children = chain.from_iterable(one.values() if isinstance(one, dict) else one for one in level)
        level = [child for child in children if child and isinstance(child, dict | list)]
    return bool(level)


def _refusal(body: bytes, error: orjson.JSONDecodeError) -> Problem:
    """Why a body is not JSON: the fields that hold no finite number, or the place of the first fault."""
    try:
        # The standard parser is lenient about numbers, so what only it can read holds NaN, Infinity or 1e400.
        lenient = json.loads(body)
    except (ValueError, RecursionError):
        lenient = None
    errors = _first(
        FieldError(path, "not_finite", "Must be a finite number.")
        for path, value in _leaves(lenient)
        if isinstance(value, float | int) and not _is_finite(value)
    )
    if errors:
        return ValidationProblem(errors)
    detail = f"The body is not JSON: {error.msg} (line {error.lineno}, column {error.colno})."
    return Problem(400, "Malformed body", detail, "malformed-body")


def _first(errors: Iterator[FieldError]) -> list[FieldError]:
    """As many as are named."""
    return list(islice(errors, MOST_NAMED))


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond a double
        return False


def _leaves(data: Any) -> Iterator[tuple[str, Any]]:
    """Path and value of everything in a tree that is not a container, and of each empty container.

    Keys that hold U+0000 come as values of their own. One path is held at a time, and never more of it than is told:
    a name of 5 kB above 200,000 numbers would else be a gigabyte.
    """
    stack = [iter([("", data)])]
    while stack:
        for path, value in stack[-1]:
            if isinstance(value, dict | list) and value:
                stack.append(_children(path[:LONGEST_NAME], value))
                break
            yield path, value
        else:
            stack.pop()


def _children(path: str, value: dict[str, Any] | list[Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        yield from ((f"{path}[{index}]", item) for index, item in enumerate(value))
        return
    for key, item in value.items():
        if "\0" in key:
            yield path, key
        yield f"{path}.{key}" if path else key, item
