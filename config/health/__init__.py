"""Whether this copy can serve: apps register what they need to be ready, ``/health/ready`` asks all of them.

An app registers from ``AppConfig.ready``::

    health.register("masterdata", masterdata_problem)
"""

from collections.abc import Callable

Check = Callable[[], str | None]

_checks: dict[str, Check] = {}
# What the product can do without for a while.
_dispensable = {"cache"}


def register(name: str, check: Check, *, dispensable: bool = False) -> None:
    """Add a check: it returns None when all is well, else a sentence; what it raises counts as a failure as well.

    ``dispensable``: without it requests are still served, so a failure only degrades the product.
    Errors: ValueError when another check has the name.
    """
    if _checks.get(name, check) is not check:
        raise ValueError(f"a health check named {name} exists already")
    _checks[name] = check
    if dispensable:
        _dispensable.add(name)


def is_dispensable(name: str) -> bool:
    return name in _dispensable


def registered() -> dict[str, Check]:
    return dict(_checks)
