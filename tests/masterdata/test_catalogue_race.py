"""The catalogue is read while somebody else writes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from masterdata import catalogue
from masterdata import models as md
from masterdata.loading import masterdata_load


def _add_design() -> None:
    """Commit a feedstock and a design of it, from a connection of its own."""
    try:
        feedstock = md.Feedstock.objects.create(code="algae-oil", name="Algae oil")
        pathway = md.Pathway.objects.get(code="HEFA-SPK")
        md.DesignDefault.objects.create(pathway=pathway, feedstock=feedstock, source="x", confidence="derived")
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_design_of_an_item_that_came_after_the_items_were_read_is_read_again() -> None:
    masterdata_load()
    added = False

    def meanwhile(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        nonlocal added
        if not added and 'FROM "masterdata_designfigure"' in sql:
            added = True
            with ThreadPoolExecutor(1) as pool:
                pool.submit(_add_design).result(timeout=30)
        return execute(sql, *rest)

    with connection.execute_wrapper(meanwhile):
        found = catalogue.read()

    assert added
    assert found.design("HEFA-SPK", "Algae oil") is not None
