"""Groups of inputs that a process has read before are not read again, and nobody can tell but by the time it takes."""

from typing import Any

import pytest
from django.db import transaction

from masterdata import models as md
from masterdata.catalogue import current
from scenarios.engine import InputError, resolve
from scenarios.services import inputs_resolve
from scenarios.services.defaults import CatalogueDefaults
from scenarios.services.snapshots import resolution_hash, snapshot
from tests.scenarios.cases import HEFA
from tests.scenarios.racing import together

MADE: dict[str, Any] = {**HEFA, "products": [{"product": "Jet", "yield": 0.64}, {"product": "Diesel", "yield": 0.36}]}


def price_of_jet() -> float:
    return inputs_resolve(MADE)[0].values["products[0].price"].value


@pytest.mark.django_db
def test_new_master_data_reach_inputs_that_were_read_before() -> None:
    before = price_of_jet()
    figures = md.DesignFigure.objects.filter(parameter="product_price", product__code="jet")
    figures.update(value=None)
    md.ProductFigure.objects.filter(product__code="jet", parameter="price").update(value=before + 1)
    figures.delete()

    assert price_of_jet() == before + 1


@pytest.mark.django_db
def test_master_data_that_were_rolled_back_do_not_stay() -> None:
    before = price_of_jet()
    with transaction.atomic():
        md.DesignFigure.objects.filter(product__code="jet").exclude(parameter="product_yield").delete()
        md.ProductFigure.objects.filter(product__code="jet", parameter="price").update(value=before + 1)
        assert price_of_jet() == before + 1
        transaction.set_rollback(True)

    assert price_of_jet() == before


@pytest.mark.django_db
def test_groups_written_alike_have_the_defaults_of_their_own_pathway_feedstock_and_country() -> None:
    catalogue = current()
    alike = {"finance": {"lifetime": 25}, "utilities": [{"utility": "Electricity", "consumption": 100}]}
    chosen = [
        {"pathway": design.pathway.code, "country": country.code, "feedstocks": [{"feedstock": design.feedstock.name}]}
        for design in catalogue.designs
        for country in catalogue.countries
    ]
    found = set()
    for choice in [*chosen, *reversed(chosen)]:
        wire = {**choice, **alike}
        unremembered = resolve(wire, CatalogueDefaults(catalogue, wire))
        assert inputs_resolve(wire)[0] == unremembered
        found.add(unremembered.inputs)
    assert len(found) == len(chosen)


def answer(inputs: dict[str, Any]) -> Any:
    try:
        found, _ = inputs_resolve(inputs)
    except InputError as error:
        return error.problems
    return resolution_hash(found), snapshot(found), found.inputs


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("masterdata")
def test_threads_that_read_at_once_read_the_same() -> None:
    wires = [
        {**HEFA, "country": country, "finance": {"discountRate": rate}, "plant": {"capacity": capacity}}
        for country in ("MYS", "USA")
        for rate in (0.06, 0.08, 20)
        for capacity in (2e5, {"value": 300, "unit": "kt/year"}, {"value": 9000, "unit": "bbl/day"})
    ]
    expected = [answer(wire) for wire in wires]

    def all_of_them(offset: int) -> list[Any]:
        order = [*range(offset, len(wires)), *range(offset)] * 3
        found = {index: answer(wires[index]) for index in order}
        return [found[index] for index in range(len(wires))]

    calls = [lambda offset=offset: all_of_them(offset) for offset in range(0, 18, 5)]
    assert together(*calls) == [expected] * 4
