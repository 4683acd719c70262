"""Devices on which users are signed in: begun, kept, refreshed and ended."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Case, Value, When
from django.utils import timezone

from accounts.choices import SignInKind
from accounts.models import SignIn, User
from accounts.stamps import stamp_of

logger = logging.getLogger(__name__)

# Two pages of one browser may refresh at once, and the answer to one be lost on the way: for this long the token before
# gives tokens of the present generation, so that none of them is taken for a thief's (docs/decisions/0011).
GRACE = timedelta(seconds=10)
# More are a program that signs in instead of refreshing: those of the same device end first.
MOST_LIVE = 200


class SignInEndedError(Exception):
    """The sign-in is over, or this token of it was used before."""


@dataclass(frozen=True, kw_only=True)
class Device:
    """From where somebody signs in."""

    user_agent: str = ""
    ip: str | None = None


@transaction.atomic
def sign_in_create(*, user: User, kind: SignInKind, device: Device | None = None) -> SignIn:
    """A new sign-in of ``user``, who has proved to be that."""
    device = device or Device()
    room = SignIn._meta.get_field("user_agent").max_length
    sign_in = SignIn.objects.create(
        user=user,
        kind=kind,
        stamp=stamp_of(user),
        user_agent=device.user_agent[:room],
        ip=device.ip,
        expires_at=_end(),
        refresh_id=uuid4().hex,
    )
    _end_beyond_most(sign_in)
    return sign_in


def _end() -> datetime:
    lifetime = cast(timedelta, settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"])
    return timezone.now() + lifetime


def _end_beyond_most(sign_in: SignIn) -> None:
    others = SignIn.objects.filter(user_id=sign_in.user_id).exclude(pk=sign_in.pk)
    excess = others.count() + 1 - MOST_LIVE
    if excess > 0:
        same = When(user_agent=sign_in.user_agent, ip=sign_in.ip, kind=sign_in.kind, then=Value(0))
        last = others.order_by(Case(same, default=Value(1)), "last_used_at").values_list("pk", flat=True)[:excess]
        SignIn.objects.filter(pk__in=list(last)).delete()


def sign_in_refresh(*, sign_in: UUID, user: UUID, refresh_id: str) -> SignIn:
    """The sign-in with its next refresh token in force.

    A token that was replaced before its holder used it ends the sign-in: either of its two holders stole it.

    Raises:
        SignInEndedError: it is over, ended by this or before.
    """
    with transaction.atomic():
        found = (
            SignIn.objects.live()
            .filter(pk=sign_in, user=user, user__is_active=True)
            .select_related("user")
            .select_for_update(of=("self",))
            .first()
        )
        if found is None or found.stamp != stamp_of(found.user):
            raise SignInEndedError
        now = timezone.now()
        is_late = found.refreshed_at is None or found.refreshed_at < now - GRACE
        if refresh_id == found.refresh_id:
            found.refresh_id, found.previous_refresh_id, found.refreshed_at = uuid4().hex, refresh_id, now
            # Not saved as a row: no request's answer depends on it.
            SignIn.objects.filter(pk=found.pk).update(
                refresh_id=found.refresh_id,
                previous_refresh_id=refresh_id,
                refreshed_at=now,
                last_used_at=now,
                expires_at=_end(),
            )
            return found
        if refresh_id == found.previous_refresh_id and not is_late:
            return found
        found.delete()
    logger.warning("a refresh token of user %s was used twice: sign-in %s is ended", user, sign_in)
    raise SignInEndedError


def sign_in_end(*, user: User | UUID, sign_in: UUID) -> bool:
    """End one sign-in of ``user``; whether there was such a one."""
    count, _ = SignIn.objects.filter(user=user, pk=sign_in).delete()
    return count > 0


@transaction.atomic
def sign_ins_end(*, user: User, but: UUID | None = None) -> int:
    """End the sign-ins of ``user``, all of them or all ``but`` one; how many there were."""
    ending = SignIn.objects.filter(user=user)
    count, _ = (ending if but is None else ending.exclude(pk=but)).delete()
    return count


def sign_in_keep(*, user: User, sign_in: UUID) -> None:
    """Have a sign-in outlive the change of password that was made in it."""
    for row in SignIn.objects.filter(user=user, pk=sign_in):
        row.stamp = stamp_of(user)
        row.save(update_fields=["stamp"])


def sign_ins_purge() -> None:
    """Forget sign-ins and sessions that have run out."""
    now = timezone.now()
    SignIn.objects.filter(expires_at__lt=now).delete()
    Session.objects.filter(expire_date__lt=now).delete()
