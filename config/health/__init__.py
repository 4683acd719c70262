"""Whether this copy can serve: apps register what they need to be ready, ``/health/ready`` asks all of them.

An app registers from ``AppConfig.ready``::

    health.register("masterdata", masterdata_problem)
"""

from collections.abc import Callable

Check = Callable[[], str | None]

_checks: dict[str, Check] = {}


def register(name: str, check: Check) -> None:
    """Add a check: it returns None when all is well, else a sentence; what it raises counts as a failure as well.

    Errors: ValueError when another check has the name.
    """
    if _checks.get(name, check) is not check:
        raise ValueError(f"a health check named {name} exists already")
    _checks[name] = check


def registered() -> dict[str, Check]:
    return dict(_checks)
