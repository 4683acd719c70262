"""What the database refuses, whoever writes; the models refuse the same with a message."""

import math
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from masterdata import models as md
from masterdata.choices import IncentiveKind

pytestmark = pytest.mark.django_db


def figure(model: type[models.Model], **changes: Any) -> models.Model:
    """An existing figure with other values, not saved."""
    parameter = changes.pop("parameter", "price")
    row = model.objects.filter(parameter=parameter).first()
    for name, value in changes.items():
        setattr(row, name, value)
    return row


X = {"source": "x", "confidence": "derived"}


def design_figure(**changes: Any) -> md.DesignFigure:
    design = md.DesignDefault.objects.get(feedstock__code="used-cooking-oil")
    values = {"parameter": "product_price", "value": 1, "unit": "USD/t", **X}
    return md.DesignFigure(design=design, **{**values, **changes})


def corsia_value(**changes: Any) -> md.CorsiaValue:
    land_use = {"land_use_change_source": "x", "land_use_change_confidence": "derived"}
    values = {"pathway": "HEFA", "feedstock": "x", "region": "any", "year": 2025, "core": 1, **X, **land_use}
    return md.CorsiaValue(**{**values, **changes})


ITEM = {"kind": "us_45z", "value": 1.0, "unit": "USD/gal", "first_year": 2026, "last_year": 2029, "country": "USA"}
RINS = {"kind": "rin", "value": 0.9, "unit": "USD/RIN", "rins_per_gallon": 1.6}


def incentive(**changes: Any) -> md.Incentive:
    return md.Incentive(**{"code": "x", "name": "x", "scheme": "x", **X, **ITEM, **changes})


def rins(**changes: Any) -> md.Incentive:
    return md.Incentive(**{"code": "x", "name": "x", "scheme": "x", **X, **RINS, **changes})


def policy_figure(**changes: Any) -> md.Incentive:
    return md.Incentive(**{"code": "x", "name": "x", "scheme": "x", "value": 1, **X, **changes})


def viscosity() -> md.ProductFigure:
    row = md.ProductFigure.objects.get(product__code="jet", parameter="price")
    row.parameter = "viscosity"
    return row


