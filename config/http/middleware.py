"""What every response carries: the request's id, the time it took, and what a browser may do with it."""

import re
import time
import uuid
from collections.abc import Callable

from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware import csrf
from django_htmx import middleware as htmx

from config.health import metrics
from config.http import current

_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")

STRICT_CSP = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
# Swagger UI writes style attributes from its script.
DOCS_CSP = STRICT_CSP + "; style-src 'self' 'unsafe-inline'"
DOCS_PATH = "/api/docs"
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


class RequestMiddleware:
    """First in the chain, so that its clock covers all of the others.

    A caller's own ``X-Request-ID`` is taken over when it looks like one. The other security headers (nosniff,
    referrer, HSTS, framing) are Django's own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        current.begin(request)
        response = self.get_response(request)
        headers = response.headers
        headers["X-Request-ID"] = request_id
        if "Content-Security-Policy" not in headers:
            headers["Content-Security-Policy"] = DOCS_CSP if request.path.startswith(DOCS_PATH) else STRICT_CSP
        headers["Permissions-Policy"] = PERMISSIONS_POLICY
        elapsed = time.perf_counter() - started
        match = request.resolver_match
        metrics.observe_request(
            method=request.method or "",
            route=match.route if match else None,
            status=response.status_code,
            seconds=elapsed,
        )
        headers["X-Process-Time"] = f"{elapsed:.6f}"
        own = f"app;dur={elapsed * 1000:.3f}"
        headers["Server-Timing"] = f"{headers['Server-Timing']}, {own}" if "Server-Timing" in headers else own
        return response


class _ForPages:
    """Mixed into a middleware that serves browsers: a program that brings its token to the API passes by it."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.META.get("HTTP_AUTHORIZATION")
        if given and given[:7].lower() == "bearer " and request.path_info.startswith("/api/"):
            return self.get_response(request)  # type: ignore[attr-defined]
        return super().__call__(request)  # type: ignore[misc]


class SessionMiddleware(_ForPages, sessions.SessionMiddleware):
    pass


class CsrfViewMiddleware(_ForPages, csrf.CsrfViewMiddleware):
    """Its check of each view (``process_view``) stays in force, whatever the request brings."""


class AuthenticationMiddleware(_ForPages, auth.AuthenticationMiddleware):
    pass


class MessageMiddleware(_ForPages, messages.MessageMiddleware):
    pass


class HtmxMiddleware(_ForPages, htmx.HtmxMiddleware):
    pass
