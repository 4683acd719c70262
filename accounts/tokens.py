"""Access and refresh tokens: signed, of a type that is checked, naming the user by id."""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.models import User


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


def user_of_access(raw: str) -> User:
    return _user_of(AccessToken, raw)


def user_of_refresh(raw: str) -> User:
    return _user_of(RefreshToken, raw)


def _user_of(kind: type[AccessToken] | type[RefreshToken], raw: str) -> User:
    try:
        token = kind(raw)  # type: ignore[arg-type]
        return User.objects.get(pk=token["sub"], is_active=True)
    except (TokenError, KeyError, ValidationError, User.DoesNotExist) as error:
        raise InvalidTokenError from error
