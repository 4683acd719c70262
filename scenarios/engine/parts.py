"""One part of the inputs (a field, a group, a list of items) as it was sent: completed, and checked by itself.

What a part comes to follows from what was sent for it and from the defaults, whatever the other parts are.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from scenarios.engine.fields import Declaration, Kind, Spec, declarations, with_utility
from scenarios.engine.incentive import AMOUNT_UNITS
from scenarios.engine.origins import METHOD_SOURCE, Defaults, ResolvedValue, Sourced
from scenarios.engine.problems import InputProblem
from scenarios.engine.reading import RefusedError, VolumeError, read

MAX_ITEMS = 50


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume that waits for a density: where it belongs in the tree, and as it was given."""

    item: Declaration
    tree: dict[str, Any]
    quantity: float
    given: Any


@dataclass(frozen=True, slots=True)
class Part:
    """What a part comes to. Calculations share it once it is complete, so nothing of it may be changed then.

    Attributes:
        tree: by its attribute, dicts by attribute; empty if it cannot be read.
        values: each value with its origin, by path.
        problems: what is wrong with it, in the order of the fields.
        volumes: by path, what waits for densities and is None in ``tree`` until they are known.
        built: by its attribute, the declared dataclass; empty unless the part is complete.
    """

    tree: Mapping[str, Any]
    values: Mapping[str, ResolvedValue]
    problems: tuple[InputProblem, ...]
    volumes: Mapping[str, Volume]
    built: Mapping[str, Any]

    @property
    def is_complete(self) -> bool:
        return not self.problems and not self.volumes


def part_read(place: "Place", given: Any, defaults: Defaults) -> Part:
    """What was ``given`` for a field, group or list of the inputs."""
    reader = _Reader(defaults)
    tree: dict[str, Any] = {}
    reader.field(place, given, tree, None)
    item, is_complete = place.item, not reader.problems and not reader.volumes
    built = {item.attribute: build(item.spec, tree[item.attribute])} if is_complete else {}
    return Part(tree, reader.values, tuple(reader.problems), reader.volumes, built)


def build(spec: Spec, tree: Any) -> Any:
    """The dataclass, or dataclasses, of a fully resolved tree; a single value as it is."""
    if spec.kind is Kind.ITEMS:
        return tuple(_instance(spec.group, entry) for entry in tree)
    return _instance(spec.group, tree) if spec.kind is Kind.GROUP else tree


def _instance(declared: type, tree: Mapping[str, Any]) -> Any:
    groups = (item for item in declarations(declared) if item.spec.group is not None)
    return declared(**{**tree, **{item.attribute: build(item.spec, tree[item.attribute]) for item in groups}})


@dataclass(frozen=True, slots=True)
class Place:
    """A declared field at its path, with what follows from the two.

    Attributes:
        unit: of a bare number; None where it hangs on a field above it.
        is_name: whether it names an item; the only text that has no default.
        method: the default of the method.
        by_method: the value where that default is taken; None where there is none, or its unit hangs on another field.
    """

    item: Declaration
    path: str
    unit: str | None
    is_name: bool
    method: Sourced | None
    by_method: ResolvedValue | None


def _place(item: Declaration, path: str) -> Place:
    spec, has_default = item.spec, item.default is not MISSING
    unit = None if "{" in spec.unit else spec.unit
    method = Sourced(item.default, METHOD_SOURCE, "confirmed") if has_default else None
    by_method = None if method is None or unit is None else _by_default(spec, path, unit, method)
    return Place(item, path, unit, spec.kind is Kind.TEXT and not has_default, method, by_method)


@lru_cache(maxsize=1024)
def places(declared: type, path: str) -> tuple[Place, ...]:
    """The fields of a group whose own path, with a dot, is ``path``."""
    return tuple(_place(item, path + item.name) for item in declarations(declared))


def _by_default(spec: Spec, path: str, unit: str, default: Sourced | None) -> ResolvedValue:
    origin = "default" if spec.settable else "derived"
    if default is None:
        return ResolvedValue(path, None, unit, origin)
    value = tuple(default.value) if isinstance(default.value, list) else default.value
    return ResolvedValue(path, value, unit, origin, default.source, default.confidence)


