"""What our own pages share: limits whose refusal is a page, and what a fragment needs."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.http import trigger_client_event
from django_htmx.middleware import HtmxDetails

from config.http.limits import Key, seconds_to_wait


def htmx_of(request: HttpRequest) -> HtmxDetails:
    """What htmx says of its request; false where the whole page is wanted."""
    details: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    return details


def said[R: HttpResponse](answer: R, words: str) -> R:
    """``answer`` to htmx with ``words`` that are shown for a moment and read aloud (safapac/app.js)."""
    trigger_client_event(answer, "said", {"value": words})
    return answer


def too_many(request: HttpRequest, wait: int) -> HttpResponse:
    """The page that says when to come back."""
    answer = render(request, "429.html", {"wait": wait}, status=429)
    answer.headers["Retry-After"] = str(wait)
    return answer


def page_limited(name: str, *keys: Key) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Decorate a page: beyond the rate ``name`` of the settings it answers 429 with a page that says when to return."""

    def decorate(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(page)
        def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            wait = seconds_to_wait(request, name, *keys)
            return page(request, *args, **kwargs) if wait is None else too_many(request, wait)

        return limited

    return decorate
