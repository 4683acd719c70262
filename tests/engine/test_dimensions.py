"""Every formula, run on quantities that carry the declared units of its inputs, gives its declared unit.

A factor of a thousand forgotten between kg and t, or an intensity divided by the wrong heating value, fails here.
"""

from itertools import repeat

import numpy as np
import pytest

from scenarios.engine import evaluate
from scenarios.engine.fields import Kind, walk
from scenarios.engine.formula import Undefined
from scenarios.engine.incentive import AMOUNT_UNITS
from scenarios.engine.inputs import ScenarioInputs
from scenarios.engine.model import GRAPH
from scenarios.engine.units import registry
from scenarios.engine.variation import declared_at, varied
from tests.engine.cases import calculated, resolved, whole_method

# What searches for a root compares with infinity, which has no unit; what counts periods returns a bare number of them.
WITHOUT_QUANTITIES = {
    "unlevered_irr_roots": "polynomial roots",
    "levered_irr_roots": "polynomial roots",
    "unlevered_irr": "chosen among roots",
    "levered_irr": "chosen among roots",
    "minimum_selling_price_usd_per_t": "bracketed search; without it where losses are refunded",
    "unlevered_payback_years": "counts periods",
    "levered_payback_years": "counts periods",
    "unlevered_discounted_payback_years": "counts periods",
    "levered_discounted_payback_years": "counts periods",
}
VARIANTS = {
    "losses carried, interest capitalised": {},
    "losses lost, interest paid": {"finance": {"lossRule": "no_offset", "debt": {"constructionInterest": "paid"}}},
    "losses refunded, levered": {"finance": {"lossRule": "refund", "basis": "levered", "rateBasis": "nominal"}},
    "shared by mass, table value": {"carbon": {"allocation": "mass", "route": "corsia_default"}},
    "shared by revenue, declining": {
        "carbon": {"allocation": "economic"},
        "finance": {"depreciation": {"method": "double_declining", "years": 9}},
    },
    "credits for emissions, certificates": {
        "carbon": {"carbonPrice": 0},
        "incentives": [
            {"incentive": "LCFS", "kind": "lcfs", "amount": 60, "share": 0.4},
            {"incentive": "ETS", "kind": "ets", "amount": 70, "share": 0.5, "minimumReduction": 0.1},
            {"incentive": "Certificate", "kind": "mandate_certificate", "amount": 2.5, "share": 0.5},
            {"incentive": "45Z", "kind": "us_45z", "amount": 1.75, "lastYear": 2025, "wageRulesMet": False},
            {"incentive": "Bonus", "kind": "per_volume", "amount": 0.3, "product": "Naphtha"},
        ],
    },
}
# The supplement of 40B and its cap are dollars of the statute, which do not double.
STATUTORY = {"incentives": [{"incentive": "40B", "kind": "us_40b", "amount": 1.25}]}
NUMBERS = {item.spec.key: item.spec for _, item in walk(ScenarioInputs) if item.spec.kind in (Kind.NUMBER, Kind.SERIES)}
BY_UTILITY = {
    key: spec.unit for key, spec in NUMBERS.items() if "{utility" in spec.unit
} | {"utility_units_per_y": GRAPH.formulas["utility_units_per_y"].unit}  # fmt: skip


def unit_of(key: str) -> str:
    if key in GRAPH.formulas:
        return GRAPH.formulas[key].unit
    if key in GRAPH.constants:
        return GRAPH.constants[key].unit
    return NUMBERS[key].unit if key in NUMBERS else "1"


def units_of(key: str, values: dict) -> list[str] | repeat:
    """The unit of each entry of a quantity; quantities by utility, and amounts of incentives, have one for each."""
    if key == "incentive_amount":
        return [AMOUNT_UNITS[kind] for kind in values["incentive_kind"]]
    if key not in BY_UTILITY:
        return repeat(unit_of(key))
    counted = values["utility_unit"]
    return [
        BY_UTILITY[key].replace("{utility-fine}", "kg" if unit == "t" else unit).replace("{utility}", unit)
        for unit in counted
    ]


def carrying(value, units):
    """``value`` with its units; names, flags, counts and pure numbers stay plain."""
    if isinstance(value, tuple | list):
        return type(value)(carrying(entry, repeat(unit)) for entry, unit in zip(value, units, strict=False))
    unit = next(iter(units))
    if unit == "1" or not isinstance(value, float):
        return value
    return registry().Quantity(value, unit)


