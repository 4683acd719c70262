"""Rates: how often one address, account or host may ask, from ``settings.RATES``."""

from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django_ratelimit.core import get_usage
from rest_framework.request import Request

from config.http.problems import RateLimited

type Key = str | Callable[[str, Any], str]


def by_address(group: str, request: Any) -> str:
    """The e-mail address in the body or form, without case; those without one share a count."""
    body: Any = request.data if isinstance(request, Request) else request.POST
    address = body.get("email") or body.get("username")
    return address.strip().lower() if isinstance(address, str) else ""


def client_address(request: HttpRequest | Request) -> str:
    """The address that the proxy in front of us saw: the last one in ``X-Forwarded-For``.

    Those before it are the client's own words. Without the header (a check from this host) it is the peer's address.
    """
    last = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    try:
        return str(ip_address(last))
    except ValueError:
        return str(request.META["REMOTE_ADDR"])


def seconds_to_wait(request: HttpRequest | Request, name: str, *keys: Key) -> int | None:
    """Count this request against the rate ``name`` under each key.

    Returns None while all of them allow it, else the seconds until the last of them does. A cache that does not
    answer allows everything.
    """
    waits = []
    for key in keys:
        label = key if isinstance(key, str) else key.__name__
        usage = get_usage(request, f"{name}:{label}", key=key, rate=settings.RATES[name], increment=True)
        if usage is not None and usage["should_limit"]:
            waits.append(max(1, usage["time_left"]))
    return max(waits, default=None)


def rate_limited(name: str, *keys: Key) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a view's method: beyond the rate it raises ``RateLimited``.

    Keys are those of django-ratelimit (``"ip"``, ``"user_or_ip"``) or a function of group and request.
    """

    def decorate(method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def limited(view: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
            wait = seconds_to_wait(request, name, *keys)
            if wait is not None:
                raise RateLimited(wait)
            return method(view, request, *args, **kwargs)

        return limited

    return decorate
