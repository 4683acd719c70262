"""Making, changing, ordering, copying and deleting scenarios.

Saved inputs may be incomplete, never malformed: what is missing is asked for when the scenario is calculated.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max

from accounts.choices import Action
from accounts.models import User
from accounts.services.audit import Change
from config.cache import versions
from config.database.prepared import prepared_cursor
from config.database.written import Statement, update, write
from projects.models import Project
from projects.services import copy_name
from scenarios.caching import scenario_tag, scenarios_tag
from scenarios.choices import RunState, ScenarioStatus
from scenarios.engine import ENGINE_VERSION, InputError, InputProblem
from scenarios.engine.resolution import INCOMPLETE
from scenarios.models import Calculation, Scenario
from scenarios.services.audit import changes_of, scenario_entry
from scenarios.services.defaults import inputs_examine
from scenarios.services.snapshots import resolution_hash

MISSING = frozenset({"required", "no_design"})


@transaction.atomic
def scenario_create(*, project: Project, user: User, name: str, inputs: Mapping[str, Any] | None = None) -> Scenario:
    """A scenario at the end of ``project``, whose right to write the caller has checked.

    Raises:
        InputError: inputs are malformed or contradict each other; missing ones are not an error yet.
    """
    scenario = Scenario(project=project, created_by=user, name=name)
    _take_inputs(scenario, inputs or {}, tolerated=MISSING)
    _append(scenario, changes_of(scenario))
    return scenario


def _append(scenario: Scenario, changes: list[Change]) -> None:
    """Save a new scenario in the last place; the project's lock keeps two from taking the same one."""
    _lock_order(scenario.project_id)
    last = Scenario.objects.filter(project_id=scenario.project_id).aggregate(last=Max("order"))["last"]
    scenario.order = 0 if last is None else last + 1
    scenario.save(force_insert=True)
    scenario.known = scenario.name, scenario.inputs
    write(scenario_entry(scenario, Action.CREATED, changes, user=scenario.created_by))


def _lock_order(project_id: UUID) -> None:
    """Keep the places of a project's scenarios to this transaction; taken before the lock of any of them.

    Raises:
        Project.DoesNotExist: it has been deleted since it was read.
    """
    Project.objects.select_for_update(of=("self",)).only("pk").get(pk=project_id)


def scenario_update(
    *, scenario: Scenario, name: str | None = None, inputs: Mapping[str, Any] | None = None
) -> Scenario:
    """Change a scenario whose row the caller has locked; the version moves whether or not a value differs.

    Raises:
        InputError: as in ``scenario_create``; nothing is changed then.
    """
    if inputs is not None:
        _take_inputs(scenario, inputs, tolerated=MISSING)
    if name is not None:
        scenario.name = name
    scenario_save(scenario)
    return scenario


def scenario_draft(*, scenario: Scenario, changes: Mapping[str, Any]) -> tuple[InputProblem, ...]:
    """Merge ``changes`` into the inputs (see ``merged``) and keep them as they are.

    The caller has locked the row. Returns what is still missing or does not add up yet.

    Raises:
        InputError: a value is malformed; nothing is changed then.
    """
    return scenario_keep(scenario=scenario, inputs=merged(scenario.inputs, changes))


def scenario_keep(*, scenario: Scenario, inputs: Mapping[str, Any]) -> tuple[InputProblem, ...]:
    """``scenario_draft`` of inputs that take the place of all there are."""
    problems = _take_inputs(scenario, inputs, tolerated=INCOMPLETE | MISSING)
    scenario_save(scenario, is_typed=True)
    return problems


def merged(saved: Any, changes: Any) -> Any:
    """``saved`` with ``changes`` merged in as RFC 7396 says, but a value takes its unit along.

    By the letter {"value": 5} sent over a saved {"value": 500, "unit": "kt/year"} would make 5 kt/year.
    """
    if not isinstance(changes, Mapping) or "value" in changes:
        return changes
    result = dict(saved) if isinstance(saved, Mapping) else {}
    for key, value in changes.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def _take_inputs(
    scenario: Scenario, inputs: Mapping[str, Any], *, tolerated: frozenset[str]
) -> tuple[InputProblem, ...]:
    """Set inputs and the state that follows: calculated where a result for the same inputs is known, else draft.

    Inputs sent back as they were read change nothing, so that a result outlives a change of the master data.
    """
    found = inputs_examine(inputs, masterdata_version=version_read(scenario))
    refused = [problem for problem in found.problems if problem.code not in tolerated]
    if refused:
        raise InputError(refused)
    if inputs == scenario.inputs and not scenario._state.adding:
        return found.problems
    scenario.inputs = dict(inputs)
    scenario.inputs_hash = resolution_hash(found.resolution) if found.resolution else ""
    scenario.current = known_result(scenario, scenario.inputs_hash)
    if scenario.status != ScenarioStatus.CALCULATING:  # until the run ends, see ``scenario_settle``
        scenario.status = ScenarioStatus.CALCULATED if scenario.current else ScenarioStatus.DRAFT
    return found.problems


def version_read(scenario: Scenario) -> int | None:
    """The version of the master data, where it was read along with the scenario."""
    return getattr(scenario, "masterdata_version", None)


def known_result(scenario: Scenario, inputs_hash: str, *, whole: bool = False) -> Calculation | None:
    """The newest result of this scenario for the same inputs and engine; unless ``whole``, that there is one."""
    if not inputs_hash or scenario._state.adding:
        return None
    with prepared_cursor() as cursor:
        cursor.execute(_SAME, [scenario.pk, inputs_hash, ENGINE_VERSION])
        found = cursor.fetchone()
    if found is None:
        return None
    return (Calculation.objects if whole else Calculation.objects.for_progress()).get(pk=found[0])


