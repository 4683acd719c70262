"""The shapes in which users, teams, memberships and the audit are read."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models.functions import Now

from accounts.choices import WRITING_ROLES


class TeamQuerySet(models.QuerySet):
    def visible_to(self, user) -> Self:
        """The teams that ``user`` is a member of, each with the user's ``my_role``."""
        return self.filter(memberships__user=user).annotate(my_role=models.F("memberships__role"))

    def writable_by(self, user) -> Self:
        return self.filter(memberships__user=user, memberships__role__in=WRITING_ROLES)


class InvitationQuerySet(models.QuerySet):
    def live(self) -> Self:
        return self.filter(expires_at__gt=Now())

    def for_list(self) -> Self:
        """Invitations with who sent them; not what their links are found by."""
        columns = self.select_related("invited_by").only(
            "id", "email", "role", "created_at", "asked_at", "expires_at", "team_id", "invited_by__id",
            "invited_by__name", "invited_by__email",
        )  # fmt: skip
        return columns.fetch_mode(models.FETCH_RAISE)


class MembershipQuerySet(models.QuerySet):
    def for_list(self) -> Self:
        """Members with what others may see of them."""
        columns = self.select_related("user").only(
            "role", "created_at", "team_id", "user__id", "user__name", "user__email"
        )
        return columns.fetch_mode(models.FETCH_RAISE)


class LetterQuerySet(models.QuerySet):
    def due(self) -> Self:
        """Those that wait to be sent, and that nobody is sending; the longest due first."""
        return self.filter(due_at__lte=Now(), sent_at__isnull=True, given_up_at__isnull=True).order_by("due_at")


class MailedTokenQuerySet(models.QuerySet):
    def live(self) -> Self:
        return self.filter(expires_at__gt=Now())


class SignInQuerySet(models.QuerySet):
    def live(self) -> Self:
        return self.filter(expires_at__gt=Now())

    def visible_to(self, user) -> Self:
        return self.filter(user=user)

    def for_list(self) -> Self:
        columns = self.only("id", "kind", "user_agent", "ip", "created_at", "last_used_at", "expires_at")
        return columns.fetch_mode(models.FETCH_RAISE)


class ApiKeyQuerySet(models.QuerySet):
    def visible_to(self, user) -> Self:
        return self.filter(user=user)

    def for_list(self) -> Self:
        return self.defer("digest").fetch_mode(models.FETCH_RAISE)


class AuditQuerySet(models.QuerySet):
    def for_list(self, *, before: datetime | None = None) -> Self:
        """One entry for each burst, its last; with ``before``, its last until then."""
        later = self.model._default_manager.filter(
            burst=models.OuterRef("burst"), team=models.OuterRef("team"), pk__gt=models.OuterRef("pk")
        )
        if before is not None:
            later = later.filter(at__lt=before)
        return self.filter(~models.Exists(later)).fetch_mode(models.FETCH_RAISE)
