"""A word to people when nobody takes their calculations."""

from typing import Any

from django import template
from django.core.cache import cache

from scenarios.services.workers import workers_alive

register = template.Library()

_KEY, _KEPT_S = "pages:a-worker-is-alive", 5


@register.inclusion_tag("scenarios/parts/worker_banner.html")
def worker_banner() -> dict[str, Any]:
    """A banner while no worker is alive, empty else; asked for at most every five seconds."""
    is_alive = cache.get(_KEY)
    if is_alive is None:
        is_alive = workers_alive().exists()
        cache.set(_KEY, is_alive, _KEPT_S)
    return {"is_idle": not is_alive}
