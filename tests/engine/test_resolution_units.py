"""Quantities with units, as a person states them: converted once, within bounds, and refused by name."""

import math
from typing import Any

import pytest

from scenarios.engine import resolve
from scenarios.engine.fields import Kind, camel_path, walk
from scenarios.engine.inputs import ScenarioInputs
from tests.engine.cases import changed, hefa, problems, with_item

GALLON, BARREL = 0.003785411784, 0.158987294928


def capacity(value: Any) -> dict[str, Any]:
    return changed(hefa(), {"plant": {"capacity": value}})


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (0, "minimum"), (-5, "minimum"), (2e9, "maximum"), (math.nan, "finite"), (math.inf, "finite"),
        (-math.inf, "finite"), (10**400, "finite"), (-(10**400), "finite"), ("abc", "type"), ("500000", "type"),
        (True, "type"), ([500_000], "type"), ({}, "type"), ({"unit": "t/year"}, "type"),
        ({"value": 1, "units": "t/year"}, "type"), ({"value": "500", "unit": "kt/year"}, "type"),
        ({"value": None, "unit": "kt/year"}, "type"), ({"value": math.nan, "unit": "kt/year"}, "finite"),
        ({"value": 1e308, "unit": "Mt/year"}, "finite"), ({"value": 0, "unit": "kt/year"}, "minimum"),
        ({"value": 500, "unit": "USD/t"}, "unit"), ({"value": 500, "unit": "kt"}, "unit"),
        ({"value": 500, "unit": "t/fortnite"}, "unit"), ({"value": 500, "unit": 7}, "unit"),
        ({"value": 500, "unit": ""}, "unit"), ({"value": 500, "unit": []}, "unit"),
        ({"value": 500, "unit": {"value": 1}}, "unit"), ({"value": 500, "unit": False}, "unit"),
        ({"value": 1e308, "unit": "m^3/s"}, "finite"), ({"value": -1, "unit": "gal/year"}, "minimum"),
        ({"value": 1e300, "unit": "gal/year"}, "maximum"),
    ],
)  # fmt: skip
def test_a_capacity_that_is_none_is_refused_by_name(value, code):
    assert problems(capacity(value)) == {"plant.capacity": code}


@pytest.mark.parametrize(
    "unit",
    [
        "x" * 10_000, "2**99999999", "__import__", "__import__('os')", "t/year; import os", "t\n", "t/year\x00",
        "9^9^9", "(" * 200, "t**t", "kt/year " * 50, "1e9", "\ud800", "٣", "t/0", "degC", "delta_degC", "m^-9999",
        "///", "%%", "10*t/year", "t/year/", "lambda", "self", "0", "nan",
    ],
)  # fmt: skip
def test_an_absurd_unit_is_refused_by_name(unit):
    assert problems(capacity({"value": 1, "unit": unit})) == {"plant.capacity": "unit"}


@pytest.mark.parametrize(
    ("stated", "tonnes"),
    [
        ({"value": 500, "unit": "kt/year"}, 500_000), ({"value": 500_000}, 500_000),
        ({"value": 500_000, "unit": None}, 500_000), ({"value": 0.5, "unit": "Mt/yr"}, 500_000),
        ({"value": 1000, "unit": "t/day"}, 365_000), ({"value": 50, "unit": "t/h"}, 438_000),
        ({"value": 500, "unit": "ktpa"}, 500_000), ({"value": 1e9, "unit": "lb/year"}, 453_592.37),
        ({"value": 500e6, "unit": "kg/a"}, 500_000), (500_000, 500_000),
    ],
)  # fmt: skip
def test_a_capacity_by_mass_is_brought_to_tonnes_a_year(stated, tonnes):
    assert resolve(capacity(stated)).inputs.plant.capacity == pytest.approx(tonnes, rel=1e-12)


