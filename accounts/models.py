"""Users, the teams they work in, and the role each has there."""

import uuid
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from accounts.choices import Role
from accounts.managers import UserManager
from accounts.querysets import MembershipQuerySet, TeamQuerySet


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an e-mail address."""

    # What answers to this person depend on; set by accounts/snapshots.py on the user of a request.
    cache_tag: str | None = None
    team_tags: tuple[str, ...] = ()

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("e-mail address", max_length=254)
    name = models.CharField(max_length=150, blank=True, help_text="Shown to the other members of a team.")
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
    def display_name(self) -> str:
        """The name, or the part of the address before the @ when none was given."""
        return self.name or self.email.partition("@")[0]

    def my_teams(self) -> TeamQuerySet:
        """The teams this user is a member of, each with ``my_role``."""
        return Team.objects.visible_to(self).order_by("name", "id")

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name


class Team(models.Model):
    """Those who share projects; every user has a personal one, which ``personal_of`` marks."""

    my_role: str  # of the user asked for, by ``visible_to``

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=150)
    personal_of = models.OneToOneField(
        User, on_delete=models.CASCADE, null=True, blank=True, editable=False, related_name="personal_team"
    )
    members = models.ManyToManyField(User, through="Membership", related_name="teams")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_personal(self) -> bool:
        return self.personal_of_id is not None


class Membership(models.Model):
    """The role of one user in one team."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.VIEWER)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["team", "user"]
        constraints = [
            models.UniqueConstraint(fields=["user", "team"], name="accounts_membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="accounts_membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} is {self.role} of {self.team_id}"
