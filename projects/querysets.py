"""The shapes in which projects are read."""

from typing import Self

from django.db import models

# What a project shows of its team and of the user who made it; the rest of those rows stays in the database.
_SHOWN = (
    "id",
    "name",
    "description",
    "stage",
    "progress",
    "version",
    "created_at",
    "updated_at",
    "team__id",
    "team__name",
    "created_by__id",
    "created_by__name",
    "created_by__email",
)


class ProjectQuerySet(models.QuerySet):
    def visible_to(self, user) -> Self:
        """The projects of the teams that ``user`` is a member of, each with the user's ``my_role``.

        One join answers both: the annotation reads the membership that the filter found, and a user has at most one
        in a team.
        """
        return self.filter(team__memberships__user=user).annotate(my_role=models.F("team__memberships__role"))

    def for_list(self) -> Self:
        return self.select_related("team", "created_by").only(*_SHOWN).fetch_mode(models.FETCH_RAISE)

    def for_detail(self) -> Self:
        return self.for_list()
