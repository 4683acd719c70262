"""Names on the wire: the declared snake_case name in camelCase, made in this one place."""

import re
from functools import cache

_UPPER = re.compile(r"(?<!^)([A-Z])")


@cache
def camel(name: str) -> str:
    """``created_at`` → ``createdAt``; a name that is already camelCase stays as it is."""
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


@cache
def snake(name: str) -> str:
    """``createdAt`` → ``created_at``: the inverse of ``camel`` for names whose parts do not begin with a digit."""
    return _UPPER.sub(r"_\1", name).lower()
