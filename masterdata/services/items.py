"""Writes of master data through the API: an item and its figures, in one transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction

from masterdata.models import MasterDataVersion

type Figures = Sequence[Mapping[str, Any]]


def version_lock() -> None:
    """Take the version counter's row for the rest of the transaction.

    Every write of master data takes it before rows of its own (the trigger does). A writer that locks a row first, to
    look at If-Match, takes it here, or the two could wait for each other.
    """
    MasterDataVersion.objects.select_for_update().first()


@transaction.atomic
def item_save[M: models.Model](*, item: M, values: Mapping[str, Any], figures: Figures | None = None) -> M:
    """Create or change an item, and make ``figures`` its figures (None leaves them as they are).

    A figure that is not listed is removed. Raises ValidationError with everything that is wrong, by field
    (``figures[0].value``), before anything is written. A name or code that is taken is an IntegrityError: uniqueness is
    the database's to judge.
    """
    for name, value in values.items():
        setattr(item, name, value)
    errors = _faults(item)
    changes = [] if figures is None else _figures_changed(item, figures, errors)
    if errors:
        raise ValidationError(errors)
    item.save()
    if figures is not None:
        for figure in _figures_of(item):
            if figure.parameter not in {values["parameter"] for values in figures}:
                figure.delete()
    for figure in changes:
        figure.save()
    return item


def item_delete(*, item: models.Model) -> None:
    """Remove an item and its figures. Raises ProtectedError while a design stands on it."""
    item.delete()


def _figures_changed(item: models.Model, figures: Figures, errors: dict[str, Any]) -> list[Any]:
    """The figures to save; what is wrong with them goes into ``errors``."""
    relation: Any = item._meta.get_field("figures")
    owner = relation.field.name
    stored = {figure.parameter: figure for figure in _figures_of(item)}
    seen: set[str] = set()
    changes = []
    for index, values in enumerate(figures):
        parameter = values["parameter"]
        figure = stored.get(parameter) or relation.related_model()
        before = {name: getattr(figure, name) for name in values}
        for name, value in {**values, owner: item}.items():
            setattr(figure, name, value)
        for name, faults in _faults(figure, owner).items():
            errors[f"figures[{index}]" if name == NON_FIELD_ERRORS else f"figures[{index}].{name}"] = faults
        if parameter in seen:
            errors[f"figures[{index}].parameter"] = [ValidationError("It is listed twice.", code="repeated")]
        seen.add(parameter)
        if figure.pk is None or before != dict(values):
            changes.append(figure)
    return changes


def _figures_of(item: models.Model) -> Sequence[Any]:
    if item.pk is None:
        return ()
    relation: Any = item._meta.get_field("figures")
    return list(relation.related_model.objects.filter(**{relation.field.name: item.pk}))


def _faults(row: models.Model, *exclude: str) -> dict[str, Any]:
    try:
        row.full_clean(exclude=exclude, validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        return dict(error.error_dict)
    return {}
