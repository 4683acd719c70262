"""Registering: who asks gets one answer, whoever has an account; what it comes to is said by mail."""

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.choices import TokenPurpose
from accounts.letters import Message, composes, site_link
from accounts.models import Letter, Team, User
from accounts.services.letters import is_one_too_many, letter_post
from accounts.services.mailed_tokens import (
    invalid_token,
    mailed_token_find,
    mailed_token_make,
    mailed_tokens_forget,
)
from accounts.services.users import user_create

REGISTRATION, VERIFICATION = "registration", "verification"


def password_check(*, password: str, email: str, name: str = "", field: str = "password") -> None:
    """Raises ValidationError of ``field`` for a password that is too easy to guess."""
    try:
        validate_password(password, User(email=email, name=name))
    except ValidationError as error:
        raise ValidationError({field: error.error_list}) from None


def registration_ask(*, email: str, password: str, name: str = "") -> None:
    """Somebody wants an account. Nothing here depends on whether the address has one: the letter finds out.

    Raises:
        ValidationError: of ``password``, which is too easy to guess.
    """
    password_check(password=password, email=email, name=name)
    context = {"email": email.strip(), "name": name, "password": make_password(password)}
    letter_post(kind=REGISTRATION, address=email, context=context)


def verification_ask(*, email: str) -> None:
    """Somebody wants the letter again with which an address is verified."""
    letter_post(kind=VERIFICATION, address=email)


@transaction.atomic
def email_verify(*, token: str) -> User:
    """The reader of the mail has an account from now on, with the password chosen in that registration.

    Raises:
        ValidationError: of ``token``.
    """
    found = mailed_token_find(token=token, purpose=TokenPurpose.VERIFY)
    user = found.user
    if user.is_verified or user.email.lower() != found.email.lower():
        raise invalid_token()
    user.email_verified_at = timezone.now()
    user.password = found.password or user.password
    user.save(update_fields=["email_verified_at", "password"])
    mailed_tokens_forget(user=user, purpose=TokenPurpose.VERIFY)
    return user


@composes(REGISTRATION)
@transaction.atomic
def _registration_letter(letter: Letter) -> Message | None:
    user = User.objects.by_address(letter.address).select_for_update().first()
    if user is not None and user.is_verified:
        return _have_account(letter, user)
    if user is None:
        user = user_create(email=letter.context["email"], name=letter.context["name"], is_verified=False)
    user.name, user.password = letter.context["name"], letter.context["password"]
    user.save(update_fields=["name", "password"])
    Team.objects.filter(personal_of=user).update(name=user.display_name[:150])
    return _confirmation(letter, user)


@composes(VERIFICATION)
@transaction.atomic
def _verification_letter(letter: Letter) -> Message | None:
    user = User.objects.by_address(letter.address).select_for_update().first()
    if user is None:
        return None
    return _have_account(letter, user) if user.is_verified else _confirmation(letter, user)


def _confirmation(letter: Letter, user: User) -> Message | None:
    if not user.is_active or is_one_too_many(letter):
        return None
    token = mailed_token_make(user=user, purpose=TokenPurpose.VERIFY, email=user.email, password=user.password)
    return Message(
        to=user.email,
        subject="Confirm your e-mail address for SAFAPAC",
        template="confirm_email",
        # No name: it was chosen by who registered, who may be anybody.
        values={"link": site_link("account-verify", token=token)},
    )


def _have_account(letter: Letter, user: User) -> Message | None:
    if not user.is_active or is_one_too_many(letter):
        return None
    return Message(
        to=user.email,
        subject="You have a SAFAPAC account already",
        template="have_account",
        values={"sign_in": site_link("session-login"), "reset": site_link("account-reset")},
    )
