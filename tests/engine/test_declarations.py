"""The declarations of the inputs: complete, unambiguous, and what the graph reads."""

import re

import pytest

from scenarios.engine import evaluate, resolve
from scenarios.engine.fields import Kind, camel, camel_path, declarations, walk
from scenarios.engine.formula import Graph, formula
from scenarios.engine.inputs import Feedstock, Product, ScenarioInputs, Utility
from scenarios.engine.model import GRAPH
from scenarios.engine.units import UnitError, factor
from tests.engine.cases import hefa

LEAVES = dict(walk(ScenarioInputs))


@pytest.mark.parametrize("path", LEAVES)
def test_every_input_is_declared_in_full(path):
    spec = LEAVES[path].spec
    assert spec.key
    assert spec.help.endswith((".", "?"))
    if spec.kind in (Kind.NUMBER, Kind.INTEGER, Kind.SERIES):
        assert spec.unit
        low = spec.minimum if spec.minimum is not None else spec.above
        high = spec.maximum if spec.maximum is not None else spec.below
        if spec.settable:
            assert low is not None, "a person may enter anything below"
            assert high is not None, "a person may enter anything above"
            assert low < high
    if spec.kind is Kind.CHOICE:
        assert len(set(spec.choices)) == len(spec.choices) > 1
        assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", word) for word in spec.choices)


@pytest.mark.parametrize("path", LEAVES)
def test_the_default_of_an_input_is_within_its_own_bounds(path):
    item = LEAVES[path]
    if not item.spec.settable or not isinstance(item.default, float | int | tuple) or isinstance(item.default, bool):
        return
    for value in item.default if isinstance(item.default, tuple) else (item.default,):
        assert item.spec.minimum is None or value >= item.spec.minimum
        assert item.spec.above is None or value > item.spec.above
        assert item.spec.maximum is None or value <= item.spec.maximum
        assert item.spec.below is None or value < item.spec.below


def test_every_quantity_has_a_name_of_its_own():
    keys = [item.spec.key for item in LEAVES.values()]
    assert len(set(keys)) == len(keys)
    assert not set(keys) & set(GRAPH.formulas)
    assert not (set(keys) | set(GRAPH.formulas)) & set(GRAPH.constants)


def test_every_formula_says_what_it_is():
    for key, item in GRAPH.formulas.items():
        assert item.name, key
        assert item.words, key
        assert item.unit, key
        assert re.search(r"method \d|ASTM|ICAO", item.source), key


def test_no_two_formulas_share_a_name():
    names = [item.name for item in GRAPH.formulas.values()]
    assert len(set(names)) == len(names)


def test_every_number_a_person_may_set_is_read_by_some_formula():
    """An input that nothing reads would be accepted and ignored."""
    read = {name for item in GRAPH.formulas.values() for name in item.inputs}
    unread = {item.spec.key for item in LEAVES.values()} - read
    # They choose defaults and reference values, or are refused with a reason.
    assert unread == {
        "pathway", "country", "feedstock_name", "utility_name", "cost_year", "capital_reference_year",
        "incentive_name", "incentive_made_in", "feedstock_corsia_row",
    }  # fmt: skip


def test_every_constant_is_read_and_says_where_it_is_from():
    read = {name for item in GRAPH.formulas.values() for name in item.inputs}
    for key, constant in GRAPH.constants.items():
        assert key in read
        assert constant.name
        assert constant.source
        assert constant.confidence in ("confirmed", "secondary", "unconfirmed", "derived")


def test_wire_names_are_camel_case_and_go_back():
    assert camel("load_hours") == "loadHours"
    assert camel_path("feedstocks[0].carbon_content") == "feedstocks[0].carbonContent"
    for declared in (ScenarioInputs, Feedstock, Utility, Product):
        for item in declarations(declared):
            assert item.wire == camel(item.name)
            assert re.sub("([A-Z])", lambda found: "_" + found[1].lower(), item.wire) == item.name
            assert item.attribute.rstrip("_") == item.name


def test_evaluation_gives_every_quantity():
    values = evaluate(resolve(hefa()).inputs)
    assert set(values) == {item.spec.key for item in LEAVES.values()} | set(GRAPH.formulas) | set(GRAPH.constants)


def test_a_graph_refuses_what_nothing_gives_and_what_goes_in_circles():
    @formula("Orphan", "1", "missing", source="here")
    def orphan(missing):
        return missing

    @formula("Hen", "1", "egg", source="here")
    def hen(egg):
        return egg

    @formula("Egg", "1", "hen", source="here")
    def egg(hen):
        return hen

    with pytest.raises(LookupError, match="orphan reads missing"):
        Graph([orphan.formula], [], [])
    with pytest.raises(LookupError, match="hen reads egg"):
        Graph([hen.formula, egg.formula], [], [])


def test_conversions_have_the_factor_of_their_definitions():
    for unit, target, expected in [
        ("kt/year", "t/year", 1000), ("t/year", "t/day", 1 / 365), ("year", "h", 8760), ("%", "1", 0.01),
        ("MMgal/year", "gal/year", 1e6), ("bbl", "gal", 42), ("short_ton", "t", 0.90718474), ("month", "year", 1 / 12),
        ("t", "kg", 1000), ("lb", "kg", 0.45359237), ("kWh", "MJ", 3.6), ("gCO2e/MJ", "kgCO2e/GJ", 1),
        ("tCO2e", "gCO2e", 1e6), ("USD/MWh", "USD/kWh", 1e-3),
    ]:  # fmt: skip
        assert factor(unit, target) == pytest.approx(expected, rel=1e-12), (unit, target)


@pytest.mark.parametrize(
    ("unit", "target"), [("t", "USD"), ("kgCO2e", "kg"), ("", "t"), ("nonsense", "t"), ("t^2", "t")]
)
def test_units_of_another_kind_are_errors(unit, target):
    with pytest.raises(UnitError):
        factor(unit, target)
