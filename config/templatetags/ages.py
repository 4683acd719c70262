"""How long ago, in the one unit that says most."""

from datetime import datetime

from django import template
from django.utils import timezone

register = template.Library()

_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"))


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
