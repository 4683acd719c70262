"""Keys of programs: made, shown once, and ended."""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.choices import KeyScope
from accounts.keys import key_digest, key_make
from accounts.models import ApiKey, User

MOST_KEYS = 50


@transaction.atomic
def api_key_create(
    *, user: User, name: str, scope: KeyScope = KeyScope.READ, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """A key of ``user``, and what to send with requests, which nobody can read again.

    Raises:
        ValidationError: of ``expires_at``, which has passed, or of all: there are too many.
    """
    owner = User.objects.select_for_update().get(pk=user.pk)
    if expires_at is not None and expires_at <= timezone.now():
        raise ValidationError({"expires_at": ValidationError("This has passed already.", code="past")})
    if owner.api_keys.count() >= MOST_KEYS:
        raise ValidationError(f"You have {MOST_KEYS} keys, which is the most: end one first.", code="too_many")
    raw = key_make(owner.pk)
    key = ApiKey.objects.create(
        user=owner, name=name, scope=scope, expires_at=expires_at, hint=raw[-4:], digest=key_digest(raw)
    )
    return key, raw


def api_key_end(*, user: User, key: UUID) -> bool:
    """Whether ``user`` had such a key; it is good for nothing from now on."""
    count, _ = ApiKey.objects.filter(user=user, pk=key).delete()
    return count > 0