REFUSED = {
    "value is not a number": lambda: figure(md.FeedstockFigure, value=math.nan),
    "value is infinite": lambda: figure(md.FeedstockFigure, value=math.inf),
    "value is minus infinity": lambda: figure(md.FeedstockFigure, value=-math.inf),
    "price in another unit": lambda: figure(md.FeedstockFigure, unit="USD/kg"),
    "price in no currency": lambda: figure(md.ProductFigure, unit="usd/t"),
    "negative price of a product": lambda: figure(md.ProductFigure, value=-1),
    "heating value below zero": lambda: figure(md.ProductFigure, parameter="lower_heating_value", value=-1),
    "density of zero": lambda: figure(md.ProductFigure, parameter="density", value=0),
    "more carbon than mass": lambda: figure(md.FeedstockFigure, parameter="carbon_content", value=1.01),
    "tax above one": lambda: figure(md.CountryFigure, parameter="corporate_tax", value=24),
    "location factor of zero": lambda: figure(md.CountryFigure, parameter="location_factor", value=0),
    "blend limit above 100 %": lambda: figure(md.PathwayFigure, parameter="blend_limit", value=101),
    "confidence nobody knows": lambda: figure(md.ProductFigure, confidence="certain"),
    "no source": lambda: figure(md.ProductFigure, source=""),
    "parameter nobody knows": viscosity,
    "capacity of zero": lambda: figure(md.DesignFigure, parameter="capacity_reference", value=0),
    "more hours than a year has": lambda: figure(md.DesignFigure, parameter="load_hours", value=8785),
    "product price of no product": design_figure,
    "utility of a product figure": lambda: design_figure(
        product=md.Product.objects.get(code="lpg"), utility=md.Utility.objects.get(code="hydrogen")
    ),
    "product of a plant figure": lambda: design_figure(
        parameter="tci_reference", unit="USD", product=md.Product.objects.get(code="jet")
    ),
    "MACRS rate above one": lambda: md.MacrsRate(
        convention="half_year", property_class=3, year=9, value=1.5, unit="fraction", **X
    ),
    "half-year rate with a quarter": lambda: md.MacrsRate(
        convention="half_year", property_class=3, quarter=1, year=9, value=0.5, unit="fraction", **X
    ),
    "cost index of zero": lambda: md.CostIndex(year=1901, value=0, unit="index", **X),
    "exchange rate the wrong way round": lambda: md.ExchangeRate(
        currency="NZD", year=2024, value=1.65, unit="NZD/USD", **X
    ),
    "CORSIA value in another unit": lambda: corsia_value(unit="kgCO2e/MJ"),
    "CORSIA value that is not a number": lambda: corsia_value(core=math.nan),
    "land-use change that is infinite": lambda: corsia_value(land_use_change=math.inf),
    "reference without a value": lambda: md.ReferenceValue(category="x", parameter="x", **X),
    "incentive of a kind nobody knows": lambda: incentive(kind="us_48c"),
    "incentive of a kind without a number": lambda: incentive(value=None, value_text="1.75/1.00"),
    "incentive that takes money away": lambda: incentive(value=-1),
    "incentive that is infinite": lambda: incentive(value=math.inf),
    "incentive that is not a number": lambda: incentive(value=math.nan),
    "incentive per volume in tonnes": lambda: incentive(unit="USD/t"),
    "incentive without a unit": lambda: incentive(unit=""),
    "incentive that ends before it begins": lambda: incentive(first_year=2030),
    "incentive of no calendar year": lambda: incentive(first_year=26),
    "incentive that never ends": lambda: incentive(last_year=9999),
    "minimum reduction in per cent": lambda: incentive(minimum_reduction=50.0),
    "minimum reduction that is not a number": lambda: incentive(minimum_reduction=math.nan),
    "reference intensity of zero": lambda: incentive(reference_intensity=0.0),
    "reference intensity per tonne": lambda: incentive(reference_intensity=89000.0),
    "reference intensity that is not a number": lambda: incentive(reference_intensity=math.nan),
    "RINs of another kind": lambda: incentive(rins_per_gallon=1.6),
    "RIN price without RINs per gallon": lambda: rins(rins_per_gallon=None),
    "RIN price of no RINs": lambda: rins(rins_per_gallon=0.0),
    "RINs that are not a number": lambda: rins(rins_per_gallon=math.nan),
    "country by name": lambda: incentive(country="United States"),
    "countries separated by commas": lambda: incentive(country="USA,CAN"),
    "country of a line of its own": lambda: incentive(country="USA\n"),
    "share of a grant above one": lambda: incentive(kind="capital_grant_share", unit="fraction", value=30),
    "years of a figure that is no item": lambda: policy_figure(first_year=2025),
    "reduction of a figure that is no item": lambda: policy_figure(minimum_reduction=0.0),
    "indexed figure that is no item": lambda: policy_figure(indexed=True),
    "country of a figure that is no item": lambda: policy_figure(country="USA"),
    "country code that is none": lambda: md.Country(code="mys", name="Elsewhere"),
    "code with a blank": lambda: md.Feedstock(code="palm oil", name="Palm oil"),
    "blank name": lambda: md.Feedstock(code="palm", name="  "),
    "utility counted in barrels": lambda: md.Utility(code="steam", name="Steam", unit="bbl"),
    "name that differs only in case": lambda: md.Feedstock(code="other", name="TALLOW"),
    "code that differs only in case": lambda: md.Pathway(code="hefa-spk", name="Other", astm_annex="x"),
    "second figure of a parameter": lambda: md.ProductFigure(
        product=md.Product.objects.get(code="jet"), parameter="price", value=1, unit="USD/t", **X
    ),
    "second price of a design's product": lambda: design_figure(product=md.Product.objects.get(code="jet")),
    "second scaling exponent of a design": lambda: design_figure(parameter="scaling_exponent", unit="fraction"),
    "second design of a pathway on a feedstock": lambda: md.DesignDefault(
        pathway=md.Pathway.objects.get(code="HEFA-SPK"),
        feedstock=md.Feedstock.objects.get(code="tallow"),
        **X,
    ),
}


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED.keys())
def test_database_refuses(make) -> None:
    row = make()

    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED.keys())
