"""Tokens that come by mail: made, used once, forgotten."""

import hashlib
import secrets
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.choices import TokenPurpose
from accounts.models import MailedToken, User

LIFETIME = {
    TokenPurpose.VERIFY: timedelta(hours=24),
    TokenPurpose.RESET: timedelta(hours=1),
    TokenPurpose.CHANGE: timedelta(hours=24),
}


def digest_of(secret: str) -> str:
    """What is kept of a secret that was made at random: 256 bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def mailed_token_make(*, user: User, purpose: TokenPurpose, email: str, password: str = "") -> str:
    """The token itself, to be mailed to ``email``; ``password`` is the hash that it confirms, if any."""
    token = secrets.token_urlsafe(32)
    MailedToken.objects.create(
        user=user,
        purpose=purpose,
        digest=digest_of(token),
        email=email,
        password=password,
        expires_at=timezone.now() + LIFETIME[purpose],
    )
    return token


def mailed_token_find(*, token: str, purpose: TokenPurpose) -> MailedToken:
    """The row of a token that is good, locked with its user.

    Raises:
        ValidationError: of ``token``: it is not valid, or no longer.
    """
    found = (
        MailedToken.objects.live()
        .filter(digest=digest_of(token), purpose=purpose, user__is_active=True)
        .select_related("user")
        .select_for_update()
        .first()
    )
    if found is None:
        raise invalid_token()
    return found


def mailed_tokens_forget(*, user: User, purpose: TokenPurpose | None = None) -> None:
    """End the tokens of a user: those of a purpose once one of them was used, or all."""
    tokens = MailedToken.objects.filter(user=user)
    (tokens if purpose is None else tokens.filter(purpose=purpose)).delete()


def mailed_tokens_purge() -> None:
    MailedToken.objects.filter(expires_at__lt=timezone.now()).delete()


def invalid_token() -> ValidationError:
    message = "This link is not valid, or no longer: it was used, or it is too old. Ask for another one."
    return ValidationError({"token": ValidationError(message, code="invalid_token")})
