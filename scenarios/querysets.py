"""The shapes in which scenarios and calculations are read."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Self, cast
from uuid import UUID

from django.db import models
from django.db.models.expressions import RawSQL
from django.db.models.fields.json import KT, KeyTransform
from django.db.models.functions import Now

from masterdata.catalogue import version_column
from scenarios.choices import ACTIVE_STATES, RunState, ScenarioStatus

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
# Where a run stands, for those who wait for it.
_PROGRESS = (
    "id",
    "scenario_id",
    "user_id",
    "state",
    "attempt",
    "progress",
    "queued_at",
    "due_at",
    "started_at",
    "finished_at",
    "error_code",
    "message",
    "inputs_hash",
    "engine_version",
)
# What a calculation shows of itself and of the user who asked for it.
_RUN = (
    "id",
    "scenario_id",
    "trigger",
    "state",
    "attempt",
    "progress",
    "error_code",
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


# What operators are shown of a run.
_OPERATED = (
    "id",
    "state",
    "attempt",
    "queued_at",
    "due_at",
    "started_at",
    "finished_at",
    "worker",
    "error_code",
    "message",
    "scenario__id",
    "scenario__name",
    "user__id",
    "user__email",
)


class ScenarioQuerySet(models.QuerySet):
    def visible_to(self, user) -> Self:
        """The scenarios of the teams that ``user`` is a member of, each with the user's ``my_role``."""
        mine = self.filter(project__team__memberships__user=user)
        return mine.annotate(my_role=models.F("project__team__memberships__role"))

    def with_masterdata_version(self) -> Self:
        """With the version of the master data that a calculation of it would begin from now."""
        return self.annotate(masterdata_version=version_column())

    def for_list(self) -> Self:
        """Without inputs and results, which are large."""
        return self.select_related("current").only(*_LISTED).fetch_mode(models.FETCH_RAISE)

    def for_detail(self) -> Self:
        """With inputs and headline figures; the result itself is read where it is shown."""
        return self.select_related("current").only(*_LISTED, "inputs", "inputs_hash").fetch_mode(models.FETCH_RAISE)

    def for_editor(self) -> Self:
        """With inputs, and what project it is of."""
        shown = self.select_related("current", "project")
        return shown.only(*_LISTED, "inputs", "inputs_hash", "project__name").fetch_mode(models.FETCH_RAISE)

    def for_cards(self) -> Self:
        """As lists, with what the inputs choose and why a figure of the result has no value; no more of either."""
        chosen = {
            "pathway": KT("inputs__pathway"),
            "country": KT("inputs__country"),
            "feedstocks": KeyTransform("feedstocks", "inputs"),
            "reasons": KeyTransform("reasons", "current__result"),
        }
        return self.select_related("current").annotate(**chosen).only(*_LISTED, "current__message").fetch_mode(
            models.FETCH_RAISE
        )  # fmt: skip

    def newest_of(self, projects: Iterable[UUID]) -> Self:
        """Of each project the scenario that was calculated last, else any, with ``siblings``: how many it has in all.

        One pass over the scenarios of these projects alone, by their index.
        """
        calculated_at = models.Case(
            models.When(status=ScenarioStatus.CALCULATED, then=models.F("current__finished_at"))
        )
        siblings = models.Window(models.Count("*"), partition_by="project_id")
        found = self.filter(project__in=list(projects)).annotate(siblings=siblings, calculated_at=calculated_at)
        last_first = models.F("calculated_at").desc(nulls_last=True)
        return found.order_by("project_id", last_first, "pk").distinct("project_id").for_list()

    def for_status(self) -> Self:
        """Whether it is calculated, and what the current calculation said; cheap enough to be asked all the time."""
        said = ("current__id", "current__state", "current__progress", "current__message")
        return self.select_related("current").only("id", "status", "version", *said).fetch_mode(models.FETCH_RAISE)

    def for_page(self) -> Self:
        """What a page about a scenario says of it before it says more: with its project, without inputs."""
        shown = ("id", "name", "order", "status", "version", "current_id", "project__id", "project__name")
        return self.select_related("project").only(*shown).fetch_mode(models.FETCH_RAISE)

    def with_result(self) -> Self:
        """With what came out of the current calculation, and every value that went in; not with what was sent."""
        return self.select_related("current").defer("inputs", "current__inputs").fetch_mode(models.FETCH_RAISE)


