"""What every response carries: the request's id, the time it took, and what a browser may do with it."""

import time
from collections.abc import Callable

from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware import csrf
from django_htmx import middleware as htmx

from config.http import current
from config.http.measured import measured_headers, request_id_of

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

    The other security headers (nosniff, referrer, HSTS, framing) are Django's own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        request_id = request_id_of(request.META)
        request.request_id = request_id  # type: ignore[attr-defined]
        current.begin(request)
        response = self.get_response(request)
        headers = response.headers
        if "Content-Security-Policy" not in headers:
            headers["Content-Security-Policy"] = DOCS_CSP if request.path.startswith(DOCS_PATH) else STRICT_CSP
        headers["Permissions-Policy"] = PERMISSIONS_POLICY
        match = request.resolver_match
        own = measured_headers(
            request_id=request_id,
            method=request.method or "",
            route=match.route if match else None,
            status=response.status_code,
            started=started,
            timing=headers.get("Server-Timing", ""),
        )
        for name, value in own.items():
            headers[name] = value
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