class _Reader:
    def __init__(self, defaults: Defaults) -> None:
        self.defaults = defaults
        self.problems: list[InputProblem] = []
        self.values: dict[str, ResolvedValue] = {}
        self.volumes: dict[str, Volume] = {}

    def refuse(self, path: str, code: str, message: str) -> None:
        self.problems.append(InputProblem(path, code, message))

    def field(self, place: Place, given: Any, tree: dict[str, Any], known: Mapping[str, Sourced] | None) -> None:
        """Put a field into the ``tree`` of its group; ``known`` are the defaults of the item it is of, if of any."""
        item = place.item
        if item.spec.group is None:
            self._leaf(place, given, tree, known)
        elif item.spec.kind is Kind.GROUP:
            tree[item.attribute] = self._group(item.spec.group, given, place.path + ".")
        else:
            tree[item.attribute] = self._items(item, given, place.path)

    def _group(self, declared: type, data: Any, path: str, known: Mapping[str, Sourced] | None = None) -> dict | None:
        """The resolved tree of one group, by attribute; None if ``data`` is not an object."""
        if data is None:
            data = {}
        if not isinstance(data, Mapping):
            self.refuse(path.rstrip("."), "type", "must be an object")
            return None
        self.problems += unknown_keys(data, declared, path)
        tree: dict[str, Any] = {}
        for place in places(declared, path):
            if place.item.spec.settable or known is not None:
                self.field(place, data.get(place.item.wire), tree, known)
        return tree

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

    def _leaf(self, place: Place, given: Any, tree: dict[str, Any], known: Mapping[str, Sourced] | None) -> None:
        item = place.item
        unit = place.unit or _unit(item.spec, tree)
        if unit is None:
            return  # the kind it follows from is missing or refused
        default = self._default(place, known)
        # An item is called what the master data call it.
        if given is None or (place.is_name and known is not None):
            self._take_default(place, default, unit, tree)
            return
        try:
            value = read(item.spec, given, unit)
        except RefusedError as refused:
            self.refuse(place.path, refused.code, refused.message)
            return
        except VolumeError as volume:
            self._take_volume(place, tree, volume.cubic_metres, given)
            return
        tree[item.attribute] = value
        written = _copied(given)
        if default is not None and default.value == value:
            found = ResolvedValue(place.path, value, unit, "default", default.source, default.confidence, written)
        else:
            found = ResolvedValue(place.path, value, unit, "user", given=written)
        self.values[place.path] = found

    def _default(self, place: Place, known: Mapping[str, Sourced] | None) -> Sourced | None:
        found = known.get(place.item.name) if known is not None else self.defaults.value(place.path)
        return place.method if found is None or (found.value is None and not place.item.spec.optional) else found

    def _take_default(self, place: Place, default: Sourced | None, unit: str, tree: dict[str, Any]) -> None:
        item = place.item
        if default is None and not item.spec.optional:
            self.refuse(place.path, "required", "is required: there is no default for it")
            return
        if default is place.method and place.by_method is not None:
            found = place.by_method
        else:
            found = _by_default(item.spec, place.path, unit, default)
        tree[item.attribute] = found.value
        self.values[place.path] = found

    def _take_volume(self, place: Place, tree: dict[str, Any], volume: float, given: Any) -> None:
        """A capacity waits for the products; a price per volume for the density of its own product."""
        path, item = place.path, place.item
        if path != "plant.capacity" and not path.startswith("products["):
            self.refuse(path, "unit", f"a volume does not measure what {item.spec.unit!r} does")
            return
        tree[item.attribute] = None
        self.volumes[path] = Volume(item, tree, volume, _copied(given))


def unknown_keys(data: Mapping[str, Any], declared: type, path: str, but: Sequence[str] = ()) -> Iterator[InputProblem]:
    """The keys of ``data`` that are no inputs, or none to be set; those in ``but`` are judged elsewhere."""
    if data.keys() <= _settable(declared):
        return
    allowed = {item.wire: item.spec.settable for item in declarations(declared)}
    unknown = [key for key in data if key not in allowed and key not in but]
    for key in unknown[:MAX_ITEMS]:
        shown = str(key)[:80].encode(errors="replace").decode() or "''"
        near = get_close_matches(shown, list(allowed), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        yield InputProblem(f"{path}{shown}", "unknown", f"there is no such input{hint}")
    if len(unknown) > MAX_ITEMS:
        message = f"holds {len(unknown) - MAX_ITEMS} more keys that are no inputs"
        yield InputProblem(path.rstrip(".") or "inputs", "unknown", message)
    for key, is_settable in allowed.items():
        if key in data and not is_settable:
            yield InputProblem(path + key, "read_only", "comes from the master data and cannot be set")


@lru_cache
def _settable(declared: type) -> frozenset[str]:
    return frozenset(item.wire for item in declarations(declared) if item.spec.settable)


def _copied(given: Any) -> dict[str, Any] | None:
    """A number with its unit as it was sent, whatever becomes of what was sent."""
    return None if isinstance(given, int | float) or not isinstance(given, Mapping) else dict(given)


def _unit(spec: Spec, tree: Mapping[str, Any]) -> str | None:
    """The unit of a leaf, whose siblings above it are in ``tree``; None where it hangs on one that is not known."""
    if spec.unit == "{incentive}":
        return AMOUNT_UNITS.get(tree.get("kind", ""))
    return with_utility(spec.unit, tree.get("unit", "t"))
