"""The form of a scenario's inputs, made from their declarations, and what a person changed in it.

A field that is left empty takes its default, which is shown beside it; what stands in a field is what the scenario
holds. So a form sent back as it was rendered changes nothing, whatever way its values were once written.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field
from typing import Any

from masterdata.catalogue import Catalogue
from scenarios.engine import InputProblem
from scenarios.engine.fields import Declaration, Kind, Spec, camel_path, declarations, with_utility
from scenarios.engine.incentive import AMOUNT_UNITS
from scenarios.engine.inputs import ScenarioInputs
from scenarios.engine.origins import METHOD_SOURCE, Sourced
from scenarios.pages import numbers
from scenarios.pages.fields import Field, Option, called
from scenarios.pages.numbers import NotANumber
from scenarios.pages.words import choice_label, declared, label_of, reworded, sentence
from scenarios.services.defaults import CatalogueDefaults

UNIT_SUFFIX = ":unit"
_OUT_OF_BOUNDS = frozenset({"minimum", "maximum"})
LISTS = tuple(item.wire for item in declarations(ScenarioInputs) if item.spec.kind is Kind.ITEMS)


@dataclass(slots=True)
class Entry:
    """One item of a list: a feedstock, a utility, a product or an incentive."""

    path: str
    name: str
    fields: list[Field]
    # It stands among the choices at the top, and cannot be taken out.
    is_fixed: bool = False


@dataclass(slots=True)
class Group:
    """Inputs that stand together; a list has ``entries``, and ``addable`` names."""

    path: str
    help: str
    fields: list[Field] = field(default_factory=list)
    parts: list["Group"] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    addable: list[str] = field(default_factory=list)
    is_list: bool = False
    is_list_changed: bool = False
    problem: str = ""

    @property
    def title(self) -> str:
        return label_of(self.path)

    def walk(self) -> Iterator[Field]:
        yield from self.fields
        for entry in self.entries:
            yield from entry.fields
        for part in self.parts:
            yield from part.walk()

    @property
    def changes(self) -> int:
        return sum(one.is_changed for one in self.walk()) + self.is_list_changed

    @property
    def faults(self) -> int:
        return sum(bool(one.problem) for one in self.walk()) + bool(self.problem)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a form; ``place`` is the id of the element where it is put right."""

    name: str
    words: str
    place: str


@dataclass(slots=True)
class Changes:
    """What was changed in a form: by path what is to be held there (None: nothing), and what cannot be read."""

    values: dict[str, Any] = field(default_factory=dict)
    typed: dict[str, tuple[str, str]] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)


