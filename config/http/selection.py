"""``?fields=name,team.name``: of a list or of an object, only what is named."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from config.http.problems import FieldError, ValidationProblem

FIELDS = "fields"
DESCRIPTION = "Names, comma-separated, that are to be shown alone; with a dot those within, as in team.name."

# What is asked for by its name: all of it (None), or only some names within.
type Selection = dict[str, "Selection | None"]


def selection_of(request: Request, serializer: Any) -> Selection | None:
    """What the request asks for; None for everything. Raises ``ValidationProblem`` naming all that is unknown."""
    text = request.query_params.get(FIELDS)
    if text is None:
        return None
    known = names_within(serializer)
    chosen: Selection = {}
    unknown = [name for part in text.split(",") if not _choose(chosen, (name := part.strip()).split("."), known)]
    if unknown:
        named = ", ".join(unknown) if any(unknown) else "an empty name"
        message = f"There is no {named}; there is {', '.join(_paths(known))}."
        raise ValidationProblem([FieldError(FIELDS, "unknown", message)])
    return chosen


def _choose(chosen: Selection, path: list[str], known: Mapping[str, Any]) -> bool:
    name, *rest = path
    if name not in known:
        return False
    if not rest:
        chosen[name] = None
        return True
    if known[name] is None:
        return False
    within = chosen.setdefault(name, {})
    # All of it was asked for already; what is named beside that must be there all the same.
    return _choose({} if within is None else within, rest, known[name])


def names_within(serializer: Any) -> dict[str, Any]:
    """The names a serializer shows, each with those within it, None where it is one value."""
    inner = getattr(serializer, "child", serializer)
    return {shown.field_name: _within(shown) for shown in inner._readable_fields}


def _within(shown: Any) -> dict[str, Any] | None:
    if isinstance(getattr(shown, "child", shown), serializers.Serializer):
        return names_within(shown)
    # A field of several columns says which names it has, if it is an object.
    parts = getattr(shown, "parts", ())
    return dict.fromkeys(parts) if parts else None


def _paths(known: Mapping[str, Any]) -> list[str]:
    return [path for name, within in known.items() for path in (name, *(f"{name}.{p}" for p in _paths(within or {})))]


def selected(data: Any, selection: Selection | None) -> Any:
    """``data`` with what is selected alone, in its own order."""
    if selection is None or data is None:
        return data
    if isinstance(data, list):
        return [selected(item, selection) for item in data]
    return {name: selected(value, selection[name]) for name, value in data.items() if name in selection}