class RunQuerySet(models.QuerySet):
    """Runs of one kind as a queue."""

    def active(self) -> Self:
        return self.filter(state__in=ACTIVE_STATES)

    def due(self) -> Self:
        """What a worker may take, the fairest first."""
        return self.filter(state=RunState.QUEUED, due_at__lte=Now()).order_by("turn", "queued_at")

    def next_turn(self, user) -> RawSQL:
        """The turn of a run that ``user`` queues now, to be computed within the INSERT.

        Start-time fair queueing: everybody's next run stands one turn after their last, and nobody's before those that
        are served now. One user's thousand runs so take a thousand turns, and another's one run is among the next.
        """
        table = self.model._meta.db_table
        # Written out: as expressions the same takes a millisecond more of each request to be put together.
        turn = f"""GREATEST(
            COALESCE((
                SELECT turn FROM "{table}" WHERE state = %s AND due_at <= statement_timestamp()
                ORDER BY turn, queued_at LIMIT 1
            ), 0),
            COALESCE((
                SELECT turn + 1 FROM "{table}" WHERE state = %s AND user_id = %s ORDER BY turn DESC LIMIT 1
            ), 0)
        )"""  # noqa: S608  the name of our own table
        queued = RunState.QUEUED
        column = cast(models.Field[Any, Any], self.model._meta.get_field("turn"))
        return RawSQL(turn, [queued, queued, user and user.pk], column)  # noqa: S611

    def with_place(self) -> Self:
        """With ``ahead``, the number of runs that are taken before this one, while it is queued."""
        table = self.model._meta.db_table
        # The comparison of pairs is a range of the index of turns; the expressions for it are not, and 1 ms to compile.
        ahead = f"""(
            SELECT count(*) FROM "{table}" AS other WHERE other.state = %s
            AND (other.turn, other.queued_at) < ("{table}".turn, "{table}".queued_at)
        )"""  # noqa: S608  the name of our own table
        return self.annotate(ahead=RawSQL(ahead, [RunState.QUEUED], models.IntegerField()))  # noqa: S611


class CalculationQuerySet(RunQuerySet):
    def visible_to(self, user) -> Self:
        """The runs of the scenarios of the teams that ``user`` is a member of, each with the user's ``my_role``."""
        mine = self.filter(scenario__project__team__memberships__user=user)
        return mine.annotate(my_role=models.F("scenario__project__team__memberships__role"))

    def for_list(self) -> Self:
        """Without inputs and results, which are large."""
        return self.select_related("user").only(*_RUN).fetch_mode(models.FETCH_RAISE)

    def for_progress(self) -> Self:
        """Without inputs and results: cheap enough for everybody who waits to ask all the time."""
        return self.only(*_PROGRESS).fetch_mode(models.FETCH_RAISE)

    def with_figures(self) -> Self:
        """Results as their headline figures and the OPEX, which is no column, the newest first."""
        opex = models.F("result__technoEconomics__totalOpex")
        shown = self.filter(state=RunState.SUCCEEDED).annotate(opex=opex).order_by("-queued_at")
        return shown.only("id", "finished_at", *HEADLINE).fetch_mode(models.FETCH_RAISE)

    def gone_wrong(self) -> Self:
        """Runs of the last day that failed or errored, the latest first.

        ``newest_run`` is the state of the newest run of the same scenario since, None where there is none.
        """
        day = Now() - timedelta(days=1)
        wrong = self.filter(state__in=(RunState.FAILED, RunState.ERRORED), finished_at__gt=day)
        later = self.model._default_manager.filter(
            scenario=models.OuterRef("scenario"), queued_at__gt=models.OuterRef("queued_at")
        )
        newest = models.Subquery(later.order_by("-queued_at").values("state")[:1])
        return wrong.annotate(newest_run=newest).order_by("-finished_at")

    def for_operators(self) -> Self:
        """Without inputs and results, with whose it is."""
        return self.select_related("scenario", "user").only(*_OPERATED).fetch_mode(models.FETCH_RAISE)

    def with_result(self) -> Self:
        """What came out, and every value that went in."""
        shown = ("id", "state", "progress", "message", "resolved_inputs", "result")
        return self.only(*shown).fetch_mode(models.FETCH_RAISE)

    def for_detail(self) -> Self:
        """With what went in and what came out."""
        whole = self.select_related("user").only(*_RUN, "inputs", "resolved_inputs", "result")
        return whole.fetch_mode(models.FETCH_RAISE)