class Form:
    """The inputs of a scenario as fields in groups.

    Args:
        inputs: as the scenario holds them.
        problems: what is wrong with them, by declared path.
    """

    def __init__(self, catalogue: Catalogue, inputs: Mapping[str, Any], problems: Iterable[InputProblem] = ()) -> None:
        self.catalogue, self.inputs = catalogue, inputs
        self.defaults = CatalogueDefaults(catalogue, inputs)
        self.choices = Group("choices", "")
        self.groups: list[Group] = []
        self.fields: dict[str, Field] = {}
        self.problems: list[str] = []
        for item in declarations(ScenarioInputs):
            given = inputs.get(item.wire)
            if not item.spec.settable:
                continue
            if item.spec.kind is Kind.GROUP:
                self.groups.append(self._group(item, _mapping(given), item.wire))
            elif item.spec.kind is Kind.ITEMS:
                self.groups.append(self._list(item, given))
            else:
                self.choices.fields.append(self._choice(item, given))
        self._choose_feedstock()
        self.all_groups = [self.choices, *self.groups]
        for group in self.all_groups:
            self.fields |= {one.path: one for one in group.walk()}
        self._count_years()
        self._tell(problems)

    def _group(self, item: Declaration, given: Mapping[str, Any], path: str) -> Group:
        made = Group(path, "")
        for one in declarations(item.spec.group):
            here = f"{path}.{one.wire}"
            if one.spec.kind is Kind.GROUP:
                made.parts.append(self._group(one, _mapping(given.get(one.wire)), here))
            else:
                default = _default(one, self.defaults.value(declared(here)))
                made.fields.append(self._field(one, given.get(one.wire), here, one.spec.unit, default))
        return made

    def _list(self, item: Declaration, given: Any) -> Group:
        made = Group(item.wire, item.spec.help, is_list=True)
        standard = tuple(self.defaults.items(item.name))
        rows = _rows(item, given, standard)
        names = []
        for index, row in enumerate(rows):
            entry = self._entry(item, row, f"{item.wire}[{index}]")
            names.append(entry.name)
            made.entries.append(entry)
        made.is_list_changed = isinstance(given, list) and bool(standard or names) and tuple(names) != standard
        made.addable = [record for record in self._known(item.name) if record not in names]
        return made

    def _entry(self, item: Declaration, row: Mapping[str, Any], path: str) -> Entry:
        named, *others = declarations(item.spec.group)
        raw = row.get(named.wire)
        known = (self.defaults.item(item.name, raw) if isinstance(raw, str) else None) or {}
        name = str(known[named.name].value) if named.name in known else str(raw or "")
        counted: Any = known["unit"].value if "unit" in known else None
        kind = row.get("kind") or (known["kind"].value if "kind" in known else None)
        fields = []
        for one in others:
            if not one.spec.settable:
                continue
            unit = _unit(one.spec, counted, kind)
            fields.append(
                self._field(one, row.get(one.wire), f"{path}.{one.wire}", unit, _default(one, known.get(one.name)))
            )
        return Entry(path, name, fields)

    def _field(self, item: Declaration, given: Any, path: str, unit: str, default: Sourced | None) -> Field:
        made = Field(path, item, given, unit, default, self._options(item, path))
        made.fill()
        return made

    def _options(self, item: Declaration, path: str) -> tuple[Option, ...]:
        if item.spec.kind is Kind.CHOICE:
            return tuple(Option(word, choice_label(word)) for word in item.spec.choices)
        if item.spec.kind is Kind.FLAG:
            return (Option("yes", "Yes"), Option("no", "No"))
        if item.name in ("priced_product", "product"):
            return tuple(Option(record.name, record.name) for record in self.catalogue.products)
        if item.name == "corsia_row" and self.defaults.pathway is not None:
            return tuple(Option(row, row) for row in self.catalogue.corsia_rows(self.defaults.pathway.code))
        return ()

    def _choice(self, item: Declaration, given: Any) -> Field:
        """The pathway or the country, by its code."""
        records = self.catalogue.pathways if item.name == "pathway" else self.catalogue.countries
        known = self.defaults.pathway if item.name == "pathway" else self.defaults.country
        options = [
            Option(one.code, f"{one.code}: {one.name}" if item.name == "pathway" else one.name) for one in records
        ]
        if item.name == "country":
            options.sort(key=lambda option: option.label)
        made = Field(item.wire, item, given, "1", None, tuple(options), has_mark=False)
        made.fill()
        if known is not None:
            made.options, made.text = tuple(options), known.code
        return made

    def _choose_feedstock(self) -> None:
        """The name of the first feedstock, which decides on the design, stands with the pathway and the country."""
        group = next(one for one in self.groups if one.path == "feedstocks")
        if not group.entries:
            return
        named = declarations(_list_declaration("feedstocks").spec.group)[0]
        first = group.entries[0]
        first.is_fixed = True
        taken = {entry.name for entry in group.entries[1:]}
        pathway = self.defaults.pathway.code if self.defaults.pathway else ""
        options = [
            Option(one.name, f"{one.name} (no published design)" if pathway and not designed else one.name)
            for one in self.catalogue.feedstocks
            if one.name not in taken
            for designed in (self.catalogue.design(pathway, one.code),)
        ]
        options.sort(key=lambda option: (option.label != option.value, option.label))
        made = Field(f"{first.path}.{named.wire}", named, first.name, "1", None, tuple(options), has_mark=False)
        made.fill()
        self.choices.fields.insert(1, made)

    def _count_years(self) -> None:
        """Say of each series how much of what it stands for it tells."""
        lifetime = self.fields["finance.lifetime"].numbers
        ramp, shares = self.fields["plant.utilisation"], self.fields["finance.constructionShares"]
        if isinstance(ramp.given, list) and lifetime:
            rest = "; it runs in full in later years" if len(ramp.given) < lifetime[0] else ""
            ramp.counted = f"{len(ramp.given)} of {lifetime[0]:g} years given{rest}."
        elif ramp.given is not None:
            ramp.counted = "The same in all years."
        if isinstance(shares.given, list):
            count = len(shares.given)
            together = f"{100 * sum(shares.numbers):.6g} %"
            shares.counted = f"{count} year{'s' if count > 1 else ''} given, together {together}."

    def _known(self, group: str) -> list[str]:
        if group == "incentives":
            return [record.name for record in self.catalogue.incentives if record.is_stackable]
        return list(self.defaults.names(group))

    def _tell(self, problems: Iterable[InputProblem]) -> None:
        groups = {group.path: group for group in self.groups}
        for problem in problems:
            path = camel_path(problem.field)
            if path in self.fields:
                one = self.fields[path]
                is_bound = problem.code in _OUT_OF_BOUNDS and numbers.is_percent(one.spec, one.unit)
                _add(one, f"Must be {one.bounds}." if is_bound else sentence(problem.message))
            elif path in groups:
                _add(groups[path], sentence(problem.message))
            else:
                self.problems.append(f"{label_of(path)}: {reworded(problem.message)}.")

    def changes(self, sent: Mapping[str, str]) -> Changes:
        """What differs in a form that was ``sent`` from what stands here; what it leaves out is as it was."""
        found = Changes()
        for path, one in self.fields.items():
            if path not in sent:
                continue
            text, wire = sent[path][:2000], sent.get(path + UNIT_SUFFIX, one.beside.value)[:40]
            if text == one.text and wire == one.beside.value:
                continue
            found.typed[path] = (text, wire)
            try:
                value = one.read(text, wire)
            except NotANumber as error:
                found.faults[path] = str(error)
                continue
            if value != one.given:
                found.values[path] = value
        return found

    def retype(self, changes: Changes, refused: Iterable[str] = ()) -> None:
        """Show what was typed where it is not held, and why it cannot be; and the units chosen."""
        unheld = {*changes.faults, *refused}
        for path, (text, wire) in changes.typed.items():
            one = self.fields.get(path)
            if one is None:
                continue
            if one.is_numeric:
                one.beside = numbers.unit_named(one.spec, one.place, one.unit, wire or None)
            if path in unheld:
                one.text = text
            if path in changes.faults:
                one.problem = changes.faults[path]

    @property
    def count(self) -> int:
        """How many values of its own the scenario holds."""
        return sum(group.changes for group in self.groups)

    def faults(self) -> list[Fault]:
        """Everything that is wrong, in the order of the form."""
        told = [Fault("", words, "editor") for words in self.problems]
        for group in self.all_groups:
            if group.problem:
                told.append(Fault(group.title, group.problem, f"g-{group.path}"))
            told += [Fault(called(one), one.problem, f"f-{one.path}") for one in group.walk() if one.problem]
        return told

    def states(self) -> dict[str, dict[str, Any]]:
        """What the page shows beside each field that may have moved with a change elsewhere."""
        found: dict[str, dict[str, Any]] = {}
        for path, one in self.fields.items():
            state: dict[str, Any] = {}
            if one.is_changed:
                state["changed"] = 1
            if one.given is not None and one.has_mark:
                state["held"] = 1
            if one.problem:
                state["problem"] = one.problem
            if one.is_numeric and one.default is not None:
                state["default"] = one.default_shown
                state["unit"] = one.beside.label
            if one.counted:
                state["counted"] = one.counted
            if state:
                found[path] = state
        return found

    def states_of_groups(self) -> dict[str, list[Any]]:
        """By group, how many of its values were changed, how many are wrong, and what is wrong with all of it."""
        return {group.path: [group.changes, group.faults, group.problem] for group in self.all_groups}