def assert_same(found, plain, units, key):
    """``found``, brought to ``units``, is ``plain``."""
    if isinstance(plain, tuple | list):
        assert len(found) == len(plain), key
        for entry, expected, unit in zip(found, plain, units, strict=False):
            assert_same(entry, expected, repeat(unit), key)
        return
    unit = next(iter(units))
    if isinstance(plain, Undefined | bool | str) or (isinstance(plain, int) and unit == "1"):
        assert found == plain, key
    elif hasattr(found, "to"):
        target = registry().dimensionless if unit == "1" else unit
        assert float(found.to(target).magnitude) == pytest.approx(plain, rel=1e-12), key
    else:
        # A bare number is a pure one, or nothing at all.
        assert unit == "1" or found == 0 == plain, f"{key} lost its unit"
        assert found == pytest.approx(plain, rel=1e-12), key


@pytest.mark.parametrize("variant", [*VARIANTS, "40B"])
@pytest.mark.parametrize("key", [key for key in GRAPH.formulas if key not in WITHOUT_QUANTITIES])
def test_formula_gives_its_declared_unit(key, variant):
    values = _values(variant)
    formula = GRAPH.formulas[key]
    arguments = [carrying(values[name], units_of(name, values)) for name in formula.inputs]
    assert_same(formula.function(*arguments), values[key], units_of(key, values), key)


def test_minimum_price_without_a_search_gives_its_declared_unit():
    values = _values("losses refunded, levered")
    formula = GRAPH.formulas["minimum_selling_price_usd_per_t"]
    found = formula.function(*(carrying(values[name], units_of(name, values)) for name in formula.inputs))
    assert found.to("USD/t").magnitude == pytest.approx(values[formula.key], rel=1e-12)


_CACHE: dict[str, dict] = {}


def _values(variant: str) -> dict:
    if variant not in _CACHE:
        _CACHE[variant] = calculated(whole_method(**VARIANTS.get(variant, STATUTORY)))
    return _CACHE[variant]


def _paths_in_dollars(inputs: ScenarioInputs) -> dict[str, float]:
    """Every input that is counted in dollars, by path, with its value."""
    found = {}
    for path, item in walk(ScenarioInputs):
        if not item.spec.unit.startswith(("USD", "{incentive}")):
            continue
        group, in_list, _ = path.partition("[].")
        count = len(getattr(inputs, group)) if in_list else 1
        for index in range(count):
            here = path.replace("[]", f"[{index}]")
            if item.spec.unit != "{incentive}" or inputs.incentives[index].kind != "capital_grant_share":
                found[here] = declared_at(inputs, here)[1]
    return found


@pytest.mark.parametrize("variant", VARIANTS)
def test_twice_the_money_is_twice_the_dollars_and_the_same_ratios(variant):
    """Holds for every formula, those that cannot run on quantities among them. Doubling is exact in binary."""
    inputs = resolved(whole_method(**VARIANTS[variant])).inputs
    doubled = {path: value * 2 for path, value in _paths_in_dollars(inputs).items()}
    assert len(doubled) == 13 + sum(item.kind != "capital_grant_share" for item in inputs.incentives)
    once, twice = evaluate(inputs), evaluate(varied(inputs, doubled))
    for key, formula in GRAPH.formulas.items():
        degree = 2.0 if formula.unit.startswith("USD") else 1.0
        for before, after in zip(_flat(once[key]), _flat(twice[key]), strict=True):
            if isinstance(before, Undefined | str | bool):
                assert after == before, key
            else:
                assert after == pytest.approx(before * degree, rel=1e-12, nan_ok=True), key


def _flat(value) -> list:
    if isinstance(value, np.ndarray):
        return value.ravel().tolist()
    return [leaf for entry in value for leaf in _flat(entry)] if isinstance(value, tuple | list) else [value]


@pytest.mark.parametrize("key", [*GRAPH.formulas, *GRAPH.constants, *NUMBERS])
def test_declared_unit_is_one_that_can_be_converted(key):
    unit = unit_of(key)
    if unit != "1":
        plain = unit.replace("{utility-fine}", "kg").replace("{utility}", "t")
        for one in AMOUNT_UNITS.values() if unit == "{incentive}" else [plain]:
            assert one == "1" or registry().Quantity(1.0, one).magnitude == 1.0
