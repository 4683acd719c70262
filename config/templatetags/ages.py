"""How long ago, and how long yet, in the one unit that says most."""

from datetime import datetime
from math import ceil

from django import template
from django.utils import timezone

register = template.Library()

_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"))
# Beyond, nobody counts in seconds, or in minutes.
_MOST_SECONDS, _MOST_MINUTES = 90, 90


@register.filter
def age(moment: datetime | None) -> str:
    """Time since ``moment``, as in "12 s", "3 min", "5 h"; empty without one, "0 s" for what is to come."""
    if moment is None:
        return ""
    seconds = max(0, int((timezone.now() - moment).total_seconds()))
    for length, unit in _UNITS:
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


@register.filter
def wait(seconds: int) -> str:
    """How long to wait, as in "1 second", "59 seconds", "59 minutes", "5 hours": never less than it is."""
    if seconds <= _MOST_SECONDS:
        return _counted(seconds, "second")
    minutes = ceil(seconds / 60)
    return _counted(minutes, "minute") if minutes <= _MOST_MINUTES else _counted(ceil(seconds / 3600), "hour")


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
