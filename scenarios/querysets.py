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
        """With everything the current calculation holds."""
        return self.select_related("current").fetch_mode(models.FETCH_RAISE)


class CalculationQuerySet(models.QuerySet):
    def visible_to(self, user) -> Self:
        return self.filter(scenario__project__team__memberships__user=user)

    def for_list(self) -> Self:
        """Without inputs and results, which are large."""
        large = ("inputs", "resolved_inputs", "result", "problems")
        return self.select_related("user").defer(*large).fetch_mode(models.FETCH_RAISE)

    def for_detail(self) -> Self:
        return self.select_related("user").fetch_mode(models.FETCH_RAISE)