def test_model_refuses_the_same(make) -> None:
    row = make()

    with pytest.raises(ValidationError):
        row.full_clean()


PER_VOLUME, PER_TONNE = {"USD/gal", "GBP/L", "USD/l", "EUR/m3", "USD/bbl"}, {"USD/t", "EUR/t"}
UNITS = {
    "per_volume": PER_VOLUME,
    "us_45z": PER_VOLUME,
    "us_40b": PER_VOLUME,
    "rin": {"USD/RIN"},
    "lcfs": PER_TONNE,
    "ets": PER_TONNE,
    "mandate_certificate": PER_VOLUME,
    "price_premium": PER_TONNE,
    "capital_grant": {"USD", "EUR"},
    "capital_grant_share": {"fraction"},
    "us_45q": PER_TONNE,
    "us_45v": PER_TONNE,
}


@pytest.mark.parametrize("unit", sorted(set().union(*UNITS.values())))
@pytest.mark.parametrize("kind", IncentiveKind.values)
def test_item_of_a_stack_is_counted_in_the_units_of_its_kind(kind: str, unit: str) -> None:
    row = (rins if kind == "rin" else incentive)(kind=kind, unit=unit, value=0.5)

    if unit in UNITS[kind]:
        row.full_clean()
        row.save()
        return
    with pytest.raises(ValidationError) as refused:
        row.full_clean()
    assert "unit" in refused.value.message_dict
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_item_of_a_stack_may_leave_its_terms_open() -> None:
    row = incentive(first_year=None, last_year=None, country="")

    row.full_clean()
    row.save()

    row.refresh_from_db()
    assert (row.first_year, row.last_year, row.minimum_reduction, row.reference_intensity) == (None,) * 4


def test_every_fault_of_an_item_is_told_by_its_field() -> None:
    row = incentive(value=-1, unit="USD/t", first_year=2030, minimum_reduction=50, reference_intensity=-1, country="us")
    row.rins_per_gallon = 1.6

    with pytest.raises(ValidationError) as refused:
        row.clean()

    assert set(refused.value.message_dict) == {
        "value",
        "unit",
        "last_year",
        "minimum_reduction",
        "reference_intensity",
        "rins_per_gallon",
        "country",
    }


def test_every_term_of_a_figure_that_is_no_item_is_told() -> None:
    row = policy_figure(value=None, first_year=2025, rins_per_gallon=0.0, indexed=True, country="USA")

    with pytest.raises(ValidationError) as refused:
        row.clean()

    assert set(refused.value.message_dict) == {"value", "first_year", "rins_per_gallon", "indexed", "country"}


def test_unit_of_a_utility_figure_follows_what_the_utility_is_counted_in() -> None:
    price = md.UtilityFigure.objects.get(utility__code="electricity", parameter="price")
    price.unit = "USD/t"

    with pytest.raises(ValidationError, match="counted in kWh"):
        price.full_clean()


def test_unit_of_a_utility_stays_while_it_has_figures() -> None:
    utility = md.Utility.objects.get(code="electricity")
    utility.unit = "t"

    with pytest.raises(ValidationError, match="remove them before"):
        utility.full_clean()


def test_unknown_process_intensity_is_not_zero_and_is_allowed() -> None:
    row = md.DesignFigure.objects.get(design__feedstock__code="tallow", parameter="process_intensity")

    row.full_clean()
    row.save()

    assert row.value is None


def test_gate_fee_is_a_price_below_zero() -> None:
    row = md.FeedstockFigure.objects.get(feedstock__code="municipal-solid-waste", parameter="price")
    row.value = -40

    row.full_clean()
    row.save()


@pytest.mark.parametrize("item", [md.Pathway, md.Feedstock])
def test_item_a_design_stands_on_cannot_go(item: type[models.Model]) -> None:
    with pytest.raises(models.ProtectedError):
        item.objects.filter(designs__isnull=False).first().delete()
