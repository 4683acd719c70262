"""Compression of answers that no cache has compressed already."""

from collections.abc import Callable, Iterator
from typing import cast

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from config.cache import codings

# Pages carry a CSRF token, and the length of a compressed page could give it away bit by bit (BREACH).
_COMPRESSED = ("application/json", "application/problem+json", "application/vnd.oai.openapi", "application/x-ndjson")
# Bodies this large are sent while they are being compressed.
STREAMED_FROM = 500_000
PIECE = 65_536


class CompressionMiddleware:
    """Sends JSON in the coding the client takes; what must not be stored (tokens) is left as it is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not self._may_be_compressed(response):
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        accepted = request.META.get("HTTP_ACCEPT_ENCODING", "")
        if isinstance(response, StreamingHttpResponse):
            coding = codings.coding_for(accepted, STREAMED_FROM)
            if coding != codings.IDENTITY:
                pieces = cast("Iterator[bytes]", response.streaming_content)
                response.streaming_content = codings.coded_while_sent(pieces, coding)
                _say(response, coding)
            return response
        body = cast(HttpResponse, response).content
        coding = codings.coding_for(accepted, len(body))
        return response if coding == codings.IDENTITY else _coded(cast(HttpResponse, response), body, coding)

    @staticmethod
    def _may_be_compressed(response: HttpResponseBase) -> bool:
        return (
            "Content-Encoding" not in response.headers
            and response.headers.get("Content-Type", "").startswith(_COMPRESSED)
            and response.headers.get("Cache-Control") != "no-store"
        )


def _coded(response: HttpResponse, body: bytes, coding: str) -> HttpResponseBase:
    if len(body) < STREAMED_FROM:
        response.content = codings.coded(body, coding)
        _say(response, coding)
        response.headers["Content-Length"] = str(len(response.content))
        return response
    pieces = (body[start : start + PIECE] for start in range(0, len(body), PIECE))
    streamed = StreamingHttpResponse(codings.coded_while_sent(pieces, coding), status=response.status_code)
    streamed.headers, streamed.cookies = response.headers, response.cookies
    streamed.headers.pop("Content-Length", None)
    _say(streamed, coding)
    return streamed


def _say(response: HttpResponseBase, coding: str) -> None:
    for name, value in codings.headers(coding, response.headers.get("ETag", "")).items():
        response.headers[name] = value
