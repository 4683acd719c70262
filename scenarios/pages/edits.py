"""What becomes of a scenario's inputs when fields of the form are changed, items come and go, or another design is
chosen. Inputs are taken and given in wire form; those that are taken are left as they are."""

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any

from masterdata.catalogue import Catalogue
from scenarios.engine.fields import declarations
from scenarios.engine.inputs import ScenarioInputs
from scenarios.pages.forms import LISTS, Form
from scenarios.services.defaults import CatalogueDefaults

_STEP = re.compile(r"[^.\[\]]+")
_NAMED = {
    item.wire: declarations(item.spec.group)[0].wire for item in declarations(ScenarioInputs) if item.wire in LISTS
}
# What an item that is added holds none of unless the design says how much, so that sums stay as they are.
_NOTHING = {"feedstocks": "share", "utilities": "consumption", "products": "yield"}
FEEDSTOCK = "feedstocks[0].feedstock"
# What brings defaults.
CHOICES = frozenset({"pathway", "country", FEEDSTOCK})


def steps_of(path: str) -> list[str]:
    """The keys and places that lead to a wire path."""
    return _STEP.findall(path)


def changed(form: Form, values: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of ``form`` with ``values`` by path; None takes a value away, and its default holds again."""
    inputs: dict[str, Any] = deepcopy(dict(form.inputs))
    for path, value in values.items():
        steps = steps_of(path)
        if steps[0] in LISTS and not isinstance(inputs.get(steps[0]), list):
            inputs[steps[0]] = _written_out(form, steps[0])
        put(inputs, steps, value)
    if values:
        _tidy(form, inputs, {steps_of(path)[0] for path in values})
    return inputs


def reverted(form: Form, path: str) -> dict[str, Any]:
    """The inputs without what is held at ``path``: a field, a group or a whole list."""
    inputs = deepcopy(dict(form.inputs))
    steps = steps_of(path)
    if not steps:
        return inputs
    if path == "feedstocks" and FEEDSTOCK in form.fields:
        # The first feedstock was chosen at the top; what goes is what is held of it, and the others.
        inputs["feedstocks"] = [{"feedstock": form.fields[FEEDSTOCK].given}]
        _tidy(form, inputs, {"feedstocks"})
        return inputs
    if not isinstance(inputs.get(steps[0]), dict | list):
        inputs.pop(steps[0], None)
        return inputs
    put(inputs, steps, None)
    _tidy(form, inputs, {steps[0]})
    return inputs


def with_item(form: Form, group: str, name: str) -> dict[str, Any]:
    """The inputs with ``name`` at the end of a list, of which nothing is used or made yet."""
    inputs: dict[str, Any] = deepcopy(dict(form.inputs))
    rows = inputs[group] if isinstance(inputs.get(group), list) else _written_out(form, group)
    row: dict[str, Any] = {_NAMED[group]: name}
    amount = _NOTHING.get(group)
    if rows and amount and amount not in (form.defaults.item(group, name) or {}):
        row[amount] = 0
    inputs[group] = [*rows, row]
    _tidy(form, inputs, {group})
    return inputs


def without_item(form: Form, path: str) -> dict[str, Any]:
    """The inputs without the item at ``path``; a feedstock that stays alone makes all of the fuel."""
    inputs: dict[str, Any] = deepcopy(dict(form.inputs))
    group, index = steps_of(path)[:2]
    rows = inputs[group] if isinstance(inputs.get(group), list) else _written_out(form, group)
    inputs[group] = [row for place, row in enumerate(rows) if place != int(index)]
    if group == "feedstocks" and len(inputs[group]) == 1:
        inputs[group][0].pop("share", None)
    _tidy(form, inputs, {group})
    return inputs


def with_choices(form: Form, choices: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The inputs with another pathway, feedstock or country, and the paths of values that have no place in them.

    A list that was the old design's becomes the new one's; values of one's own go along with the items that stay.
    """
    catalogue = form.catalogue
    old = {group.path: group for group in form.groups if group.is_list}
    inputs: dict[str, Any] = deepcopy(dict(form.inputs))
    for path, value in choices.items():
        if path != FEEDSTOCK:
            put(inputs, [path], value)
    _choose_feedstock(form, inputs, choices)
    standard = CatalogueDefaults(catalogue, inputs)
    lost: list[str] = []
    for group in ("utilities", "products"):
        rows = inputs.get(group)
        if not isinstance(rows, list) or old[group].is_list_changed:
            continue
        names = standard.items(group)
        held = {entry.name: row for entry, row in zip(old[group].entries, rows, strict=True)}
        lost += [
            f"{group}[{index}].{key}"
            for index, entry in enumerate(old[group].entries)
            for key in rows[index]
            if entry.name not in names and key != _NAMED[group]
        ]
        inputs[group] = [{**held.get(name, {}), _NAMED[group]: name} for name in names]
        _tidy_list(inputs, group, names)
    lost += _without_foreign_rows(catalogue, inputs)
    return inputs, lost


def _choose_feedstock(form: Form, inputs: dict[str, Any], choices: Mapping[str, Any]) -> None:
    chosen = choices.get(FEEDSTOCK)
    rows = inputs.get("feedstocks")
    if chosen is not None:
        rows = rows if isinstance(rows, list) and rows else [{}]
        inputs["feedstocks"] = [{**rows[0], "feedstock": chosen}, *rows[1:]]
    elif "pathway" in choices and isinstance(rows, list) and len(rows) == 1:
        names = _standard(form.catalogue, inputs, "feedstocks")
        if names and tuple(_standard(form.catalogue, form.inputs, "feedstocks")) == (_name_of(form),):
            inputs["feedstocks"] = [{**rows[0], "feedstock": names[0]}]
    _tidy(form, inputs, {"feedstocks"})


def _name_of(form: Form) -> str:
    feedstocks = next(group for group in form.groups if group.path == "feedstocks")
    return feedstocks.entries[0].name if feedstocks.entries else ""


def _without_foreign_rows(catalogue: Catalogue, inputs: dict[str, Any]) -> list[str]:
    """Take out the rows of the CORSIA table that the pathway does not have; their paths."""
    pathway, rows, lost = inputs.get("pathway"), inputs.get("feedstocks"), []
    known = {row.casefold() for row in catalogue.corsia_rows(pathway if isinstance(pathway, str) else "")}
    for index, row in enumerate(rows if isinstance(rows, list) else []):
        if isinstance(row.get("corsiaRow"), str) and row["corsiaRow"].strip().casefold() not in known:
            del row["corsiaRow"]
            lost.append(f"feedstocks[{index}].corsiaRow")
    return lost


def _written_out(form: Form, group: str) -> list[dict[str, Any]]:
    found = next(one for one in form.groups if one.path == group)
    return [{_NAMED[group]: entry.name} for entry in found.entries]


def put(tree: dict[str, Any], steps: list[str], value: Any) -> None:
    """Set what is at the end of ``steps``, or take it away along with groups that are empty then."""
    *way, last = steps
    at: Any = tree
    passed: list[tuple[Any, str]] = []
    for step, following in zip(way, steps[1:], strict=True):
        if isinstance(at, list):
            at = at[int(step)]
            continue
        if not isinstance(at.get(step), dict | list):
            if value is None:
                return
            at[step] = {}
        passed.append((at, step))
        at = at[step]
        if isinstance(at, list) and (not following.isdigit() or int(following) >= len(at)):
            return
    if isinstance(at, list):
        return
    if value is not None:
        at[last] = value
        return
    at.pop(last, None)
    for holder, step in reversed(passed):
        if holder[step] == {}:
            del holder[step]


def _tidy(form: Form, inputs: dict[str, Any], groups: Iterable[str]) -> None:
    """Leave out each list that says no more than the design does, so that it follows the choice of another."""
    for group in groups:
        if group in LISTS:
            _tidy_list(inputs, group, _standard(form.catalogue, inputs, group))


def _standard(catalogue: Catalogue, inputs: Mapping[str, Any], group: str) -> Sequence[str]:
    """The names in a list that is left out."""
    return CatalogueDefaults(catalogue, {key: value for key, value in inputs.items() if key != group}).items(group)


def _tidy_list(inputs: dict[str, Any], group: str, standard: Iterable[str]) -> None:
    rows = inputs.get(group)
    if isinstance(rows, list) and rows == [{_NAMED[group]: name} for name in standard]:
        del inputs[group]