@pytest.mark.parametrize(
    ("stated", "cubic_metres"),
    [
        ({"value": 10_000, "unit": "bbl/day"}, 10_000 * BARREL * 365),
        ({"value": 1_000_000, "unit": "gal/day"}, 1_000_000 * GALLON * 365),
        ({"value": 165, "unit": "MMgal/year"}, 165e6 * GALLON),
        ({"value": 600_000, "unit": "m^3/year"}, 600_000),
        ({"value": 600, "unit": "Ml/year"}, 600_000),
    ],
)
def test_a_capacity_by_volume_goes_through_the_densities_of_the_fuels(stated, cubic_metres):
    """A tonne of fuel is 0.64/0.757 + 0.15/0.78 + 0.21/0.7 m3; what is not a liquid fuel fills no tank."""
    wire = capacity(stated)
    for item, density in zip(wire["products"], (0.757, 0.78, 0.7), strict=True):
        item["density"] = density
    char = {
        "product": "Char",
        "yield": 0.1,
        "price": 0,
        "lowerHeatingValue": 28,
        "carbonContent": 0.1,
        "liquidFuel": False,
    }
    wire["products"].append(char)
    per_tonne = 0.64 / 0.757 + 0.15 / 0.78 + 0.21 / 0.7
    found = resolve(wire)
    assert found.inputs.plant.capacity == pytest.approx(cubic_metres / per_tonne, rel=1e-12)
    value = found.values["plant.capacity"]
    assert (value.value, value.unit, value.origin) == (found.inputs.plant.capacity, "t/year", "user")
    assert value.given == stated


def test_a_capacity_by_volume_needs_every_density():
    wire = capacity({"value": 10_000, "unit": "bbl/day"})
    del wire["products"][1]["density"]
    assert problems(wire) == {"plant.capacity": "unit"}


def test_a_price_by_volume_goes_through_its_own_density():
    stated = {"value": 4.2, "unit": "USD/gal"}
    found = resolve(with_item("products", price=stated, density=0.757))
    assert found.inputs.products[0].price == pytest.approx(4.2 / GALLON / 0.757, rel=1e-12)
    value = found.values["products[0].price"]
    assert (value.value, value.unit, value.origin) == (found.inputs.products[0].price, "USD/t", "user")
    assert value.given == stated


@pytest.mark.parametrize(
    ("price", "density", "code"),
    [
        ({"value": 4.2, "unit": "USD/gal"}, None, "unit"),
        ({"value": 1e6, "unit": "USD/l"}, 0.8, "maximum"),
        ({"value": 1e308, "unit": "USD/l"}, 0.8, "finite"),
        ({"value": -1e6, "unit": "USD/l"}, 0.8, "minimum"),
        ({"value": 1, "unit": "USD/l"}, 5e-324, "finite"),
    ],
)
def test_a_price_by_volume_keeps_the_bounds_of_the_price(price, density, code):
    assert problems(with_item("products", price=price, density=density)) == {"products[0].price": code}


@pytest.mark.parametrize(
    ("group", "field", "value", "found"),
    [
        ("feedstocks", "price", {"value": 42.2, "unit": "USD/lb"}, 42.2 / 0.00045359237),
        ("feedstocks", "carbonIntensity", {"value": 0.046526, "unit": "kgCO2e/kg"}, 46.526),
        ("feedstocks", "carbonContent", {"value": 78, "unit": "%"}, 0.78),
        ("feedstocks", "yield", {"value": 1210, "unit": "kg/t"}, 1.21),
        ("products", "lowerHeatingValue", {"value": 12, "unit": "kWh/kg"}, 43.2),
        ("products", "density", {"value": 757, "unit": "kg/m^3"}, 0.757),
        ("utilities", "price", {"value": 5.4, "unit": "USD/kg"}, 5400),
    ],
)
def test_a_quantity_with_a_unit_is_brought_to_the_declared_one(group, field, value, found):
    inputs = resolve(with_item(group, **{field: value})).inputs
    attribute = {"carbonIntensity": "carbon_intensity", "carbonContent": "carbon_content", "yield": "yield_",
                 "lowerHeatingValue": "lower_heating_value"}.get(field, field)  # fmt: skip
    assert getattr(getattr(inputs, group)[0], attribute) == pytest.approx(found, rel=1e-9)


