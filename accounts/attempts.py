"""How often one may try to sign in (docs/decisions/0011): per client and per address, so that guessing is hopeless,
and apart for places that the address was signed in from, so that guessing does not lock its owner out.
"""

import unicodedata
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from rest_framework.request import Request

from accounts.addresses import lowered
from config.http.limits import peer_address, seconds_to_wait

KNOWN_S = 90 * 86_400
COOKIE = "device"
_signer = TimestampSigner(salt="accounts.device")


def attempt_allowed(request: HttpRequest | Request) -> int | None:
    """Count an attempt to sign in. None when it may be made, else the seconds until the next one may.

    Whatever is known of the address, and nothing of its account, decides: unknown ones count alike.
    """
    place = _known_place(request)
    if place is None:
        return seconds_to_wait(request, "login", "ip", by_address)

    # The name of a key function is part of its counts: no address that is typed meets a place's.
    def by_known_place(group: str, request: Any) -> str:
        return place

    return seconds_to_wait(request, "login", "ip", by_known_place)


def by_address(group: str, request: HttpRequest | Request) -> str:
    """The e-mail address that signs in, by the body or form, without case; those without one share a count.

    It is that of the one field which the sign-in reads, and written as its form reads it (NFKC): by another field or
    another spelling one account would have as many counts as somebody likes.
    """
    body: Any
    body, field = (request.data, "email") if isinstance(request, Request) else (request.POST, "username")
    address = body.get(field)
    return lowered(unicodedata.normalize("NFKC", address)) if isinstance(address, str) else ""


def attempt_succeeded(request: HttpRequest | Request, response: HttpResponse | None = None) -> None:
    """From here the address was signed in: its next attempts from here are counted apart."""
    if name := by_address("", request):
        cache.set(_key(name, peer_address(request)), 1, KNOWN_S)
        if response is not None:
            response.set_cookie(
                COOKIE,
                _signer.sign(_digest(name)),
                max_age=KNOWN_S,
                path=reverse("session-login"),
                httponly=True,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )


def _known_place(request: HttpRequest | Request) -> str | None:
    """What attempts from this client on this address are counted under, if it was signed in from here."""
    name = by_address("", request)
    if not name:
        return None
    given = request.COOKIES.get(COOKIE, "")
    try:
        if _signer.unsign(given, max_age=KNOWN_S) == _digest(name):
            # The cookie as a whole: a copy of it on many machines has one count.
            return f"device:{_digest(given)}"
    except BadSignature:
        pass
    address = peer_address(request)
    return f"place:{_digest(name)}:{address}" if cache.get(_key(name, address)) else None


def _key(name: str, address: str | None) -> str:
    return f"signed-in-from:{_digest(name)}:{address}"


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=16).hexdigest()
