"""From what a person sent to inputs the engine can calculate: names, units, bounds and defaults, every fault at once.

The wire form is a tree of camelCase keys whose leaves are bare numbers in the declared unit, or
``{"value": 500, "unit": "kt/year"}``. What is left out (or null) comes from the defaults. The answer says of every
value where it came from.
"""

import marshal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from scenarios.engine import consistency
from scenarios.engine.fields import declarations
from scenarios.engine.inputs import Reference, ScenarioInputs
from scenarios.engine.origins import Defaults, NoDefaults, ResolvedValue
from scenarios.engine.parts import Part, Place, Volume, build, part_read, places, unknown_keys
from scenarios.engine.problems import InputError, InputProblem
from scenarios.engine.reading import RefusedError, read

# Groups of the contract that no calculation reads yet: empty they are taken, else refused rather than ignored.
NOT_YET = {"uncertainties": "distributions are not part of the calculation yet"}
# A draft may still hold these faults; any other is refused even there.
INCOMPLETE = frozenset({"required", "empty", "sum", "consistency", "stacking"})
# Of marshal: without the references to equal objects that later ones write, so that equal things are written alike.
_FORMAT = 2

type Key = tuple[str, bytes]


class Memory(Protocol):
    """Complete parts that were read before, all with the same defaults."""

    def get(self, key: Key) -> Part | None: ...

    def put(self, key: Key, value: Part) -> None: ...


@dataclass(frozen=True, slots=True)
class Resolution:
    """Complete inputs and, by path, each value with its origin."""

    inputs: ScenarioInputs
    values: Mapping[str, ResolvedValue]


def resolve(data: Mapping[str, Any], defaults: Defaults | None = None, memory: Memory | None = None) -> Resolution:
    """Complete and check ``data`` (wire form).

    Inputs are sent again and again with a field or two changed; with a ``memory`` only the groups of these are read.

    Raises:
        InputError: anything is unknown, missing, of the wrong type or kind of unit, out of bounds or inconsistent;
            all of it is listed.
    """
    resolver = _Resolver(defaults or NoDefaults(), memory)
    inputs = resolver.run(data)
    if inputs is None or resolver.problems:
        raise InputError(resolver.problems)
    return Resolution(inputs, resolver.values)


class _Resolver:
    def __init__(self, defaults: Defaults, memory: Memory | None) -> None:
        self.defaults = defaults
        self.memory = memory
        self.problems: list[InputProblem] = []
        self.values: dict[str, ResolvedValue] = {}
        self.volumes: dict[str, Volume] = {}

    def run(self, data: Any) -> ScenarioInputs | None:
        data = {} if data is None else data
        if not isinstance(data, Mapping):
            self.refuse("inputs", "type", "must be an object")
            return None
        for key, message in NOT_YET.items():
            if data.get(key):
                self.refuse(key, "unsupported", message)
        self.problems += unknown_keys(data, ScenarioInputs, "", but=tuple(NOT_YET))
        tree: dict[str, Any] = {}
        built: dict[str, Any] = {}
        for place in places(ScenarioInputs, ""):
            if place.item.spec.settable:
                part = self._part(place, data.get(place.item.wire))
                tree.update(part.tree)
                built.update(part.built)
                self.values.update(part.values)
                self.problems.extend(part.problems)
                self.volumes.update(part.volumes)
        self._settle_volumes(tree)
        self._add_reference(tree)
        faulty = {problem.field for problem in self.problems}
        self.problems += [found for found in consistency.check(tree) if found.field not in faulty]
        if self.problems:
            return None
        late = (item for item in declarations(ScenarioInputs) if item.attribute not in built)
        return ScenarioInputs(**built, **{item.attribute: build(item.spec, tree[item.attribute]) for item in late})

    def refuse(self, path: str, code: str, message: str) -> None:
        self.problems.append(InputProblem(path, code, message))

    def _part(self, place: Place, given: Any) -> Part:
        key = _key(place, given) if self.memory is not None else None
        if self.memory is None or key is None:
            return part_read(place, given, self.defaults)
        found = self.memory.get(key)
        if found is None:
            found = part_read(place, given, self.defaults)
            if found.is_complete:
                self.memory.put(key, found)
        return found

    def _settle_volumes(self, tree: Mapping[str, Any]) -> None:
        faulty = {problem.field for problem in self.problems}
        for path, waiting in self.volumes.items():
            if path == "plant.capacity":
                per_tonne = _cubic_metres_per_tonne(tree.get("products") or [])
                blocked = any(field.startswith("products") for field in faulty)
                value = waiting.quantity / per_tonne if per_tonne else None
                lacking = "a capacity by volume needs the density of every liquid fuel"
            else:
                density = waiting.tree.get("density")
                blocked = path.replace(".price", ".density") in faulty
                value = waiting.quantity / density if density else None
                lacking = "a price per volume needs the product's density"
            if value is None and not blocked:
                self.refuse(path, "unit", lacking)
            elif value is not None:
                self._settle(path, waiting, value)

    def _settle(self, path: str, waiting: Volume, value: float) -> None:
        spec = waiting.item.spec
        try:
            value = read(spec, value, spec.unit)
        except RefusedError as refused:
            self.refuse(path, refused.code, refused.message)
            return
        waiting.tree[waiting.item.attribute] = value
        self.values[path] = ResolvedValue(path, value, spec.unit, "user", given=waiting.given)

    def _add_reference(self, tree: dict[str, Any]) -> None:
        chosen = {path: found.value for path, found in self.values.items()}
        known = self.defaults.reference(chosen)
        reference = {}
        for item in declarations(Reference):
            found = known.get(item.name)
            reference[item.attribute] = found.value if found else None
            if found is not None:
                path = f"reference.{item.name}"
                self.values[path] = ResolvedValue(
                    path, found.value, item.spec.unit, "derived", found.source, found.confidence
                )
        tree["reference"] = reference


def _key(place: Place, given: Any) -> Key | None:
    """A group or list as it was written, to the type and the bit; None for a single field, or what is no JSON."""
    if place.item.spec.group is None:
        return None
    try:
        return place.path, marshal.dumps(given, _FORMAT)
    except ValueError:
        return None


def _cubic_metres_per_tonne(products: Sequence[Mapping[str, Any]]) -> float | None:
    """Of the liquid fuel as a whole; None if a density is not known."""
    fuels = [item for item in products if item.get("liquid_fuel") and item.get("yield_")]
    if not all(item.get("density") for item in fuels):
        return None
    return sum(item["yield_"] / item["density"] for item in fuels)
