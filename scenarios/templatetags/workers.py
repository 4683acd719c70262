"""A word to people when nobody takes their calculations."""

from typing import Any

from django import template

from scenarios.pages.workers import is_worker_alive

register = template.Library()


@register.inclusion_tag("scenarios/parts/worker_banner.html")
def worker_banner() -> dict[str, Any]:
    """A banner while no worker is alive, empty else."""
    return {"is_idle": not is_worker_alive()}
