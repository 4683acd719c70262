"""Requests that a client may send again without being served twice (the Idempotency-Key of HTTP)."""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from scenarios.models import Calculation, IdempotencyKey

KEPT = timedelta(hours=24)


class KeyReused(ValueError):  # noqa: N818 - says what it is, as Http404 does
    """A key that came before with another request."""


def _request_hash(scenario_id: UUID, inputs: Mapping[str, Any] | None) -> str:
    asked = json.dumps([str(scenario_id), inputs], sort_keys=True)
    return hashlib.blake2b(asked.encode(), digest_size=24).hexdigest()


def calculation_of_key(
    *, user: User, key: str, scenario_id: UUID, inputs: Mapping[str, Any] | None
) -> Calculation | None:
    """What the same request led to when it came before, if its scenario still has it.

    Raises:
        KeyReused: the key came with another request.
    """
    kept = IdempotencyKey.objects.filter(user=user, key=key, created_at__gt=timezone.now() - KEPT).first()
    if kept is None:
        return None
    if kept.request_hash != _request_hash(scenario_id, inputs):
        raise KeyReused("this key was used for another request")
    return Calculation.objects.for_progress().filter(pk=kept.calculation, scenario_id=scenario_id).first()


def key_keep(*, user: User, key: str, calculation: Calculation, inputs: Mapping[str, Any] | None) -> None:
    """Remember what a request led to, within the transaction in which it did.

    Raises:
        KeyReused: at the same moment the key came with another request.
    """
    asked = _request_hash(calculation.scenario_id, inputs)
    # What the same request led to is gone, or it would have been given again.
    useless = Q(created_at__lte=timezone.now() - KEPT) | Q(request_hash=asked)
    IdempotencyKey.objects.filter(useless, user=user, key=key).delete()
    try:
        with transaction.atomic():
            IdempotencyKey.objects.create(user=user, key=key, request_hash=asked, calculation=calculation.pk)
    except IntegrityError:
        raise KeyReused("this key was used for another request at the same moment") from None


def keys_purge() -> int:
    """Forget keys older than a day."""
    return IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]
