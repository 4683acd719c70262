"""Mail that must not be lost, and the tokens that come with it."""

import uuid

from django.db import models
from django.db.models.functions import Now

from accounts.choices import TokenPurpose
from accounts.models.users import User
from accounts.querysets import LetterQuerySet, MailedTokenQuerySet


class Letter(models.Model):
    """A mail that somebody asked for, until it is sent.

    What it says is made when it is sent, by its ``kind`` (accounts/letters): a token is then in the mail and hashed in
    the database, and nowhere else. ``due_at`` is also the lease of who is sending it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    # As it was typed, in lower case: mails asked for are counted by it.
    address = models.EmailField(max_length=254)
    context = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=300, blank=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        indexes = [
            models.Index(
                "due_at",
                name="accounts_letter_due",
                condition=models.Q(sent_at__isnull=True, given_up_at__isnull=True),
            ),
            models.Index("address", "kind", "created_at", name="accounts_letter_address"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.address}"


class MailedToken(models.Model):
    """What a link in a mail proves: that its reader reads the mail of that address. Good once, and for a while.

    Only the hash of the token is kept. A user may have several of a purpose, one in each mail; using one ends all.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mailed_tokens")
    purpose = models.CharField(max_length=12, choices=TokenPurpose)
    digest = models.CharField(max_length=64, unique=True)
    email = models.EmailField(max_length=254, help_text="The address that it was mailed to.")
    # Of the registration that it confirms: a link confirms the password chosen with it, not somebody else's.
    password = models.CharField(max_length=128, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)

    objects = MailedTokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(purpose__in=TokenPurpose.values), name="accounts_mailedtoken_purpose_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} of {self.user_id}"