def _add(where: Field | Group, words: str) -> None:
    where.problem = f"{where.problem} {words}".strip()


def _mapping(given: Any) -> Mapping[str, Any]:
    return given if isinstance(given, Mapping) else {}


def _rows(item: Declaration, given: Any, standard: Sequence[str]) -> list[Mapping[str, Any]]:
    if isinstance(given, list):
        return [_mapping(row) for row in given]
    named = declarations(item.spec.group)[0]
    return [{named.wire: name} for name in standard]


def _list_declaration(name: str) -> Declaration:
    return next(item for item in declarations(ScenarioInputs) if item.name == name)


def _default(item: Declaration, found: Sourced | None) -> Sourced | None:
    """As the engine takes it (engine/resolution.py): what is known, else the default of the method."""
    if found is None or (found.value is None and not item.spec.optional):
        return None if item.default is MISSING else Sourced(item.default, METHOD_SOURCE, "confirmed")
    return found


def _unit(spec: Spec, counted: Any, kind: Any) -> str:
    """The unit of a field of an item; empty where it hangs on a kind that is not known."""
    if spec.unit == "{incentive}":
        return AMOUNT_UNITS.get(kind, "") if isinstance(kind, str) else ""
    return with_utility(spec.unit, counted if isinstance(counted, str) else "t")
