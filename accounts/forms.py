"""Forms of the pages: what browsers are told of each field, so that they can fill it in."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.choices import KeyScope
from accounts.models import User
from accounts.models.users import one_line

MOST_PASSWORD = 1024
_RULE = "At least 8 characters, not all digits, and nothing common."


def _address(label: str = "E-mail address", *, completion: str = "email") -> forms.EmailField:
    return forms.EmailField(
        label=label, max_length=254, widget=forms.EmailInput(attrs={"autocomplete": completion, "autofocus": True})
    )


def _password(label: str, completion: str, help_text: str = "") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": completion})
    return forms.CharField(label=label, max_length=MOST_PASSWORD, strip=False, widget=widget, help_text=help_text)


class SignInForm(AuthenticationForm):
    def confirm_login_allowed(self, user: User) -> None:
        super().confirm_login_allowed(user)
        if not user.is_verified:
            message = "Confirm your e-mail address first: open the link in the mail we sent you."
            raise ValidationError(message, code="unverified")

    @property
    def is_unverified(self) -> bool:
        """Whether the password was right, and only the address is not confirmed."""
        return self.has_error("__all__", "unverified")


class RegisterForm(forms.Form):
    email = _address()
    password = _password("Password", "new-password", _RULE)
    name = forms.CharField(
        max_length=150,
        required=False,
        validators=[one_line],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text="Shown to the other members of your teams. It may be left out.",
    )


class AddressForm(forms.Form):
    email = _address()


class TokenForm(forms.Form):
    token = forms.CharField(max_length=100, widget=forms.HiddenInput)


class NewPasswordForm(TokenForm):
    new_password = _password("New password", "new-password", _RULE)


class NameForm(forms.Form):
    name = forms.CharField(
        max_length=150,
        required=False,
        validators=[one_line],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text="Shown to the other members of your teams.",
    )


class PasswordChangeForm(forms.Form):
    current_password = _password("Present password", "current-password")
    new_password = _password("New password", "new-password", _RULE)


class EmailChangeForm(forms.Form):
    email = _address("New e-mail address")
    password = _password("Password", "current-password")


class KeyForm(forms.Form):
    name = forms.CharField(
        max_length=100,
        validators=[one_line],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="For you, to tell keys apart.",
    )
    scope = forms.ChoiceField(label="It may", choices=KeyScope.choices, initial=KeyScope.READ)
    days = forms.TypedChoiceField(
        label="Good for",
        choices=[("30", "30 days"), ("90", "90 days"), ("365", "a year"), ("", "ever")],
        initial="90",
        required=False,
        coerce=int,
        empty_value=None,
    )

    def expires_at(self) -> datetime | None:
        days: Any = self.cleaned_data["days"]
        return None if days is None else timezone.now() + timedelta(days=days)
