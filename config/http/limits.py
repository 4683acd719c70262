"""Rates: how often one address, account or host may ask, from ``settings.RATES``.

The keys, windows and counters are django-ratelimit's; all counters of a rate are moved in one round trip, where it
needs two for each. Every answer that was counted says so in ``RateLimit-Policy`` and ``RateLimit``
(draft-ietf-httpapi-ratelimit-headers).
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string
from django_ratelimit import ALL
from django_ratelimit.core import _SIMPLE_KEYS, EXPIRATION_FUDGE, _get_window, _make_cache_key, _split_rate
from django_redis import get_redis_connection
from redis.exceptions import RedisError
from rest_framework.request import Request

from config.cache import versions
from config.http.problems import API_PREFIX, RateLimited, problem_response

logger = logging.getLogger(__name__)

type Key = str | Callable[[str, Any], str]

ANONYMOUS = "anon"
_USAGES = "_rate_usages"


@dataclass(frozen=True, slots=True)
class Usage:
    """How far a rate is used up under one key: ``count`` of ``limit`` requests, this one included.

    The window of ``period_s`` seconds ends in ``left_s``.
    """

    name: str
    limit: int
    period_s: int
    count: int
    left_s: int

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.count)

    @property
    def is_over(self) -> bool:
        return self.count > self.limit


def client_address(request: HttpRequest | Request) -> str:
    """The address that the outermost of ``settings.TRUSTED_PROXIES`` proxies saw.

    Each of them appends whom it heard to ``X-Forwarded-For``; what stands before those is the client's own words.
    Without proxies, or where the header is shorter than they would have made it, it is the peer's address.
    """
    number = settings.TRUSTED_PROXIES
    if number:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(forwarded) >= number:
            try:
                return str(ip_address(forwarded[-number].strip()))
            except ValueError:
                pass
    return str(request.META["REMOTE_ADDR"])


def peer_address(request: HttpRequest | Request) -> str | None:
    """The client's address for the record; None where the peer has none, as on a unix socket."""
    try:
        return str(ip_address(client_address(request)))
    except ValueError:
        return None


def seconds_to_wait(request: HttpRequest | Request, name: str, *keys: Key) -> int | None:
    """Count this request against the rate ``name`` under each key.

    Returns None while all of them allow it, else the seconds until the last of them does. A cache that does not
    answer allows everything.
    """
    if not settings.RATELIMIT_ENABLE:
        return None
    usages = _counted(request, name, keys)
    plain = request._request if isinstance(request, Request) else request
    plain.__dict__.setdefault(_USAGES, []).extend(usages)
    return max((max(1, usage.left_s) for usage in usages if usage.is_over), default=None)


def _counted(request: HttpRequest | Request, name: str, keys: Sequence[Key]) -> list[Usage]:
    rate = settings.RATES[name]
    limit, period_s = _split_rate(rate)
    windows, counters = [], []
    for key in keys:
        group = f"{name}:{key if isinstance(key, str) else key.__name__}"
        value = _SIMPLE_KEYS[key](request) if isinstance(key, str) else key(group, request)
        windows.append(_get_window(value, period_s))
        counters.append(cache.make_key(_make_cache_key(group, windows[-1], rate, value, ALL)))
    counts = _increased(counters, lifetime_s=period_s + EXPIRATION_FUDGE)
    now = int(time.time())
    return [
        Usage(name, limit, period_s, count, window - now)
        for window, count in zip(windows, counts, strict=False)  # none, where they could not be counted
    ]


class _Outage:
    """Whether the cache was away when a request was last to be counted: said when it begins and when it ends."""

    def __init__(self) -> None:
        self.is_on = False

    def begin(self, cause: object) -> None:
        if not self.is_on:
            self.is_on = True
            logger.warning("rates are not counted, every request passes: %s", cause)

    def end(self) -> None:
        if self.is_on:
            self.is_on = False
            logger.warning("rates are counted again")


_outage = _Outage()


def _increased(counters: Sequence[str], *, lifetime_s: int) -> list[int]:
    """Each counter after one more; empty while the cache is away."""
    if not versions.is_relied_on():
        # Known already, and asking again could take as long as a timeout.
        _outage.begin("the cache is away")
        return []
    try:
        with get_redis_connection("default").pipeline(transaction=False) as pipeline:
            for counter in counters:
                pipeline.set(counter, 0, ex=lifetime_s, nx=True)
                pipeline.incr(counter)
            counts: list[int] = pipeline.execute()[1::2]
    except (RedisError, NotImplementedError) as error:
        _outage.begin(error)
        return []
    _outage.end()
    return counts


def rate_limited(name: str, *keys: Key) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a view's method: beyond the rate it raises ``RateLimited``.

    Keys are the simple ones of django-ratelimit (``"ip"``, ``"user"``, ``"user_or_ip"``) or functions of group and
    request, as there.
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


class RateMiddleware:
    """Counts requests to the API that nobody has signed in for, and tells how far rates are used up.

    Who has signed in is for ``settings.SIGNED_IN`` to say, before any view is entered. A sign-in that holds no longer
    (a user who may not sign in any more) only shows by the answer, which is counted then.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.is_signed_in: Callable[[HttpRequest], bool] = import_string(settings.SIGNED_IN)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if not settings.RATELIMIT_ENABLE or not (path.startswith(API_PREFIX) or path == "/api"):
            return self.get_response(request)
        is_signed_in = self.is_signed_in(request)
        response = None if is_signed_in else self._refused(request)
        if response is None:
            response = self.get_response(request)
            if is_signed_in and response.status_code == 401:
                response = self._refused(request) or response
        if usages := request.__dict__.get(_USAGES):
            _tell(response, usages)
        return response

    @staticmethod
    def _refused(request: HttpRequest) -> HttpResponseBase | None:
        wait = seconds_to_wait(request, ANONYMOUS, "ip")
        return None if wait is None else problem_response(request, RateLimited(wait))


def _tell(response: HttpResponseBase, usages: Sequence[Usage]) -> None:
    """Of each rate the key that is used up most."""
    tightest: dict[str, Usage] = {}
    for usage in usages:
        known = tightest.get(usage.name)
        if known is None or (usage.remaining, -usage.left_s) < (known.remaining, -known.left_s):
            tightest[usage.name] = usage
    told = tightest.values()
    response.headers["RateLimit-Policy"] = ", ".join(f'"{one.name}";q={one.limit};w={one.period_s}' for one in told)
    response.headers["RateLimit"] = ", ".join(f'"{one.name}";r={one.remaining};t={one.left_s}' for one in told)
