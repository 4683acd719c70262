"""People who sign in."""

import uuid
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower

from accounts.managers import UserManager

if TYPE_CHECKING:
    from accounts.querysets import TeamQuerySet


# A name stands on other people's pages and in mails: one line of it, without what is not printed.
one_line = RegexValidator(r"^[^\x00-\x1f\x7f\u2028\u2029]*\Z", "Must be one line, without control characters.")


def shown_name(name: str, email: str) -> str:
    """The name, or the part of the address before the @ when none was given."""
    return name or email.partition("@")[0]


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an e-mail address."""

    # What answers to this person depend on; set by accounts/snapshots.py on the user of a request.
    cache_tag: str | None = None
    team_tags: tuple[str, ...] = ()
    # When that is looked at anew in any case, in seconds since 1970.
    known_until: float = 0.0
    # How this request was signed, likewise: the device, or the API key of a program.
    sign_in_id: UUID | None = None
    api_key_id: UUID | None = None

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("e-mail address", max_length=254)
    # When a mail sent there was answered; before that nobody signs in.
    email_verified_at = models.DateTimeField("e-mail address verified", null=True, blank=True, editable=False)
    name = models.CharField(
        max_length=150, blank=True, validators=[one_line], help_text="Shown to the other members of a team."
    )
    is_staff = models.BooleanField("staff", default=False, help_text="May use the admin and write master data.")
    is_active = models.BooleanField("active", default=True, help_text="Clear this instead of deleting the user.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ["email"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="accounts_user_email_unique",
                violation_error_code="unique",
                violation_error_message="A user with this e-mail address already exists.",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def clean(self) -> None:
        super().clean()
        self.email = type(self).objects.normalize_email(self.email)

    @property
    def is_verified(self) -> bool:
        """Whether the e-mail address was shown to be this user's."""
        return self.email_verified_at is not None

    @property
    def display_name(self) -> str:
        return shown_name(self.name, self.email)

    def my_teams(self) -> "TeamQuerySet":
        """The teams this user is a member of, each with ``my_role``."""
        from accounts.models.teams import Team  # which stands on this module

        return Team.objects.visible_to(self).order_by("name", "id")

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name
