"""The form of API keys: ``sfp_``, their owner's id, and a secret.

The id is no secret. With it a key leads to its owner's snapshot, so that a request with a key asks no more of the
database than one with a token; of the whole only the hash is kept.
"""

import base64
import binascii
import hashlib
import secrets
from uuid import UUID

KEY_PREFIX = "sfp_"
_OWNER_LENGTH = 22
_LENGTH = len(KEY_PREFIX) + _OWNER_LENGTH + 43


def key_make(owner: UUID) -> str:
    """A new key of ``owner``, with 256 bits of chance in it."""
    return KEY_PREFIX + base64.urlsafe_b64encode(owner.bytes).decode().rstrip("=") + secrets.token_urlsafe(32)


def key_digest(raw: str) -> str:
    return hashlib.sha256(raw.encode()).hexdigest()


def owner_and_digest(raw: str) -> tuple[UUID, str] | None:
    """Whose key it says to be, and the hash it is found by; None for what cannot be a key."""
    if len(raw) != _LENGTH or not raw.isascii():
        return None
    try:
        owner = base64.urlsafe_b64decode(raw[len(KEY_PREFIX) :][:_OWNER_LENGTH] + "==")
        return UUID(bytes=owner), key_digest(raw)
    except (binascii.Error, ValueError):
        return None
