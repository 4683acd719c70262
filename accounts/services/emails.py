"""Moving an account to another e-mail address."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.choices import TokenPurpose
from accounts.letters import Message, composes, site_link
from accounts.models import Letter, User
from accounts.services.letters import is_one_too_many, letter_post
from accounts.services.mailed_tokens import (
    invalid_token,
    mailed_token_find,
    mailed_token_make,
    mailed_tokens_forget,
)
from accounts.services.passwords import password_confirm

NEW_ADDRESS, NOTICE, REPLACED = "email_change", "email_change_notice", "email_replaced"


@transaction.atomic
def email_change_ask(*, user: User, email: str, password: str) -> None:
    """``user`` wants to be known by another address. Whether it is taken, only the mail to it tells.

    Raises:
        ValidationError: of ``password``.
    """
    user = User.objects.get(pk=user.pk)
    password_confirm(user=user, password=password)
    email = email.strip()
    letter_post(kind=NEW_ADDRESS, address=email, context={"user": str(user.pk), "email": email})
    letter_post(kind=NOTICE, address=user.email, context={"user": str(user.pk), "email": email, "to": user.email})


@transaction.atomic
def email_change(*, token: str) -> User:
    """The address to which the token was mailed is the user's from now on.

    Raises:
        ValidationError: of ``token``, or because the address was taken meanwhile.
    """
    found = mailed_token_find(token=token, purpose=TokenPurpose.CHANGE)
    user = found.user
    user.email = User.objects.normalize_email(found.email)
    user.email_verified_at = timezone.now()
    try:
        with transaction.atomic():
            user.save(update_fields=["email", "email_verified_at"])
    except IntegrityError:
        raise invalid_token() from None
    # What was mailed to the old address proves nothing any more.
    mailed_tokens_forget(user=user)
    return user


@transaction.atomic
def email_replaced(*, user: User, before: str) -> None:
    """Staff have given ``user`` another address than ``before``, where that is told."""
    # What was mailed there would else choose the password of the account, or move it on.
    mailed_tokens_forget(user=user)
    letter_post(kind=REPLACED, address=before, context={"user": str(user.pk), "email": user.email, "to": before})


@composes(NEW_ADDRESS)
@transaction.atomic
def _new_address_letter(letter: Letter) -> Message | None:
    user = User.objects.filter(pk=letter.context["user"], is_active=True).first()
    if user is None or is_one_too_many(letter):
        return None
    email = letter.context["email"]
    holder = User.objects.by_address(email).first()
    if holder is not None and holder.pk != user.pk:
        values = {"sign_in": site_link("session-login"), "reset": site_link("account-reset")}
        subject = "You have a SAFAPAC account already"
        return Message(to=holder.email, subject=subject, template="have_account", values=values)
    token = mailed_token_make(user=user, purpose=TokenPurpose.CHANGE, email=email)
    values = {"name": user.name, "link": site_link("account-email-confirm", token=token)}
    return Message(
        to=email, subject="Confirm your new e-mail address for SAFAPAC", template="confirm_new_email", values=values
    )


@composes(NOTICE)
def _notice(letter: Letter) -> Message | None:
    user = User.objects.filter(pk=letter.context["user"]).first()
    if user is None:
        return None
    values = {"name": user.name, "email": letter.context["email"], "reset": site_link("account-reset")}
    # To the address of then: it may be another by now.
    return Message(
        to=letter.context["to"],
        subject="Your SAFAPAC e-mail address is to change",
        template="email_change_notice",
        values=values,
    )


@composes(REPLACED)
def _replaced_letter(letter: Letter) -> Message | None:
    user = User.objects.filter(pk=letter.context["user"]).first()
    if user is None:
        return None
    return Message(
        to=letter.context["to"],
        subject="Your SAFAPAC e-mail address was changed",
        template="email_replaced",
        values={"name": user.name, "email": letter.context["email"]},
    )
