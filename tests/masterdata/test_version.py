"""Every door moves the master data version, in the writer's own transaction."""

from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import connection, models, transaction

from masterdata import models as md
from masterdata.models import Item, Sourced
from tests.masterdata.doors import DOORS

pytestmark = pytest.mark.django_db


def watched_models() -> list[type[models.Model]]:
    return [model for model in apps.get_app_config("masterdata").get_models() if issubclass(model, Item | Sourced)]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_change_moves_the_version(door: Callable[[], object], version: Callable[[], int]) -> None:
    before = version()

    door()

    assert version() > before


def test_no_table_of_master_data_is_unwatched() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            " WHERE tgname = 'masterdata_version' AND tgenabled = 'O'"
        )
        watched = {name for (name,) in cursor.fetchall()}

    assert {model._meta.db_table for model in watched_models()} == watched
    assert len(watched) == 18


def test_reading_moves_nothing(version: Callable[[], int]) -> None:
    before = version()

    for model in watched_models():
        list(model._default_manager.all())

    assert version() == before


def test_change_that_is_rolled_back_moves_nothing(version: Callable[[], int]) -> None:
    before = version()

    with transaction.atomic():
        md.Feedstock.objects.create(code="x", name="X")
        seen_inside = version()
        transaction.set_rollback(True)

    assert seen_inside > before
    assert version() == before


def test_number_that_was_rolled_back_is_never_used_again(version: Callable[[], int]) -> None:
    with transaction.atomic():
        md.Feedstock.objects.create(code="x", name="X")
        rolled_back = version()
        transaction.set_rollback(True)

    md.Feedstock.objects.create(code="y", name="Y")

    assert version() > rolled_back
