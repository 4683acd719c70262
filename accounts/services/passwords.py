"""Changing a password, and choosing a new one by mail."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.choices import TokenPurpose
from accounts.letters import Message, composes, site_link
from accounts.models import Letter, User
from accounts.services.letters import is_one_too_many, letter_post
from accounts.services.mailed_tokens import mailed_token_find, mailed_token_make, mailed_tokens_forget
from accounts.services.registration import password_check
from accounts.services.sign_ins import sign_in_keep, sign_ins_end

RESET, CHANGED = "reset", "password_changed"


def password_confirm(*, user: User, password: str, field: str = "password") -> None:
    """Raises ValidationError of ``field`` unless it is the password of ``user``."""
    if not user.check_password(password):
        raise ValidationError({field: ValidationError("This is not your password.", code="wrong")})


@transaction.atomic
def password_change(*, user: User, current_password: str, new_password: str, keep: UUID | None = None) -> User:
    """Another password for ``user``, who knows the present one. All sign-ins end but ``keep``.

    Raises:
        ValidationError: of ``current_password`` or ``new_password``.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    password_confirm(user=user, password=current_password, field="current_password")
    password_check(password=new_password, email=user.email, name=user.name, field="new_password")
    user.set_password(new_password)
    user.save(update_fields=["password"])
    # A change of address that is under way is called off, too.
    mailed_tokens_forget(user=user)
    sign_ins_end(user=user, but=keep)
    if keep is not None:
        sign_in_keep(user=user, sign_in=keep)
    password_tell(user=user)
    return user


def password_tell(*, user: User) -> None:
    """Have ``user`` told that the password was changed, whoever did it."""
    letter_post(kind=CHANGED, address=user.email)


def reset_ask(*, email: str) -> None:
    """Somebody has forgotten the password of ``email``; whether it has an account, the letter finds out."""
    letter_post(kind=RESET, address=email)


@transaction.atomic
def password_reset(*, token: str, new_password: str) -> User:
    """A new password for the reader of the mail, whose address is thereby verified.

    Sign-ins and API keys end, all of them: whoever had the account until now may have made some.

    Raises:
        ValidationError: of ``token``, or of ``new_password``; the token stays good then.
    """
    found = mailed_token_find(token=token, purpose=TokenPurpose.RESET)
    user = found.user
    password_check(password=new_password, email=user.email, name=user.name, field="new_password")
    user.set_password(new_password)
    user.email_verified_at = user.email_verified_at or timezone.now()
    user.save(update_fields=["password", "email_verified_at"])
    mailed_tokens_forget(user=user)
    sign_ins_end(user=user)
    user.api_keys.all().delete()
    password_tell(user=user)
    return user


@composes(RESET)
@transaction.atomic
def _reset_letter(letter: Letter) -> Message | None:
    user = User.objects.by_address(letter.address).filter(is_active=True).first()
    if user is None or is_one_too_many(letter):
        return None
    # To the address on record: what was typed may be another one that only compares alike.
    token = mailed_token_make(user=user, purpose=TokenPurpose.RESET, email=user.email)
    return Message(
        to=user.email,
        subject="Choose a new password for SAFAPAC",
        template="reset_password",
        values={"name": user.name if user.is_verified else "", "link": site_link("account-reset-confirm", token=token)},
    )


@composes(CHANGED)
def _changed_letter(letter: Letter) -> Message | None:
    user = User.objects.by_address(letter.address).first()
    if user is None:
        return None
    values = {"name": user.name, "reset": site_link("account-reset")}
    return Message(
        to=user.email, subject="Your SAFAPAC password was changed", template="password_changed", values=values
    )
