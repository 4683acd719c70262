"""Teams, and the role each user has there."""

import uuid

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.choices import Role
from accounts.models.users import User, one_line
from accounts.querysets import InvitationQuerySet, MembershipQuerySet, TeamQuerySet


class Team(models.Model):
    """Those who share projects; every user has a personal one, which ``personal_of`` marks."""

    my_role: str  # of the user asked for, by ``visible_to``

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=150, validators=[one_line])
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


class Invitation(models.Model):
    """An address that may join a team, by the link that was mailed there; the row goes when it has been used.

    Of the link's token the hash is kept, of the mail sent last: an earlier mail's link then leads nowhere.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invitations", db_index=False)
    email = models.EmailField("e-mail address", max_length=254)
    role = models.CharField(max_length=10, choices=Role, default=Role.VIEWER)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    asked_at = models.DateTimeField(default=timezone.now, help_text="When its mail was last asked for.")
    expires_at = models.DateTimeField()
    # Until the mail is composed there is none.
    digest = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint("team", Lower("email"), name="accounts_invitation_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="accounts_invitation_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.email} into {self.team_id}"