def test_power_is_counted_in_kwh_and_takes_other_units_of_energy():
    wire = hefa()
    power = {"price": {"value": 55, "unit": "USD/MWh"}, "consumption": {"value": 432, "unit": "MJ/t"},
             "carbonIntensity": {"value": 20, "unit": "kgCO2e/MWh"}}  # fmt: skip
    wire["utilities"][1] |= power
    found = resolve(wire).inputs.utilities[1]
    assert (found.unit, found.price, found.consumption) == ("kWh", pytest.approx(0.055), pytest.approx(120))
    assert found.carbon_intensity == pytest.approx(20)
    wire["utilities"][1]["price"] = {"value": 55, "unit": "USD/t"}
    assert problems(wire) == {"utilities[1].price": "unit"}


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        ("finance.lifetime", {"value": 240, "unit": "month"}, 20),
        ("finance.lifetime", 20.0, 20),
        ("operating.startup.months", {"value": 0.5, "unit": "year"}, 6.0),
        ("operating.indirectOpexRatio", {"value": 7.7, "unit": "%/year"}, 0.077),
        ("finance.discountRate", {"value": 7, "unit": "%"}, 0.07),
        ("plant.loadHours", {"value": 90, "unit": "%"}, 7884.0),
        ("carbon.processIntensity", {"value": 20, "unit": "kgCO2e/GJ"}, 20),
        ("carbon.processIntensity", {"value": 20, "unit": "kgCO2e/mmBtu"}, 20 / 1.05505585262),
    ],
)
def test_times_shares_and_intensities_take_their_units_too(path, value, found):
    change: Any = value
    for key in reversed(path.split(".")):
        change = {key: change}
    resolved = resolve(changed(hefa(), change))
    assert {camel_path(at): entry.value for at, entry in resolved.values.items()}[path] == pytest.approx(found)


VOLUMES = {"1": "l/kg", "t/t": "m^3/t", "kg/kg": "l/kg", "t/m^3": "t/t", "MJ/kg": "MJ/l", "gCO2e/kg": "gCO2e/l",
           "USD/t": "USD/l", "t/year": "m^3/year", "gCO2e/MJ": "gCO2e*m^3/t/MJ"}  # fmt: skip


@pytest.mark.parametrize(
    "path",
    [
        path
        for path, item in walk(ScenarioInputs)
        if item.spec.kind in (Kind.NUMBER, Kind.SERIES) and item.spec.settable and item.spec.unit in VOLUMES
    ],
)
def test_a_volume_where_no_density_helps_is_a_wrong_unit(path):
    """Only the capacity and the prices of products take volumes; that they do is tested above."""
    item = dict(walk(ScenarioInputs))[path]
    if path.startswith("reference.") or path in ("plant.capacity", "products[].price"):
        return
    stated: Any = {"value": 0.5, "unit": VOLUMES[item.spec.unit]}
    if item.spec.kind is Kind.SERIES and not item.spec.whole:
        stated = [stated]
    wire = hefa()
    group, in_list, _ = path.partition("[].")
    if in_list:
        wire = with_item(group, **{item.wire: stated}) if group in wire else wire
        if group == "incentives":
            wire = hefa(incentives=[{"incentive": "Own", "kind": "price_premium", "amount": 1, item.wire: stated}])
    else:
        change: Any = stated
        for key in reversed(camel_path(path).split(".")):
            change = {key: change}
        wire = changed(wire, change)
    assert problems(wire) == {path.replace("[]", "[0]"): "unit"}


def test_a_stated_unit_is_kept_beside_the_value():
    stated = {"value": 500, "unit": "kt/year"}
    assert resolve(capacity(stated)).values["plant.capacity"].given == stated
