"""Keys of programs: made, shown once, and ended."""

from datetime import UTC, datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.choices import KeyScope
from accounts.keys import key_digest, key_make
from accounts.letters import Message, composes, site_link
from accounts.models import ApiKey, Letter, User
from accounts.services.letters import letter_post

MOST_KEYS = 50
MADE = "api_key_made"


@transaction.atomic
def api_key_create(
    *, user: User, name: str, scope: KeyScope = KeyScope.READ, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """A key of ``user``, who is told by mail, and what to send with requests, which nobody can read again.

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
    until = "" if expires_at is None else f"{expires_at.astimezone(UTC):%-d %B %Y, %H:%M}"
    told = {"to": owner.email, "name": owner.name, "key": name, "hint": key.hint, "until": until}
    letter_post(kind=MADE, address=owner.email, context={**told, "scope": scope})
    return key, raw


def api_key_end(*, user: User, key: UUID) -> bool:
    """Whether ``user`` had such a key; it is good for nothing from now on."""
    count, _ = ApiKey.objects.filter(user=user, pk=key).delete()
    return count > 0


@composes(MADE)
def _made_letter(letter: Letter) -> Message | None:
    told = letter.context
    return Message(
        to=told["to"],
        subject="An API key was made for your SAFAPAC account",
        template="api_key_made",
        values={
            **{name: told[name] for name in ("name", "key", "hint", "until")},
            "writes": told["scope"] == KeyScope.WRITE,
            "keys": site_link("account-keys"),
            "reset": site_link("account-reset"),
        },
    )
