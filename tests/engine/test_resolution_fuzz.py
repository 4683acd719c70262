"""Whatever JSON arrives: complete inputs that can be calculated, or faults by name. Never another exception."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scenarios.engine import InputError, evaluate, resolve
from scenarios.engine.fields import Kind, walk
from scenarios.engine.inputs import ScenarioInputs
from scenarios.engine.results import report
from tests.engine.cases import KnownReferences, check, hefa, whole_method

KEYS = sorted({part.removesuffix("[]") for path, item in walk(ScenarioInputs) for part in path.split(".")[:-1]}
              | {item.wire for _, item in walk(ScenarioInputs)} | {"value", "unit"})  # fmt: skip
UNITS = ["t/year", "kt/year", "gal/day", "USD/gal", "USD/t", "%", "MJ/kg", "m^3/t", "1", "", "h", "month", "gCO2e/l"]

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(UNITS)
    | st.sampled_from(["Jet", "Diesel", "macrs", "refund", "actual", "Electricity"]) | st.just(10**400)
)  # fmt: skip
quantities = st.builds(lambda value, unit: {"value": value, "unit": unit}, scalars, st.sampled_from(UNITS) | scalars)
names = st.sampled_from(KEYS) | st.text(max_size=8)
trees = st.recursive(
    scalars | quantities,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(names, below, max_size=6),
    max_leaves=25,
)


def places(tree: Any, path: tuple = ()) -> list[tuple]:
    """Every place of a tree that could hold something else."""
    found = [path]
    if isinstance(tree, dict):
        for key, value in tree.items():
            found += places(value, (*path, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            found += places(value, (*path, index))
    return found


def put(tree: Any, path: tuple, value: Any) -> Any:
    if not path:
        return value
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[path[0]] = put(copy[path[0]], path[1:], value)
    return copy


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """A scenario that works, with other things in a few of its places."""
    wire = draw(st.sampled_from([hefa, whole_method]))()
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(places(wire)))
        wire = put(wire, path, draw(trees))
    return wire


def assert_answered(data: Any) -> None:
    problems = check(data, KnownReferences())
    for problem in problems:
        json.dumps([problem.field, problem.message]).encode()
        assert problem.field, problem
        assert problem.message, problem
        problem.field.encode()
        problem.message.encode()
    try:
        inputs = resolve(data, KnownReferences()).inputs
    except InputError as error:
        assert error.problems == problems  # noqa: PT017
        return
    assert not problems
    json.dumps(report(evaluate(inputs)), allow_nan=False)


@given(trees)
def test_any_json_is_answered(data):
    assert_answered(data)


@given(damaged())
def test_a_damaged_scenario_is_answered(data):
    assert_answered(data)


@given(
    st.sampled_from([item for _, item in walk(ScenarioInputs) if item.spec.kind is Kind.NUMBER]), scalars | quantities
)
def test_any_value_of_any_number_is_answered(item, value):
    wire = whole_method()
    for place in places(wire):
        if place and place[-1] == item.wire:
            assert_answered(put(wire, place, value))
