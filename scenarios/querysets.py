"""The shapes in which scenarios and calculations are read."""

from typing import Self

from django.db import models

# The headline figures of a result: typed columns of a calculation, shown wherever a scenario is listed.
HEADLINE = (
    "npv_usd",
    "irr",
    "payback_years",
    "minimum_selling_price_usd_per_t",
    "lcop_usd_per_t",
    "tci_usd",
    "carbon_intensity_g_per_mj",
)
_LISTED = (
    "id",
    "project_id",
    "name",
    "order",
    "status",
    "version",
    "created_at",
    "updated_at",
    "current__id",
    "current__state",
    "current__finished_at",
    *(f"current__{name}" for name in HEADLINE),
)
# What a calculation shows of itself and of the user who asked for it.
_RUN = (
    "id",
    "scenario_id",
    "trigger",
    "state",
    "progress",
    "message",
    "engine_version",
    "masterdata_version",
    "queued_at",
    "started_at",
    "finished_at",
    *HEADLINE,
    "user__id",
    "user__name",
    "user__email",
)


class ScenarioQuerySet(models.QuerySet):
    def visible_to(self, user) -> Self:
        """The scenarios of the teams that ``user`` is a member of, each with the user's ``my_role``."""
        mine = self.filter(project__team__memberships__user=user)
        return mine.annotate(my_role=models.F("project__team__memberships__role"))

    def for_list(self) -> Self:
        """Without inputs and results, which are large."""
        return self.select_related("current").only(*_LISTED).fetch_mode(models.FETCH_RAISE)

    def for_detail(self) -> Self:
        """With inputs and headline figures; the result itself is read where it is shown."""
        return self.select_related("current").only(*_LISTED, "inputs", "inputs_hash").fetch_mode(models.FETCH_RAISE)

    def with_result(self) -> Self:
        """With what came out of the current calculation, and every value that went in; not with what was sent."""
        unread = ("inputs", "current__inputs", "current__problems")
        return self.select_related("current").defer(*unread).fetch_mode(models.FETCH_RAISE)


class CalculationQuerySet(models.QuerySet):
    def visible_to(self, user) -> Self:
        return self.filter(scenario__project__team__memberships__user=user)

    def for_list(self) -> Self:
        """Without inputs and results, which are large."""
        return self.select_related("user").only(*_RUN).fetch_mode(models.FETCH_RAISE)

    def for_detail(self) -> Self:
        """With what went in and what came out."""
        whole = self.select_related("user").only(*_RUN, "inputs", "resolved_inputs", "result")
        return whole.fetch_mode(models.FETCH_RAISE)
