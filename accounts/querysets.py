"""The shapes in which users, teams and memberships are read."""

from typing import Self

from django.db import models

from accounts.choices import WRITING_ROLES


class TeamQuerySet(models.QuerySet):
    def visible_to(self, user) -> Self:
        """The teams that ``user`` is a member of, each with the user's ``my_role``."""
        return self.filter(memberships__user=user).annotate(my_role=models.F("memberships__role"))

    def writable_by(self, user) -> Self:
        return self.filter(memberships__user=user, memberships__role__in=WRITING_ROLES)


class MembershipQuerySet(models.QuerySet):
    def for_list(self) -> Self:
        """Members with what others may see of them."""
        columns = self.select_related("user").only(
            "role", "created_at", "team_id", "user__id", "user__name", "user__email"
        )
        return columns.fetch_mode(models.FETCH_RAISE)
