"""How a scenario stands, as its pages tell it: the result there is to show, and what became of the last run."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from masterdata.catalogue import current
from scenarios import services
from scenarios.choices import RunState, ScenarioStatus
from scenarios.engine import ENGINE_VERSION
from scenarios.models import Calculation, Scenario
from scenarios.pages.access import may_write


@dataclass(frozen=True, kw_only=True)
class ResultStanding:
    """``run`` is what is shown, None where nothing has been calculated; ``last`` is told where the scenario is not."""

    scenario: Scenario
    run: Calculation | None
    last: Calculation | None
    progress: services.Progress | None
    is_chosen: bool = False

    @property
    def may_write(self) -> bool:
        return may_write(self.scenario)

    @property
    def has_changed(self) -> bool:
        """Whether the present inputs are others than those of the run that is shown."""
        return self.run is not None and self.run.pk != self.scenario.current_id

    @property
    def is_explained(self) -> bool:
        """Whether the numbers can be explained: formulas of earlier engines were others."""
        return self.run is not None and self.run.engine_version == ENGINE_VERSION

    @cached_property
    def newer_masterdata(self) -> int | None:
        """The version of the master data where they have moved on since the run."""
        version = current().version
        return version if self.run is not None and version != self.run.masterdata_version else None

    @property
    def query(self) -> str:
        """What addresses of parts of the same run end in."""
        return f"?run={self.run.pk}" if self.is_chosen and self.run is not None else ""


def scenario_of(request: HttpRequest, pk: UUID) -> Scenario:
    """The scenario for its page; Http404 for strangers."""
    return get_object_or_404(Scenario.objects.visible_to(request.user).for_page(), pk=pk)


def result_standing_of(request: HttpRequest, pk: UUID) -> ResultStanding:
    """The scenario with the run to show: the one asked for (``?run=``), the current one, or the last that succeeded."""
    scenario = scenario_of(request, pk)
    asked = request.GET.get("run")
    progress = services.calculation_progress(scenario=scenario) if _is_calculating(scenario) else None
    if progress is None and _is_calculating(scenario):  # it has ended since the scenario was read
        scenario = scenario_of(request, pk)
    last = None
    if scenario.status != ScenarioStatus.CALCULATED and progress is None:
        last = _runs(scenario).for_list().first()
    return ResultStanding(
        scenario=scenario, run=_run(scenario, asked), last=last, progress=progress, is_chosen=asked is not None
    )


def _is_calculating(scenario: Scenario) -> bool:
    return scenario.status == ScenarioStatus.CALCULATING


def _runs(scenario: Scenario) -> Any:
    return Calculation.objects.filter(scenario_id=scenario.pk).order_by("-queued_at")


def _run(scenario: Scenario, asked: str | None) -> Calculation | None:
    """Raises Http404 where there is no such run, or it has no result."""
    done = _runs(scenario).filter(state=RunState.SUCCEEDED).for_detail()
    if asked is not None:
        try:
            return get_object_or_404(done, pk=UUID(asked))
        except ValueError:
            raise Http404 from None
    is_current = scenario.current_id is not None and scenario.status != ScenarioStatus.FAILED
    return done.filter(pk=scenario.current_id).first() if is_current else done.first()
