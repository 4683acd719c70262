"""Access and refresh tokens: signed, of a type that is checked, naming the user and the sign-in they belong to."""

import time
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID

from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.choices import SignInKind
from accounts.models import SignIn, User
from accounts.services.sign_ins import Device, SignInEndedError, sign_in_create, sign_in_refresh

SIGN_IN_CLAIM = "sid"
# Verifying a signature costs as much as the rest of a cached answer; the oldest are forgotten first.
MOST_VERIFIED = 5_000


class Bearer(NamedTuple):
    """Whom a token names, the sign-in it belongs to, and when it expires (seconds since 1970)."""

    user: UUID
    sign_in: UUID
    until: float


_verified: dict[str, Bearer] = {}


class InvalidTokenError(Exception):
    """The token is forged, expired, of the other type, used up, or of a sign-in that is over."""


def token_pair(user: User, device: Device | None = None) -> dict[str, Any]:
    """The tokens of a new sign-in of ``user``, and how many seconds the access token lasts."""
    return _pair(user, sign_in_create(user=user, kind=SignInKind.TOKEN, device=device))


def token_pair_of_refresh(raw: str) -> tuple[User, dict[str, Any]]:
    """The user whom a refresh token names, and the next pair of tokens.

    Raises:
        InvalidTokenError: it is none, or good no longer; if it was used before, its sign-in has ended now.
    """
    bearer, refresh_id = _of_refresh(raw)
    try:
        sign_in = sign_in_refresh(sign_in=bearer.sign_in, user=bearer.user, refresh_id=refresh_id)
    except SignInEndedError as error:
        raise InvalidTokenError from error
    return sign_in.user, _pair(sign_in.user, sign_in)


def bearer_of_refresh(raw: str) -> Bearer:
    """Raises InvalidTokenError unless it is a refresh token that has not expired; it may have been used."""
    return _of_refresh(raw)[0]


def bearer_of_access(raw: str) -> Bearer:
    """Whom an access token names. One that was verified before is only asked whether it has expired since.

    Whether its sign-in still lasts, the user's snapshot says.

    Raises:
        InvalidTokenError: it is forged, expired or of the other type.
    """
    known = _verified.get(raw)
    if known is not None and known.until > time.time():
        return known
    try:
        bearer = _bearer(AccessToken(raw))  # type: ignore[arg-type]
    except (TokenError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise InvalidTokenError from error
    while len(_verified) >= MOST_VERIFIED:
        with suppress(KeyError, StopIteration, RuntimeError):  # other threads drop some too
            del _verified[next(iter(_verified))]
    _verified[raw] = bearer
    return bearer


def _bearer(token: AccessToken | RefreshToken) -> Bearer:
    return Bearer(UUID(token["sub"]), UUID(token[SIGN_IN_CLAIM]), float(token["exp"]))


def _of_refresh(raw: str) -> tuple[Bearer, str]:
    try:
        token = RefreshToken(raw)  # type: ignore[arg-type]
        return _bearer(token), str(token["jti"])
    except (TokenError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise InvalidTokenError from error


def _pair(user: User, sign_in: SignIn) -> dict[str, Any]:
    refresh = RefreshToken.for_user(user)
    refresh["jti"] = sign_in.refresh_id
    refresh[SIGN_IN_CLAIM] = str(sign_in.pk)
    access = refresh.access_token
    return {
        "access_token": str(access),
        "refresh_token": str(refresh),
        "token_type": "Bearer",
        "expires_in": int(access.lifetime.total_seconds()),
    }
