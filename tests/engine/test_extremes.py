"""Nothing a person may enter ends in NaN, infinity or an exception: what cannot be said is null, with a reason."""

import json
import math
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scenarios.engine import evaluate
from scenarios.engine.fields import Kind, Spec, camel_path, walk
from scenarios.engine.inputs import ScenarioInputs
from scenarios.engine.results import report
from scenarios.engine.variation import declared_at, varied
from tests.engine.cases import KnownReferences, calculated, changed, check, plain_project, resolved, whole_method

NUMBERS = [(path, item) for path, item in walk(ScenarioInputs) if item.spec.kind in (Kind.NUMBER, Kind.INTEGER)]
SETTABLE = [(path, item) for path, item in NUMBERS if item.spec.settable and not path.startswith("reference.")]


def leaves(tree: Any, path: str = "") -> list[tuple[str, Any]]:
    if isinstance(tree, dict):
        return [leaf for key, value in tree.items() for leaf in leaves(value, f"{path}.{key}" if path else key)]
    if isinstance(tree, list):
        return [leaf for index, value in enumerate(tree) for leaf in leaves(value, f"{path}[{index}]")]
    return [(path, tree)]


def assert_sound(values: dict[str, Any]) -> dict[str, Any]:
    """The report holds finite numbers, and every null in it has a reason."""
    result = report(values)
    json.dumps(result, allow_nan=False)
    reasons = result["reasons"]
    for path, value in leaves({key: result[key] for key in ("technoEconomics", "financials", "carbon")}):
        assert not isinstance(value, float) or math.isfinite(value), path
        if value is None:
            explained = path in reasons or path.rpartition(".")[0] in reasons
            assert explained or path.startswith("financials.cashFlowTable["), path
    if any(value is None for path, value in leaves(result["financials"]["cashFlowTable"])):
        assert "financials.cashFlowTable" in reasons
    return result


def bounds(spec: Spec) -> list[float]:
    """The least and the most a field takes; just inside where the bound itself is excluded."""
    found = []
    if spec.minimum is not None:
        found.append(spec.minimum)
    if spec.above is not None:
        found += [math.nextafter(spec.above, math.inf), spec.above + 1e-9]
    if spec.maximum is not None:
        found.append(spec.maximum)
    if spec.below is not None:
        found.append(math.nextafter(spec.below, -math.inf))
    return found


def places(path: str) -> list[str]:
    """Where an input stands in the whole method: each incentive is of another kind, elsewhere the first will do."""
    count = len(whole_method()["incentives"]) if path.startswith("incentives") else 1
    return (
        [camel_path(path).replace("[]", f"[{index}]") for index in range(count)] if "[]" in path else [camel_path(path)]
    )


EXTREMES = [(place, bound) for path, item in SETTABLE for place in places(path) for bound in bounds(item.spec)]


def at_extreme(path: str, value: float) -> dict[str, Any]:
    """The whole method with one input at a bound."""
    wire = whole_method()
    if in_list := re.fullmatch(r"(\w+)\[(\d+)\]\.(\w+)", path):
        group, index, name = in_list[1], int(in_list[2]), in_list[3]
        wire[group] = [{**item} for item in wire[group]]
        wire[group][index][name] = value
        return wire
    for key in reversed(path.split(".")):
        value = {key: value}  # type: ignore[assignment]
    return changed(wire, value)


@pytest.mark.parametrize(("path", "value"), EXTREMES)
def test_every_bound_of_every_input_can_be_calculated_or_is_refused_by_name(path, value):
    problems = check(at_extreme(path, value), KnownReferences())
    assert {problem.code for problem in problems} <= {"consistency", "sum"}
    if not problems:
        assert_sound(calculated(at_extreme(path, value)))


@pytest.mark.parametrize("rate", [-0.99, -0.5, -1e-9, 0, 1e-300, 1e-9, 5, 10])
@pytest.mark.parametrize("lifetime", [1, 100])
@pytest.mark.parametrize("inflation", [-0.99, 0, 10])
@pytest.mark.parametrize("loss_rule", ["carry_forward", "no_offset", "refund"])
def test_rates_lives_and_inflation_to_their_bounds(rate, lifetime, inflation, loss_rule):
    finance = {
        "discountRate": rate, "lifetime": lifetime, "inflation": inflation, "lossRule": loss_rule, "taxRate": 0.3,
        "debt": {"share": 0.5, "term": lifetime},
    }  # fmt: skip
    assert_sound(calculated(plain_project(finance=finance)))


@pytest.mark.parametrize("price", [0, 1e-300, 1e-9, 1e6, -1e6])
@pytest.mark.parametrize("tci", [1e-300, 1e-3, 1e13])
def test_tiny_and_huge_prices_and_plants(price, tci):
    wire = plain_project(capital={"tciReference": tci}, finance={"taxRate": 0.3, "debt": {"share": 1.0}})
    wire["products"][0]["price"] = price
    wire["feedstocks"][0]["price"] = -price
    assert_sound(calculated(wire))


def within(spec: Spec) -> st.SearchStrategy[float]:
    """Any float the bounds allow; the extremes as often as what lies between."""
    low = spec.minimum if spec.minimum is not None else spec.above
    high = spec.maximum if spec.maximum is not None else spec.below
    between = st.floats(low, high, exclude_min=spec.minimum is None, exclude_max=spec.maximum is None)
    return between | st.sampled_from(bounds(spec))


FLOATS = [(path, item) for path, item in SETTABLE if item.spec.kind is Kind.NUMBER]
PLACES = {
    path: [path.replace("[]", place[place.find("[") : place.find("]") + 1]) for place in places(path)]
    for path, _ in FLOATS
}


@st.composite
def any_plants(draw: st.DrawFn) -> tuple[ScenarioInputs, dict[str, float]]:
    """A plant some of whose inputs are anywhere within their bounds."""
    wire = whole_method(
        finance={
            "lifetime": draw(st.integers(1, 100)),
            "lossRule": draw(st.sampled_from(["carry_forward", "no_offset", "refund"])),
            "rateBasis": draw(st.sampled_from(["real", "nominal"])),
            "basis": draw(st.sampled_from(["unlevered", "levered"])),
            "debt": {"term": 1},
        },
        plant={"utilisation": draw(st.sampled_from([1, 1e-300, [0.0]]))},
        carbon={"allocation": draw(st.sampled_from(["energy", "mass", "economic"]))},
    )
    inputs = resolved(wire).inputs
    values = {}
    for path, item in draw(st.lists(st.sampled_from(FLOATS), min_size=1, max_size=12, unique_by=lambda leaf: leaf[0])):
        values[draw(st.sampled_from(PLACES[path]))] = draw(within(item.spec))
    return inputs, values


@given(any_plants())
def test_inputs_anywhere_within_their_bounds(drawn):
    """Past the checks of what inputs must satisfy together, which could only make it milder."""
    inputs, values = drawn
    assert_sound(evaluate(varied(inputs, values)))


@given(st.sampled_from(FLOATS))
@example(FLOATS[0])
def test_an_input_that_is_not_known_is_a_reason_never_an_exception(leaf):
    path, item = leaf
    if not item.spec.optional:
        assert item.default is not None
        return
    if path == "incentives[].minimum_reduction":
        return  # left out, it asks for nothing
    index = 1 if path == "incentives[].rins_per_gallon" else 0
    here = path.replace("[]", f"[{index}]")
    inputs = resolved(whole_method()).inputs
    assert declared_at(inputs, here)[1] is not None
    result = assert_sound(evaluate(varied(inputs, {here: None})))
    wire = camel_path(here)
    assert f"{wire} is not known" in result["reasons"].values()
