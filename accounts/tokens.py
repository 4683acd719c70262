"""Access and refresh tokens: signed, of a type that is checked, naming the user by id."""

import time
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.models import User

# Verifying a signature costs as much as the rest of a cached answer; the oldest are forgotten first.
MOST_VERIFIED = 5_000
_verified: dict[str, tuple[UUID, float]] = {}


class InvalidTokenError(Exception):
    """The token is forged, expired, of the other type, or of a user who may not sign in."""


def token_pair(user: User) -> dict[str, Any]:
    """A fresh access and refresh token for ``user``, and how many seconds the first one lasts."""
    refresh = RefreshToken.for_user(user)
    access = refresh.access_token
    return {
        "access_token": str(access),
        "refresh_token": str(refresh),
        "token_type": "Bearer",
        "expires_in": int(access.lifetime.total_seconds()),
    }


def id_of_access(raw: str) -> UUID:
    """Whom an access token names. One that was verified before is only asked whether it has expired since.

    Raises:
        InvalidTokenError: it is forged, expired or of the other type.
    """
    known = _verified.get(raw)
    if known is not None and known[1] > time.time():
        return known[0]
    try:
        token = AccessToken(raw)  # type: ignore[arg-type]
        key, until = UUID(token["sub"]), float(token["exp"])
    except (TokenError, KeyError, ValueError) as error:
        raise InvalidTokenError from error
    while len(_verified) >= MOST_VERIFIED:
        with suppress(KeyError, StopIteration, RuntimeError):  # other threads drop some too
            del _verified[next(iter(_verified))]
    _verified[raw] = key, until
    return key


def user_of_refresh(raw: str) -> User:
    try:
        return User.objects.get(pk=RefreshToken(raw)["sub"], is_active=True)  # type: ignore[arg-type]
    except (TokenError, KeyError, ValidationError, User.DoesNotExist) as error:
        raise InvalidTokenError from error
