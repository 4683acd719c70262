"""Rows of a list as they go on the wire, made from columns without a model or a serializer for each of them.

The serializer stays the one declaration of names, order and kinds of values: it is read once, and what it says is
made into a ``RowMap``. A field that is made of several columns says so itself (``columns`` and ``from_columns``, see
config/http/fields.py). Where a serializer has a field that no column tells, there is no map, and it is used as ever.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model, Prefetch, QuerySet
from rest_framework import fields, serializers

from config.database.compiled import Row
from config.http.selection import Selection, selected

type Make = Callable[[Row], Any]

# What the encoder writes as the serializer's own field would, by the model's kinds of columns.
_AS_THEY_ARE: Mapping[Callable[..., Any], frozenset[str]] = {
    fields.UUIDField.to_representation: frozenset({"UUIDField"}),
    fields.CharField.to_representation: frozenset({"CharField", "TextField", "EmailField", "SlugField", "UUIDField"}),
    fields.ChoiceField.to_representation: frozenset({"CharField", "TextField"}),
    fields.FloatField.to_representation: frozenset({"FloatField"}),
    fields.IntegerField.to_representation: frozenset(
        {"AutoField", "BigAutoField", "BigIntegerField", "IntegerField", "SmallIntegerField"}
        | {"PositiveIntegerField", "PositiveBigIntegerField", "PositiveSmallIntegerField"}
    ),
    fields.BooleanField.to_representation: frozenset({"BooleanField"}),
    fields.DateTimeField.to_representation: frozenset({"DateTimeField"}),
    fields.DateField.to_representation: frozenset({"DateField"}),
}
_PLAIN_OBJECTS = (serializers.Serializer.to_representation,)


class NoColumnError(Exception):
    """No column tells what a field shows."""


@dataclass(slots=True)
class Shape:
    """An object of the wire: names with the places of their columns, and what is made of several columns."""

    names: list[str] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    composed: list[tuple[str, Make]] = field(default_factory=list)
    pick: Make = tuple

    def close(self) -> Make:
        """The function that makes it of a row."""
        self.pick = itemgetter(*self.places) if len(self.places) > 1 else self._pick_one
        return self._make_composed if self.composed else self._make

    def _pick_one(self, row: Row) -> Row:
        return tuple(row[place] for place in self.places)

    def _make(self, row: Row) -> dict[str, Any]:
        return dict(zip(self.names, self.pick(row), strict=True))

    def _make_composed(self, row: Row) -> dict[str, Any]:
        item = dict(zip(self.names, self.pick(row), strict=True))
        for name, make in self.composed:
            item[name] = make(row)
        return item


@dataclass(frozen=True, slots=True)
class Children:
    """A list within each row, read for all rows of a page at once."""

    name: str
    queryset: QuerySet[Any, Any]
    parent: str
    map: "RowMap"

    def put(self, items: Sequence[dict[str, Any]], keys: Sequence[Any]) -> None:
        """Give each item its list; ``keys`` are those of the rows that the items were made of."""
        found: dict[Any, list[Any]] = {key: [] for key in keys}
        rows = self.queryset.filter(**{f"{self.parent}__in": keys}).values_list(*self.map.columns, self.parent)
        for row in rows:
            found[row[-1]].append(self.map.make(row))
        for item, key in zip(items, keys, strict=True):
            item[self.name] = found[key]


@dataclass(frozen=True, slots=True)
class RowMap:
    """``columns`` to read, and how to ``make`` an object of a row of them."""

    columns: tuple[str, ...]
    make: Make
    children: tuple[Children, ...] = ()
    key: int = 0

    def items(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """The objects of a page; further columns of the rows are left alone."""
        items = list(map(self.make, rows))
        if self.children and rows:
            keys = [row[self.key] for row in rows]
            for child in self.children:
                child.put(items, keys)
        return items


def row_map(
    serializer: serializers.BaseSerializer, queryset: QuerySet[Any, Any], selection: Selection | None = None
) -> RowMap | None:
    """How the rows of ``queryset`` are made into what ``serializer`` shows of them; of ``selection`` alone, if given.

    None where a field of it is told by no column.
    """
    try:
        return _Reader(queryset).read(serializer, selection)
    except NoColumnError:
        return None


class _Reader:
    """Collects the columns that a serializer's fields take."""

    def __init__(self, queryset: QuerySet[Any, Any]) -> None:
        self.prefetches: list[Any] = queryset._prefetch_related_lookups  # type: ignore[attr-defined]
        self.model: type[Model] = queryset.model
        self.annotations = queryset.query.annotations
        self.places: dict[str, int] = {}
        self.children: list[Children] = []

    def read(self, serializer: Any, selection: Selection | None) -> RowMap:
        make = self._object(serializer, (), selection)
        key = self._place("pk") if self.children or not self.places else 0
        return RowMap(tuple(self.places), make, tuple(self.children), key)

    def _place(self, path: str) -> int:
        return self.places.setdefault(path, len(self.places))

    def _object(self, serializer: Any, base: tuple[str, ...], selection: Selection | None) -> Make:
        if type(serializer).to_representation not in _PLAIN_OBJECTS:
            raise NoColumnError
        shape = Shape()
        for shown in serializer._readable_fields:
            if selection is None or shown.field_name in selection:
                self._add(shape, shown, base, selection and selection[shown.field_name])
        return shape.close()

    def _add(self, shape: Shape, shown: Any, base: tuple[str, ...], selection: Selection | None) -> None:
        name = shown.field_name
        path = base if shown.source == "*" else (*base, *shown.source_attrs)
        if isinstance(shown, serializers.ListSerializer):
            # Its place among the names is kept; the list comes when all rows are there.
            shape.composed.append((name, _nothing))
            self._add_children(shown, path, selection)
        elif isinstance(shown, serializers.BaseSerializer):
            shape.composed.append((name, self._nested(shown, path, selection)))
        elif getattr(shown, "columns", None):
            shape.composed.append((name, self._of_columns(shown, path, selection)))
        elif self._is_nowhere(shown, path):
            shape.composed.append((name, _always(shown.get_default())))
        else:
            self._add_column(shape, shown, path)
            return
        shape.names.append(name)
        shape.places.append(0)

    def _add_column(self, shape: Shape, shown: Any, path: tuple[str, ...]) -> None:
        kind = self._kind(
            path, has_default=shown.default is None or (shown.default is fields.empty and shown.allow_null)
        )
        place = self._place("__".join(path))
        kinds = _AS_THEY_ARE.get(type(shown).to_representation)
        shape.names.append(shown.field_name)
        shape.places.append(place)
        if kinds is None or kind not in kinds:
            if isinstance(shown, serializers.RelatedField) or type(shown).get_attribute is not _GET_ATTRIBUTE:
                raise NoColumnError
            shape.composed.append((shown.field_name, _represented(shown.to_representation, place)))

    def _nested(self, shown: Any, path: tuple[str, ...], selection: Selection | None) -> Make:
        presence = self._place("__".join((*path, self._related(path)._meta.pk.name)))
        return _where_present(presence, self._object(shown, path, selection))

    def _of_columns(self, shown: Any, path: tuple[str, ...], selection: Selection | None) -> Make:
        for column in shown.columns:
            self._kind((*path, column), has_default=False)
        places = [self._place("__".join((*path, column))) for column in shown.columns]
        pick = itemgetter(*places) if len(places) > 1 else _one(places[0])
        make = _composed(shown.from_columns, pick)
        return make if selection is None else lambda row: selected(make(row), selection)

    def _add_children(self, shown: Any, path: tuple[str, ...], selection: Selection | None) -> None:
        prefetch = next((p for p in self.prefetches if _is_of(p, path)), None)
        if prefetch is None or len(path) != 1:
            raise NoColumnError
        related: Any = self.model._meta.get_field(path[0])
        child = _Reader(prefetch.queryset).read(shown.child, selection)
        if child.children:
            raise NoColumnError
        self.children.append(Children(shown.field_name, prefetch.queryset, related.field.attname, child))

    def _is_nowhere(self, shown: Any, path: tuple[str, ...]) -> bool:
        """Whether only a view could give the field a value, which is its default until then."""
        has_default = shown.default is not fields.empty and type(shown).get_attribute is _GET_ATTRIBUTE
        return has_default and len(path) == 1 and path[0] not in self.annotations and not hasattr(self.model, path[0])

    def _kind(self, path: tuple[str, ...], *, has_default: bool) -> str:
        """The kind of column at ``path``. Errors: NoColumnError where there is none, or not always one."""
        *relations, last = path or ("",)
        if not relations and last in self.annotations:
            return str(self.annotations[last].output_field.get_internal_type())
        if relations and not has_default and self._may_be_missing(relations):
            raise NoColumnError
        found = _field(self._related(relations), last)
        if found.is_relation and found.attname != last:
            raise NoColumnError
        target: Any = found.target_field if found.is_relation else found
        return str(target.get_internal_type())

    def _may_be_missing(self, relations: Sequence[str]) -> bool:
        # Of an object within another one, the outer has looked.
        return len(relations) == 1 and _field(self.model, relations[0]).null and not self._is_within(relations)

    def _is_within(self, relations: Sequence[str]) -> bool:
        related = self._related(relations)
        return "__".join((*relations, related._meta.pk.name)) in self.places

    def _related(self, path: Iterable[str]) -> type[Model]:
        model: Any = self.model
        for part in path:
            found = _field(model, part)
            if not (found.many_to_one or found.one_to_one):
                raise NoColumnError
            model = found.related_model
        return model


_GET_ATTRIBUTE = serializers.Field.get_attribute


def _field(model: type[Model], name: str) -> Any:
    try:
        found: Any = model._meta.pk if name == "pk" else model._meta.get_field(name)
    except FieldDoesNotExist:
        raise NoColumnError from None
    if not isinstance(found, Field):
        raise NoColumnError
    return found


def _is_of(prefetch: object, path: tuple[str, ...]) -> bool:
    return isinstance(prefetch, Prefetch) and prefetch.queryset is not None and prefetch.prefetch_to == "__".join(path)


def _nothing(row: Row) -> None:
    return None


def _always(value: Any) -> Make:
    return lambda row: value


def _one(place: int) -> Make:
    return lambda row: (row[place],)


def _represented(represent: Callable[[Any], Any], place: int) -> Make:
    def make(row: Row) -> Any:
        value = row[place]
        return None if value is None else represent(value)

    return make


def _where_present(presence: int, make: Make) -> Make:
    return lambda row: None if row[presence] is None else make(row)


def _composed(compose: Callable[..., Any], pick: Make) -> Make:
    return lambda row: compose(*pick(row))
