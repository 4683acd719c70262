"""A word to people while nobody takes their calculations, which goes by itself."""

from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from scenarios.services.workers import workers_alive

_KEY, _KEPT_S = "pages:a-worker-is-alive", 5


def is_worker_alive() -> bool:
    """Asked of the database at most every five seconds."""
    is_alive: bool | None = cache.get(_KEY)
    if is_alive is None:
        is_alive = workers_alive().exists()
        cache.set(_KEY, is_alive, _KEPT_S)
    return is_alive


@login_required
@require_GET
@never_cache
def worker_banner(request: HttpRequest) -> HttpResponse:
    """The banner for a page that shows it; empty once a worker is back."""
    return render(request, "scenarios/parts/worker_banner.html", {"is_idle": not is_worker_alive()})
