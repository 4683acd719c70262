"""Forms of the pages: what browsers are told of each field, so that they can fill it in."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.choices import KeyScope, Role, TeamEnd
from accounts.models import Team, User
from accounts.models.users import one_line
from accounts.services.deletion import Choice, Stake

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

    def clean_password(self) -> str:
        """Beside the faults of the others, which the service would never come to see."""
        password: str = self.cleaned_data["password"]
        validate_password(password, User(email=self.data.get("email", ""), name=self.data.get("name", "")))
        return password


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


class DeletionForm(forms.Form):
    """A choice for each team that asks for one, and the password."""

    password = _password("Password", "current-password", "So that nobody does this in your name.")

    def __init__(self, *args: Any, stakes: Sequence[Stake], targets: Sequence[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = [stake for stake in stakes if stake.is_asked]
        password = self.fields.pop("password")
        for stake in self.asked:
            self.fields[str(stake.team.pk)] = forms.ChoiceField(
                label=f"{stake.team.name}, {_projects(stake.count)}", choices=_ends(stake, targets)
            )
        self.fields["password"] = password

    def choices(self) -> dict[UUID, Choice]:
        found = {}
        for stake in self.asked:
            end, _, to = self.cleaned_data[str(stake.team.pk)].partition(":")
            found[stake.team.pk] = Choice(end=TeamEnd(end), to=UUID(to) if to else None)
        return found


def _projects(count: int) -> str:
    return "1 project" if count == 1 else f"{count or 'no'} projects"


def _ends(stake: Stake, targets: Sequence[Team]) -> list[tuple[str, str]]:
    hand_over = [
        (f"{TeamEnd.HAND_OVER}:{other.pk}", f"{other.display_name} ({other.email}) owns it from now on")
        for other in stake.others
    ]
    move = [
        (f"{TeamEnd.MOVE}:{team.pk}", f"Move {_projects(stake.count)} to {team.name}")
        for team in targets
        if stake.count and team.pk != stake.team.pk
    ]
    delete = (str(TeamEnd.DELETE), f"Delete it, with {_projects(stake.count)}")
    return [("", "Choose"), *hand_over, *move, delete]


class TeamForm(forms.Form):
    name = forms.CharField(max_length=150, validators=[one_line], widget=forms.TextInput(attrs={"autocomplete": "off"}))


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)


class InvitationForm(forms.Form):
    email = forms.EmailField(
        label="E-mail address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(
        choices=Role.choices,
        initial=Role.VIEWER,
        help_text="Viewers read, editors write, owners also manage the team.",
    )
