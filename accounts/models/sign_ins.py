"""Where users are signed in, and the keys of their programs."""

import uuid

from django.db import models
from django.db.models.functions import Now

from accounts.choices import KeyScope, SignInKind
from accounts.models.users import User
from accounts.querysets import ApiKeyQuerySet, SignInQuerySet


class SignIn(models.Model):
    """One device on which a user is signed in: a browser's session or a program's tokens, which name this row.

    To end it is to delete the row; no other state says so. ``stamp`` is derived from the password: another password,
    however it was set, ends every sign-in made under the old one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    kind = models.CharField(max_length=7, choices=SignInKind)
    stamp = models.CharField(max_length=64)
    user_agent = models.CharField(max_length=300, blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(db_index=True)
    # Of the refresh token that is good now, and of the one before it.
    refresh_id = models.CharField(max_length=32, blank=True)
    previous_refresh_id = models.CharField(max_length=32, blank=True)
    refreshed_at = models.DateTimeField(null=True, blank=True)

    objects = SignInQuerySet.as_manager()

    class Meta:
        ordering = ["-last_used_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=SignInKind.values), name="accounts_signin_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.user_id}"


class ApiKey(models.Model):
    """A key with which a program does what its owner may do, or only reads; its hash, not the key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    hint = models.CharField(max_length=4, help_text="The last characters of the key.")
    digest = models.CharField(max_length=64, unique=True)
    scope = models.CharField(max_length=5, choices=KeyScope, default=KeyScope.READ)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(scope__in=KeyScope.values), name="accounts_apikey_scope_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.user_id}"