# Written out: most calculations are new, and it takes longer to put this together than to find nothing.
_SAME = f"""
    SELECT id FROM "{Calculation._meta.db_table}"
    WHERE scenario_id = %s AND inputs_hash = %s AND engine_version = %s AND state = '{RunState.SUCCEEDED}'
    ORDER BY queued_at DESC LIMIT 1
"""  # noqa: S608  our own names and words


_SAVED = ("name", "inputs", "inputs_hash", "current", "status", "version", "updated_at")


def scenario_save(scenario: Scenario, *before: Statement, is_typed: bool = False) -> None:
    """Write what may have changed of a locked row; the version moves, and the audit tells a new name or new inputs.

    In the same round trip as what is to be written ``before``.
    """
    changes = changes_of(scenario)
    entries = [scenario_entry(scenario, Action.CHANGED, changes, is_typed=is_typed)] if changes else []
    scenario.version += 1
    write(*before, *entries, update(scenario, _SAVED))
    scenario.known = scenario.name, scenario.inputs


def scenario_settle(
    *, scenario_id: UUID, status: str, calculation_id: UUID | None = None, inputs_hash: str | None = None
) -> None:
    """Take a scenario out of ``calculating`` and lock it, within the transaction that ends its run.

    It has come to ``status`` by that run if its inputs still are those of the run. Else they have been changed
    meanwhile, or nothing came of the run: then it is calculated if a result of its inputs is known, or a draft.
    """
    with prepared_cursor() as cursor:
        cursor.execute(_SETTLE, [inputs_hash, status, inputs_hash, calculation_id, scenario_id])
        settled = cursor.fetchone()
    if settled is not None:
        versions.replace(scenario_tag(scenario_id), scenarios_tag(settled[0]))


# Written out: put together from expressions it takes longer than to be executed, and every run ends with it.
_SETTLE = f"""
    UPDATE "{Scenario._meta.db_table}" SET
        status = CASE WHEN inputs_hash = %s THEN %s
                      WHEN current_id IS NOT NULL THEN '{ScenarioStatus.CALCULATED}'
                      ELSE '{ScenarioStatus.DRAFT}' END,
        current_id = CASE WHEN inputs_hash = %s THEN %s ELSE current_id END,
        version = version + 1,
        updated_at = statement_timestamp()
    WHERE id = %s AND status = '{ScenarioStatus.CALCULATING}'
    RETURNING project_id
"""  # noqa: S608  our own names and words


@transaction.atomic
def scenario_duplicate(*, scenario: Scenario, user: User, name: str | None = None) -> Scenario:
    """A copy at the end of the same project, to be calculated anew.

    Raises:
        Project.DoesNotExist, Scenario.DoesNotExist: it has been deleted since it was read.
    """
    source = Scenario.objects.get(pk=scenario.pk)
    copy = _copy(source, project_id=source.project_id, user=user, name=name or copy_name(source))
    _append(copy, [{"path": "copyOf", "before": None, "after": source.name}])
    return copy


def _copy(source: Scenario, *, project_id: Any, user: User, name: str) -> Scenario:
    return Scenario(
        project_id=project_id, created_by=user, name=name, inputs=source.inputs, inputs_hash=source.inputs_hash,
        order=source.order,
    )  # fmt: skip


def scenarios_copy(*, source: Project, copy: Project, user: User) -> None:
    """The part of scenarios in the duplication of a project (projects.services.on_duplicate)."""
    scenarios = Scenario.objects.filter(project=source).order_by("order")
    Scenario.objects.bulk_create(_copy(one, project_id=copy.pk, user=user, name=one.name) for one in scenarios)


@transaction.atomic
def scenario_move(*, scenario: Scenario, order: int) -> Scenario:
    """Put a scenario in place ``order`` (from 0; past the end means last) and close up the others.

    Raises:
        Project.DoesNotExist, Scenario.DoesNotExist: it has been deleted since it was read.
    """
    _lock_order(scenario.project_id)
    # All rows are locked before one is written: a writer of another row, about to commit, waits for whoever has taken
    # its place without having committed yet, and that one would wait for its row.
    siblings = Scenario.objects.filter(project_id=scenario.project_id).order_by("order")
    places = list(siblings.select_for_update().values_list("pk", flat=True))
    if scenario.pk not in places:
        raise Scenario.DoesNotExist
    before = places.index(scenario.pk)
    places.remove(scenario.pk)
    places.insert(order, scenario.pk)
    ordered = [Scenario(pk=key, order=place) for place, key in enumerate(places)]
    Scenario.objects.bulk_update(ordered, ["order"])
    Scenario.objects.filter(pk=scenario.pk).update(version=F("version") + 1)
    scenario.order = places.index(scenario.pk)
    versions.replace(scenarios_tag(scenario.project_id), *map(scenario_tag, places))
    if scenario.order != before:
        moved = [{"path": "order", "before": before, "after": scenario.order}]
        write(scenario_entry(scenario, Action.MOVED, moved))
    return scenario


@transaction.atomic(savepoint=False)
def scenario_delete(*, scenario: Scenario) -> None:
    """Delete a scenario with its calculations; the others keep their order. The audit keeps its inputs."""
    gone = [{"path": "inputs", "before": scenario.inputs, "after": None}] if scenario.inputs else []
    write(scenario_entry(scenario, Action.DELETED, gone))
    scenario.delete()
