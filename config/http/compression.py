"""Compression of answers that no cache has compressed already."""

from collections.abc import Callable, Iterator
from typing import cast

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from config.cache import codings

# The length of a compressed page might give a secret away bit by bit to a stranger who has it asked for again and again
# (BREACH). Ours have none that stays: the CSRF token is masked anew in each, the cookie of the session does not come
# with another site's requests, and what is shown once is not to be stored.
_COMPRESSED = (
    "text/html",
    "application/json",
    "application/problem+json",
    "application/vnd.oai.openapi",
    "application/x-ndjson",
)
# Bodies this large are sent while they are being compressed.
STREAMED_FROM = 500_000
PIECE = 65_536


class CompressionMiddleware:
    """Sends JSON and pages in the coding the client takes; what must not be stored (tokens) is left as it is."""

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
            and "no-store" not in response.headers.get("Cache-Control", "")
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
