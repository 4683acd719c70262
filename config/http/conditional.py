"""Conditional requests: 304 for a reader who has it already, 412 for a writer who has an old one."""

import hashlib
from typing import Any

from django.http import HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.problems import StaleWrite
from config.http.rendering import encode

CACHE_CONTROL = "private, no-cache"
_KEPT = ("ETag", "Cache-Control", "Vary", "Content-Location", "Date", "Expires")


def etag(*parts: object) -> str:
    """The quoted entity tag of what ``parts`` determine: an id and a version, and whatever else is shown."""
    text = "\x1f".join(str(part) for part in parts)
    return f'"{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}"'


def content_etag(body: bytes) -> str:
    """The entity tag of a body of bytes."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def _bare(tag: str) -> str:
    return tag.removeprefix("W/")


def is_known(request: Request, tag: str) -> bool:
    """Whether ``If-None-Match`` names ``tag``, by the weak comparison that RFC 9110 asks for there."""
    given = request._request.META.get("HTTP_IF_NONE_MATCH")
    if not given:
        return False
    return given.strip() == "*" or _bare(tag) in map(_bare, parse_etags(given))


def check_if_match(request: Request, tag: str) -> None:
    """Raise ``StaleWrite`` when ``If-Match`` is given and names another version than ``tag``.

    Call it under the row lock. A tag that a proxy weakened while compressing still counts: ours stand for versions,
    not for bytes.
    """
    given = request.META.get("HTTP_IF_MATCH")
    if given is None or given.strip() == "*":
        return
    if _bare(tag) not in map(_bare, parse_etags(given)):
        raise StaleWrite


def check_content_if_match(request: Request, data: Any) -> None:
    """``check_if_match`` for what has no version of its own: ``data`` is what a GET would show now."""
    if "HTTP_IF_MATCH" in request.META:
        check_if_match(request, content_etag(encode(data)))


def not_modified(tag: str) -> HttpResponseNotModified:
    """304 for a reader who has what the tag stands for."""
    return HttpResponseNotModified(headers={"ETag": tag, "Cache-Control": CACHE_CONTROL})


class ConditionalMixin:
    """Gives each successful JSON GET of a view an ETag, and answers 304 where the reader has it.

    A view that knows a version sets the header ``ETag`` itself, before any body exists; for the others the bytes are
    hashed.
    """

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        if request.method in {"GET", "HEAD"} and response.status_code == 200:
            response.headers.setdefault("Cache-Control", CACHE_CONTROL)
            patch_vary_headers(response, ["Authorization", "Cookie"])
            if getattr(response, "accepted_renderer", None):
                response.add_post_render_callback(lambda rendered: _tag_content(request, rendered))
        return response


def _tag_content(request: Request, response: Response) -> HttpResponseNotModified | None:
    if not response.headers.get("Content-Type", "").startswith("application/json"):
        return None
    if "ETag" not in response.headers:
        response.headers["ETag"] = content_etag(response.content)
    if not is_known(request, response.headers["ETag"]):
        return None
    reply = HttpResponseNotModified()
    for name in _KEPT:
        if name in response.headers:
            reply.headers[name] = response.headers[name]
    return reply
