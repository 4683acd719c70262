"""Health for load balancers and people, metrics for Prometheus. Open to all, so nothing here is secret."""

from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.health import checks, metrics


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """This process answers; nothing else is asked, so that a database that is away does not get it killed."""
    return JsonResponse({"status": "live"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when requests can be served (also without the cache), else 503; each check by name."""
    report = checks.readiness()
    status = 503 if report.status == "unavailable" else 200
    return JsonResponse({"status": report.status, "checks": report.checks}, status=status)


@never_cache
@require_safe
def database(request: HttpRequest) -> JsonResponse:
    """Connections used, of the budget and of the server's maximum."""
    try:
        return JsonResponse({"status": "ok", "connections": checks.database_use()})
    except Error:
        return JsonResponse({"status": "down"}, status=503)


@never_cache
@require_safe
def prometheus(request: HttpRequest) -> HttpResponse:
    """Request and process metrics of all web processes of this launcher."""
    return HttpResponse(metrics.exposition(), content_type=metrics.CONTENT_TYPE)
