"""What the editor of a scenario shows: the form, the preview beside it, and how its calculation stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from config.figures import shown_unit
from masterdata.catalogue import current
from scenarios.choices import RunState, ScenarioStatus
from scenarios.engine import InputProblem
from scenarios.engine.resolution import Resolution
from scenarios.models import Calculation, Scenario
from scenarios.pages.access import may_write
from scenarios.pages.forms import Changes, Form
from scenarios.pages.numbers import number_text
from scenarios.pages.preview import preview_of
from scenarios.pages.words import label_of
from scenarios.services import Progress, calculation_progress, inputs_examine

# Groups that stand open when a scenario is opened.
_OPEN = frozenset({"choices", "plant", "feedstocks"})
# A run may end between the reading of its scenario and its own.
READINGS = 3


@dataclass(frozen=True, slots=True)
class RunStanding:
    """How the calculation of a scenario stands: ``run`` is what is under way or came last, if anything ever did."""

    scenario: Scenario
    progress: Progress | None
    run: Calculation | None

    @property
    def state(self) -> str:
        """One word: calculating, calculated, changed, draft, failed, errored or cancelled."""
        if self.progress is not None:
            return "calculating"
        if self.scenario.status == ScenarioStatus.CALCULATED:
            return "calculated"
        if self.run is None:
            return "draft"
        if self.run.state in (RunState.FAILED, RunState.ERRORED, RunState.CANCELLED):
            return str(self.run.state)
        return "changed"

    @property
    def percent(self) -> int:
        return round(100 * self.progress.progress) if self.progress else 0

    @property
    def is_waiting(self) -> bool:
        return self.progress is not None and self.progress.position is not None


def run_standing_of(scenario: Scenario) -> RunStanding:
    """Read anew where ``scenario`` is being calculated, which may have ended since it was read."""
    if scenario.status == ScenarioStatus.CALCULATING:
        for _ in range(READINGS):
            progress = calculation_progress(scenario=scenario)
            if progress is not None:
                return RunStanding(scenario, progress, progress.calculation)
            fresh = Scenario.objects.for_status().get(pk=scenario.pk)
            if fresh.status != ScenarioStatus.CALCULATING:
                scenario.status, scenario.current = fresh.status, fresh.current
                break
    last = Calculation.objects.filter(scenario_id=scenario.pk).for_progress().order_by("-queued_at").first()
    return RunStanding(scenario, None, last)


def as_base(inputs: Any) -> str:
    """The inputs as the page keeps them, to tell later what was changed, and by whom."""
    return orjson.dumps(inputs).decode()


def workspace(
    scenario: Scenario,
    *,
    changes: Changes | None = None,
    refused: Iterable[InputProblem] = (),
    refused_paths: Iterable[str] = (),
) -> dict[str, Any]:
    """What the templates of the editor draw.

    Args:
        changes: what was typed; what is not held of it stays in its field.
        refused: what is wrong with that, at ``refused_paths``.
    """
    examined = inputs_examine(scenario.inputs)
    form = Form(current(), scenario.inputs, [*examined.problems, *refused])
    if changes is not None:
        form.retype(changes, refused_paths)
    last = Calculation.objects.filter(scenario_id=scenario.pk).with_figures().first()
    resolution = examined.resolution
    standing = run_standing_of(scenario)
    return {
        "section": "projects",
        "scenario": scenario,
        "form": form,
        "base": as_base(scenario.inputs),
        "previews": preview_of(resolution, last) if resolution is not None else [],
        "last": last,
        "faults": form.faults(),
        "standing": standing,
        "is_as_calculated": last is not None and last.pk == scenario.current_id and standing.state == "calculated",
        "states_json": _for_script({"fields": form.states(), "groups": form.states_of_groups()}),
        "may_write": may_write(scenario),
        "open_groups": _OPEN,
        "derived": _derived(resolution) if resolution is not None else [],
    }


def _derived(resolution: Resolution) -> list[dict[str, str]]:
    """What the master data said of the choices, ready to be shown."""
    return [
        {
            "label": label_of(path),
            "text": f"{number_text(found.value)} {shown_unit(found.unit) if found.unit != '1' else ''}".strip(),
            "source": found.source or "",
            "confidence": found.confidence or "",
        }
        for path, found in resolution.values.items()
        if path.startswith("reference.") and found.value is not None
    ]


def _for_script(data: Any) -> SafeString:
    """JSON that no markup within it can end."""
    text = orjson.dumps(data).decode()
    return mark_safe(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S308


def reader_name(user: User, actor: Any, name: str) -> str:
    """Who did something, as the person who reads it would say."""
    return "You, in another window," if actor == user.pk else name or "Somebody"
