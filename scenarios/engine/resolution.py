"""From what a person sent to inputs the engine can calculate: names, units, bounds and defaults, every fault at once.

The wire form is a tree of camelCase keys whose leaves are bare numbers in the declared unit, or
``{"value": 500, "unit": "kt/year"}``. What is left out (or null) comes from the defaults. The answer says of every
value where it came from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass
from difflib import get_close_matches
from typing import Any, Protocol

from scenarios.engine import consistency
from scenarios.engine.fields import Declaration, Kind, Spec, declarations, with_utility
from scenarios.engine.incentive import AMOUNT_UNITS
from scenarios.engine.inputs import Reference, ScenarioInputs
from scenarios.engine.problems import InputError, InputProblem
from scenarios.engine.reading import RefusedError, VolumeError, read

MAX_ITEMS = 50
# Groups of the contract that no calculation reads yet: empty they are taken, else refused rather than ignored.
NOT_YET = {"uncertainties": "distributions are not part of the calculation yet"}
METHOD_SOURCE = "Default of the method (docs/method.md)"
# A draft may still hold these faults; any other is refused even there.
INCOMPLETE = frozenset({"required", "empty", "sum", "consistency", "stacking"})


@dataclass(frozen=True, slots=True)
class Sourced:
    """A default with where it comes from; ``value`` None means that no value is known."""

    value: Any
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class ResolvedValue:
    """One input as it went into the calculation: in the declared unit, with its origin (user, default or derived)."""

    path: str
    value: Any
    unit: str
    origin: str
    source: str | None = None
    confidence: str | None = None
    given: Any = None


class Defaults(Protocol):
    """Where values come from that the user left out."""

    def value(self, path: str) -> Sourced | None:
        """The default of ``plant.capacity`` and the like, or None."""

    def items(self, group: str) -> Sequence[str]:
        """The names that stand in ``feedstocks``, ``utilities`` or ``products`` when the list is left out."""

    def item(self, group: str, name: str) -> Mapping[str, Sourced] | None:
        """The known fields of one item, its canonical name among them; None if there is no such item."""

    def names(self, group: str) -> Sequence[str]:
        """Every name an item may have, for the message about a wrong one."""

    def reference(self, chosen: Mapping[str, Any]) -> Mapping[str, Sourced]:
        """The reference values that come with the values ``chosen`` (resolved values by path)."""


class NoDefaults:
    """Nothing but the defaults of the method: every item name is taken as it is."""

    def value(self, path: str) -> Sourced | None:
        return None

    def items(self, group: str) -> Sequence[str]:
        return ()

    def item(self, group: str, name: str) -> Mapping[str, Sourced] | None:
        found = {group.removesuffix("s").replace("utilitie", "utility"): Sourced(name, "", "")}
        if group == "utilities":
            found["unit"] = Sourced("kWh" if name.lower() == "electricity" else "t", "", "")
        return found

    def names(self, group: str) -> Sequence[str]:
        return ()

    def reference(self, chosen: Mapping[str, Any]) -> Mapping[str, Sourced]:
        return {}


@dataclass(frozen=True, slots=True)
class Resolution:
    """Complete inputs and, by path, each value with its origin."""

    inputs: ScenarioInputs
    values: Mapping[str, ResolvedValue]


def resolve(data: Mapping[str, Any], defaults: Defaults | None = None) -> Resolution:
    """Complete and check ``data`` (wire form).

    Raises:
        InputError: anything is unknown, missing, of the wrong type or kind of unit, out of bounds or inconsistent;
            all of it is listed.
    """
    resolver = _Resolver(defaults or NoDefaults())
    inputs = resolver.run(data)
    if inputs is None or resolver.problems:
        raise InputError(resolver.problems)
    return Resolution(inputs, resolver.values)


@dataclass(frozen=True, slots=True)
class _Volume:
    """A volume that waits for a density: where it belongs in the tree, and as it was given."""

    item: Declaration
    tree: dict[str, Any]
    quantity: float
    given: Any


class _Resolver:
    def __init__(self, defaults: Defaults) -> None:
        self.defaults = defaults
        self.problems: list[InputProblem] = []
        self.values: dict[str, ResolvedValue] = {}
        self.volumes: dict[str, _Volume] = {}

    def run(self, data: Any) -> ScenarioInputs | None:
        tree = self._group(ScenarioInputs, data, "")
        if tree is None:
            return None
        self._settle_volumes(tree)
        self._add_reference(tree)
        faulty = {problem.field for problem in self.problems}
        self.problems += [found for found in consistency.check(tree) if found.field not in faulty]
        return None if self.problems else _build(ScenarioInputs, tree)

    def refuse(self, path: str, code: str, message: str) -> None:
        self.problems.append(InputProblem(path, code, message))

    def _group(self, declared: type, data: Any, path: str, known: Mapping[str, Sourced] | None = None) -> dict | None:
        """The resolved tree of one group, by attribute; None if ``data`` is not an object."""
        if data is None:
            data = {}
        if not isinstance(data, Mapping):
            self.refuse(path.rstrip(".") or "inputs", "type", "must be an object")
            return None
        fields = declarations(declared)
        self._refuse_unknown_keys(data, fields, path)
        tree: dict[str, Any] = {}
        for item in fields:
            spec, here = item.spec, path + item.name
            if not spec.settable and (spec.kind is Kind.GROUP or known is None):
                continue
            if spec.kind is Kind.GROUP:
                tree[item.attribute] = self._group(spec.group, data.get(item.wire), here + ".")
            elif spec.kind is Kind.ITEMS:
                tree[item.attribute] = self._items(item, data.get(item.wire), here)
            else:
                self._leaf(item, data.get(item.wire), here, tree, known)
        return tree

    def _refuse_unknown_keys(self, data: Mapping[str, Any], fields: Sequence[Declaration], path: str) -> None:
        allowed = {item.wire: item.spec.settable for item in fields}
        unknown = [key for key in data if key not in allowed and not (path == "" and key in NOT_YET)]
        for key, message in NOT_YET.items() if path == "" else ():
            if data.get(key):
                self.refuse(key, "unsupported", message)
        for key in unknown[:MAX_ITEMS]:
            shown = str(key)[:80].encode(errors="replace").decode() or "''"
            near = get_close_matches(shown, list(allowed), n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            self.refuse(f"{path}{shown}", "unknown", f"there is no such input{hint}")
        if len(unknown) > MAX_ITEMS:
            message = f"holds {len(unknown) - MAX_ITEMS} more keys that are no inputs"
            self.refuse(path.rstrip(".") or "inputs", "unknown", message)
        for key, settable in allowed.items():
            if key in data and not settable:
                self.refuse(path + key, "read_only", "comes from the master data and cannot be set")

    def _items(self, item: Declaration, data: Any, path: str) -> list[dict] | None:
        spec = item.spec
        left_out = data is None
        if left_out:
            data = [{declarations(spec.group)[0].wire: name} for name in self.defaults.items(item.name)]
        if not isinstance(data, Sequence) or isinstance(data, str | bytes):
            self.refuse(path, "type", "must be a list")
            return None
        if len(data) > MAX_ITEMS:
            self.refuse(path, "maximum", f"may hold at most {MAX_ITEMS} items, not {len(data)}")
            return None
        if not data and item.default is MISSING:
            code = "required" if left_out else "empty"
            self.refuse(path, code, "needs at least one item")
            return None
        found = []
        for index, entry in enumerate(data):
            # A refused item keeps its place, so that what is said of the others names them by their own number.
            found.append(self._item(item, entry, f"{path}[{index}]") or {})
        self._refuse_duplicates(spec, found, path)
        return found

    def _item(self, item: Declaration, entry: Any, path: str) -> dict | None:
        name_field = declarations(item.spec.group)[0]
        if not isinstance(entry, Mapping):
            self.refuse(path, "type", "must be an object")
            return None
        name = entry.get(name_field.wire)
        here = f"{path}.{name_field.name}"
        if name is None:
            self.refuse(here, "required", "is required")
            return None
        try:
            name = read(name_field.spec, name, "1")
        except RefusedError as refused:
            self.refuse(here, refused.code, refused.message)
            return None
        known = self.defaults.item(item.name, name)
        if known is None:
            near = get_close_matches(name[:80], list(self.defaults.names(item.name)), n=3, cutoff=0.5)
            hint = f"; near it: {', '.join(near)}" if near else ""
            self.refuse(here, "unknown_name", f"{name[:80]!r} is not in the master data{hint}")
            return None
        return self._group(item.spec.group, self._of_known_kind(entry, known, path), path + ".", known)

    def _of_known_kind(self, entry: Mapping[str, Any], known: Mapping[str, Sourced], path: str) -> Mapping[str, Any]:
        """``entry`` without a kind other than the known one, which is refused: what is known is known of its kind."""
        kind = known["kind"].value if "kind" in known else None
        if kind is not None and entry.get("kind") in [other for other in AMOUNT_UNITS if other != kind]:
            self.refuse(f"{path}.kind", "consistency", f"is {kind} in the master data; give another a name of its own")
            return {**entry, "kind": None}
        return entry

    def _refuse_duplicates(self, spec: Spec, found: list[dict], path: str) -> None:
        attribute = declarations(spec.group)[0].attribute
        seen: set[str] = set()
        for index, tree in enumerate(found):
            name = tree.get(attribute)
            if name is None:
                continue
            if name in seen:
                self.refuse(f"{path}[{index}].{attribute}", "duplicate", f"{name!r} stands in the list already")
            seen.add(name)

    def _leaf(
        self, item: Declaration, given: Any, path: str, tree: dict[str, Any], known: Mapping[str, Sourced] | None
    ) -> None:
        default = self._default(item, path, known)
        unit = _unit(item.spec, tree)
        if unit is None:
            return  # the kind it follows from is missing or refused
        # The name of an item, the only text that has no default, is taken as the master data write it.
        is_name = known is not None and item.spec.kind is Kind.TEXT and item.default is MISSING
        if given is None or is_name:
            self._take_default(item, default, path, unit, tree)
            return
        try:
            value = read(item.spec, given, unit)
        except RefusedError as refused:
            self.refuse(path, refused.code, refused.message)
            return
        except VolumeError as volume:
            self._take_volume(item, tree, path, volume.cubic_metres, given)
            return
        same = default is not None and default.value == value
        tree[item.attribute] = value
        self.values[path] = ResolvedValue(
            path, value, unit, "default" if same else "user",
            default.source if same and default else None, default.confidence if same and default else None,
            given if isinstance(given, Mapping) else None,
        )  # fmt: skip

    def _default(self, item: Declaration, path: str, known: Mapping[str, Sourced] | None) -> Sourced | None:
        found = known.get(item.name) if known is not None else self.defaults.value(path)
        if found is None or (found.value is None and not item.spec.optional):
            return None if item.default is MISSING else Sourced(item.default, METHOD_SOURCE, "confirmed")
        return found

    def _take_default(
        self, item: Declaration, default: Sourced | None, path: str, unit: str, tree: dict[str, Any]
    ) -> None:
        if default is None and not item.spec.optional:
            self.refuse(path, "required", "is required: there is no default for it")
            return
        value = default.value if default else None
        if isinstance(value, list):
            value = tuple(value)
        tree[item.attribute] = value
        self.values[path] = ResolvedValue(
            path, value, unit, "derived" if not item.spec.settable else "default",
            default.source if default else None, default.confidence if default else None,
        )  # fmt: skip

    def _take_volume(self, item: Declaration, tree: dict[str, Any], path: str, volume: float, given: Any) -> None:
        """A capacity waits for the products; a price per volume for the density of its own product."""
        if path != "plant.capacity" and not path.startswith("products["):
            self.refuse(path, "unit", f"a volume does not measure what {item.spec.unit!r} does")
            return
        tree[item.attribute] = None
        self.volumes[path] = _Volume(item, tree, volume, given)

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

    def _settle(self, path: str, waiting: "_Volume", value: float) -> None:
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


def _unit(spec: Spec, tree: Mapping[str, Any]) -> str | None:
    """The unit of a leaf, whose siblings above it are in ``tree``; None where it hangs on one that is not known."""
    if spec.unit == "{incentive}":
        return AMOUNT_UNITS.get(tree.get("kind", ""))
    return with_utility(spec.unit, tree.get("unit", "t"))


def _cubic_metres_per_tonne(products: Sequence[Mapping[str, Any]]) -> float | None:
    """Of the liquid fuel as a whole; None if a density is not known."""
    fuels = [item for item in products if item.get("liquid_fuel") and item.get("yield_")]
    if not all(item.get("density") for item in fuels):
        return None
    return sum(item["yield_"] / item["density"] for item in fuels)


def _build(declared: type, tree: Mapping[str, Any]) -> Any:
    """The dataclass of a fully resolved tree."""
    values: dict[str, Any] = {}
    for item in declarations(declared):
        if item.attribute not in tree:
            continue
        value = tree[item.attribute]
        if item.spec.kind is Kind.GROUP:
            value = _build(item.spec.group, value)
        elif item.spec.kind is Kind.ITEMS:
            value = tuple(_build(item.spec.group, entry) for entry in value)
        values[item.attribute] = value
    return declared(**values)
