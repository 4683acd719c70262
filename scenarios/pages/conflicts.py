"""Two people change one scenario: what either changed since both saw the same, and what comes of their choice."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from masterdata.catalogue import Catalogue
from scenarios.pages.edits import CHOICES, put, steps_of
from scenarios.pages.fields import called
from scenarios.pages.forms import LISTS, Form, Group

MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True, slots=True)
class Difference:
    """One place that stands differently: what it was, what the other made of it, what this person did."""

    key: str
    label: str
    before: str
    theirs: str
    mine: str
    is_mine: bool
    is_both: bool

    @property
    def default_choice(self) -> str:
        """Whose change it is; where it is of both, the other's, which is saved already."""
        return MINE if self.is_mine and not self.is_both else THEIRS


def differences(
    catalogue: Catalogue, base: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any]
) -> list[Difference]:
    """Field by field, and list by list, what ``theirs`` and ``mine`` changed of ``base``."""
    forms = [Form(catalogue, inputs) for inputs in (base, theirs, mine)]
    found = []
    for path, was in forms[0].fields.items():
        if path in LISTS or path.partition("[")[0] in LISTS:
            continue
        held = [form.fields[path].given for form in forms]
        told = [form.fields[path].told() for form in forms]
        found += _difference(path, called(was), held, told)
    for name in LISTS:
        groups = [next(group for group in form.groups if group.path == name) for form in forms]
        held = [inputs.get(name) for inputs in (base, theirs, mine)]
        found += _difference(name, groups[0].title, held, [_list_told(group) for group in groups])
    return found


def _difference(key: str, label: str, held: list[Any], told: list[str]) -> list[Difference]:
    before, theirs, mine = held
    if theirs in (before, mine) and mine == before:
        return []
    is_mine, is_both = mine != before, theirs not in (before, mine) and mine != before
    return [Difference(key, label, told[0], told[1], told[2], is_mine, is_both)]


def _list_told(group: Group) -> str:
    told = []
    for entry in group.entries:
        own = ", ".join(f"{one.label.lower()} {one.told()}" for one in entry.fields if one.is_changed)
        told.append(f"{entry.name} ({own})" if own else entry.name)
    return "; ".join(told) or "none"


def settled(
    theirs: Mapping[str, Any], mine: Mapping[str, Any], found: list[Difference], chosen: Mapping[str, str]
) -> dict[str, Any]:
    """The other's inputs with what this person chose of their own; ``chosen`` by key, else whose change it is."""
    inputs: dict[str, Any] = deepcopy(dict(theirs))
    for one in found:
        if chosen.get(one.key, one.default_choice) == MINE:
            put(inputs, steps_of(one.key), deepcopy(at(mine, one.key)))
    return inputs


def at(inputs: Mapping[str, Any], path: str) -> Any:
    """What is held at ``path``, which leads through no list; None where nothing is."""
    found: Any = inputs
    for step in steps_of(path):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


@dataclass(frozen=True, slots=True)
class Moved:
    """A default that another choice of pathway, feedstock or country moves."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Choosing:
    """What another choice brings, said before it is made."""

    choices: list[Moved]
    moved: list[Moved]
    kept: int
    lost: list[str]


def choosing(before: Form, after: Form, lost: list[str]) -> Choosing:
    """What moves from ``before`` to ``after``; ``lost`` are the paths of own values that have no place any more."""
    told = lambda one: f"{one.default_shown} {one.beside.label}".strip() or "none"  # noqa: E731
    moved = []
    for path, one in after.fields.items():
        old = before.fields.get(path)
        value = one.default.value if one.default else None
        if path in CHOICES or (old is None and value is None):
            continue
        if old is None or value != (old.default.value if old.default else None):
            moved.append(Moved(called(one), told(old) if old else "none", told(one)))
    choices = [
        Moved(one.label, before.fields[path].told(), one.told())
        for path, one in after.fields.items()
        if path in CHOICES and path in before.fields and before.fields[path].text != one.text
    ]
    return Choosing(
        choices, moved, after.count, [called(before.fields[path]) for path in lost if path in before.fields]
    )
