"""Compression of answers that no cache has compressed already."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from config.cache import codings

# Pages carry a CSRF token, and the length of a compressed page could give it away bit by bit (BREACH).
_COMPRESSED = ("application/json", "application/problem+json", "application/vnd.oai.openapi")


class CompressionMiddleware:
    """Sends JSON in the coding the client takes; what must not be stored (tokens) is left as it is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not self._may_be_compressed(response):
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        coding = codings.coding_for(request.META.get("HTTP_ACCEPT_ENCODING", ""), len(response.content))  # type: ignore[attr-defined]
        if coding != codings.IDENTITY:
            response.content = codings.coded(response.content, coding)  # type: ignore[attr-defined]
            coded = codings.headers(coding, response.headers.get("ETag", ""))
            for name, value in {**coded, "Content-Length": str(len(response.content))}.items():  # type: ignore[attr-defined]
                response.headers[name] = value
        return response

    @staticmethod
    def _may_be_compressed(response: HttpResponseBase) -> bool:
        return (
            not response.streaming
            and "Content-Encoding" not in response.headers
            and response.headers.get("Content-Type", "").startswith(_COMPRESSED)
            and response.headers.get("Cache-Control") != "no-store"
        )
