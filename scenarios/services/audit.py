"""What the audit tells of scenarios: their names, and of their inputs what differs, by wire path."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from accounts.choices import Action, Kind
from accounts.models import User
from accounts.services.audit import Change, audit_entry
from config.database.written import Statement
from projects.services import team_of
from scenarios.models import Scenario

# What an item of a list goes by, in the order of the lists that have it.
_NAMES = ("feedstock", "utility", "product", "incentive")


def scenario_entry(
    scenario: Scenario,
    action: Action,
    changes: Sequence[Change] = (),
    *,
    user: User | None = None,
    is_typed: bool = False,
) -> Statement:
    """The INSERT of an entry about a scenario."""
    return audit_entry(
        kind=Kind.SCENARIO, action=action, target=scenario.pk, label=scenario.name, team=team_of(scenario.project_id),
        project=scenario.project_id, changes=changes, user=user, is_typed=is_typed,
    )  # fmt: skip


def changes_of(scenario: Scenario) -> list[Change]:
    """What differs from what was read, or from nothing where the scenario is new."""
    name, inputs = ("", {}) if scenario._state.adding else scenario.known
    renamed = [] if name == scenario.name else [{"path": "name", "before": name or None, "after": scenario.name}]
    if inputs is scenario.inputs or inputs == scenario.inputs:
        return renamed
    return [*renamed, *_differences("inputs", inputs, scenario.inputs)]


def _differences(path: str, before: Any, after: Any) -> Iterator[Change]:
    """Leaf by leaf; a value with its unit is a leaf, and so is a list that goes neither by name nor by place."""
    if before == after:
        return
    if isinstance(before, Mapping | None) and isinstance(after, Mapping | None):
        old, new = before or {}, after or {}
        keys = dict.fromkeys([*old, *new])
        if keys and "value" not in keys:
            for key in keys:
                yield from _differences(f"{path}.{key}", old.get(key), new.get(key))
            return
    if isinstance(before, list) and isinstance(after, list):
        found = list(_of_items(path, before, after))
        if found:
            yield from found
            return
    yield {"path": path, "before": before, "after": after}


def _of_items(path: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Change]:
    """Item by item, by name; nothing where they have none, or stand in another order."""
    old, new = _named(before), _named(after)
    shared = [name for name in old if name in new]
    if not old or not new or shared != [name for name in new if name in old]:
        return
    for name in dict.fromkeys([*old, *new]):
        yield from _differences(f"{path}[{name}]", old.get(name), new.get(name))


def _named(items: Sequence[Any]) -> dict[str, Any]:
    """The items by name; empty where one has none, or two the same."""
    found = {}
    for item in items:
        name = next((item[key] for key in _NAMES if key in item), None) if isinstance(item, Mapping) else None
        if not isinstance(name, str) or name in found:
            return {}
        found[name] = item
    return found
