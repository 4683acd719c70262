"""A client of the API whose requests go the way they go in config/wsgi.py: what was asked before is sent again."""

from collections.abc import Callable
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.test import APIClient, ForceAuthClientHandler

from config.http.repeats import Repeats


class _Handler(ForceAuthClientHandler):
    repeated = 0

    def __call__(self, environ: dict[str, Any]) -> HttpResponseBase:
        made: list[HttpResponseBase] = []
        told: list[Any] = []

        def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
            response = super(_Handler, self).__call__(environ)
            start_response(f"{response.status_code} {response.reason_phrase}", [*response.items()])
            made.append(response)
            return response

        body = Repeats(application)(environ, lambda *answer: told.extend(answer))
        if made:
            return made[0]
        self.repeated += 1
        status, headers = told
        repeated = HttpResponse(b"".join(body), status=int(status[:3]), headers=dict(headers))
        repeated.wsgi_request = WSGIRequest(environ)  # type: ignore[attr-defined]
        return repeated


class ServedClient(APIClient):
    def __init__(self, **defaults: Any) -> None:
        super().__init__(**defaults)
        self.handler = _Handler(enforce_csrf_checks=False)

    @property
    def repeated(self) -> int:
        """How many of its answers were sent before."""
        return self.handler.repeated
