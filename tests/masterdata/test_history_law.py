"""Nobody edits the history of master data, which says who changed which datum."""

from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

from accounts.models import User
from masterdata import models as md

pytestmark = pytest.mark.django_db

HISTORIES = [
    model.history.model
    for model in vars(md).values()
    if isinstance(model, type) and hasattr(model, "history") and not model._meta.abstract
]


@pytest.fixture
def price(staff_user: User) -> Any:
    figure = md.FeedstockFigure.objects.order_by("pk").first()
    assert figure is not None
    figure._history_user = staff_user
    figure.value += 1
    figure.save()
    return figure


def test_every_history_is_kept() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname IN ('history_kept', 'history_not_emptied')"
        )
        kept = [table for (table,) in cursor.fetchall()]

    assert sorted(kept) == sorted(2 * [history._meta.db_table for history in HISTORIES])


def test_history_is_neither_changed_nor_deleted(price: Any) -> None:
    before = list(price.history.values())
    entry = price.history.first()

    def change() -> None:
        entry.value = 1.0
        entry.save()

    for attempt in (
        change,
        entry.delete,
        price.history.all().delete,
        lambda: price.history.update(history_user=None, value=1.0),
    ):
        with pytest.raises(ProgrammingError, match="kept as it is"), transaction.atomic():
            attempt()

    assert list(price.history.values()) == before


def test_history_outlives_its_user(price: Any, staff_user: User) -> None:
    value = price.history.first().value

    staff_user.delete()

    entry = price.history.first()
    assert (entry.history_user, entry.value) == (None, value)
