"""Making and changing users."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.services.teams import personal_team_create


@transaction.atomic
def user_create(
    *, email: str, password: str | None = None, name: str = "", is_verified: bool = True, **fields: bool
) -> User:
    """A user and their personal team, or neither.

    Who makes a user answers for the address; only a registration leaves it to be verified.

    ``password`` is taken as it is: whoever lets a person choose one validates it first. None leaves the account
    without a usable password. Raises ValueError without an address and IntegrityError when the address, whatever its
    case, is taken.
    """
    if not email:
        raise ValueError("A user needs an e-mail address")
    user = User(email=User.objects.normalize_email(email.strip()), name=name, **fields)
    user.email_verified_at = timezone.now() if is_verified else None
    user.set_password(password)
    user.save(force_insert=True)
    personal_team_create(user=user)
    return user


def user_update(*, user: User, name: str | None = None) -> User:
    """Change what a user may change about themselves; None leaves it as it is."""
    if name is not None and name != user.name:
        user.name = name
        user.save(update_fields=["name"])
    return user


def user_verify(*, user: User) -> bool:
    """Take the address of ``user`` for theirs, on somebody's word; whether it was not before."""
    if user.is_verified:
        return False
    user.email_verified_at = timezone.now()
    user.save(update_fields=["email_verified_at"])
    return True


def administrator_keep(*, user: User) -> None:
    """See to it that somebody is left who can do everything, once ``user`` no longer can.

    Others wait meanwhile: of two who end each other at once, the second is refused. Call it before ``user`` is changed
    or locked, within the transaction that changes it.

    Raises:
        ValidationError: ``user`` is the last active superuser.
    """
    if not user.is_superuser:
        return
    administrators = User.objects.filter(is_superuser=True, is_staff=True, is_active=True)
    keys = list(administrators.select_for_update().order_by("pk").values_list("pk", flat=True))
    if keys == [user.pk]:
        raise ValidationError(
            f"{user} is the last active superuser: make somebody else one first.", code="last_superuser"
        )


@transaction.atomic
def user_deactivate(*, user: User) -> None:
    """``user`` signs in no more, and is signed out everywhere. What they made stays.

    Raises:
        ValidationError: as in ``administrator_keep``.
    """
    administrator_keep(user=user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    user.sign_ins.all().delete()
