"""With a memory of parts that were read before, the same comes out as without one, and nothing remembered changes."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scenarios.engine import InputError, resolve
from scenarios.engine.parts import Part
from tests.engine.cases import KnownReferences, changed, check, hefa, whole_method
from tests.engine.strategies import plants
from tests.engine.test_resolution_fuzz import damaged, places, put, scalars

HALF = {"value": 250, "unit": "kt/year"}
# What Python holds for equal, or what is written alike elsewhere, and yet is something else.
ALIKE = [1, 1.0, True, "1", 0, 0.0, -0.0, False, None, [], (), {}, "", float("nan"), [1], [1.0], [True]]


class Kept(dict[Any, Part]):
    """A memory without bounds."""

    def put(self, key: Any, value: Part) -> None:
        self[key] = value


def answer(wire: Any, memory: Kept | None) -> str:
    """All that is resolved, to the type and the bit, or all that is wrong."""
    try:
        found = resolve(wire, KnownReferences(), memory)
    except InputError as error:
        return repr(error.problems)
    return repr((found.inputs, list(found.values.items())))


def edits() -> st.SearchStrategy[list[Any]]:
    """Scenarios as somebody at work sends them: one after the other with something else in one place."""

    def follow(base: dict[str, Any], steps: list[tuple[int, Any]]) -> list[Any]:
        found: list[Any] = [base]
        for place, value in steps:
            # At times what was wrong is put right again.
            wire = found[-1] if place % 2 else base
            paths = [path for path in places(wire) if path]
            found.append(put(wire, paths[place % len(paths)], value))
        return found

    bases = st.sampled_from([hefa(), whole_method()]) | plants()
    values = scalars | st.sampled_from(ALIKE) | st.floats(0, 2) | st.sampled_from([HALF, {"value": 0.5, "unit": "1"}])
    return st.builds(follow, bases, st.lists(st.tuples(st.integers(0, 999), values), min_size=1, max_size=12))


@given(edits(), st.lists(damaged(), max_size=3), st.randoms(use_true_random=False))
def test_the_same_is_resolved_with_a_memory_as_without(edited, others, random):
    wires = [*edited, *others, *edited]
    random.shuffle(wires)
    memory = Kept()
    for wire in wires:
        assert answer(wire, memory) == answer(wire, None)


@given(edits())
def test_what_is_remembered_stays_as_it_was(wires):
    memory, before = Kept(), {}
    for wire in wires:
        answer(wire, memory)
        assert {key: repr(part) for key, part in memory.items() if key in before} == before
        before = {key: repr(part) for key, part in memory.items()}


def test_what_is_only_equal_to_what_was_read_is_read_for_itself():
    for group, name in (("plant", "utilisation"), ("finance", "taxRate"), ("finance", "constructionShares")):
        memory = Kept()
        for value in [*ALIKE, *reversed(ALIKE)]:
            wire = changed(hefa(), {group: {name: value}})
            assert answer(wire, memory) == answer(wire, None), value


def test_parts_with_a_fault_and_parts_that_wait_for_others_are_not_remembered():
    memory = Kept()
    assert check(hefa(plant={"capacity": -1}), KnownReferences())
    answer(hefa(plant={"capacity": -1}), memory)
    answer(hefa(plant={"capacity": {"value": 9000, "unit": "bbl/day"}}), memory)
    assert not [name for name, _ in memory if name == "plant"]
    assert [name for name, _ in memory if name == "finance"]


def test_inputs_changed_by_whoever_sent_them_do_not_reach_what_is_remembered():
    memory, wire = Kept(), hefa(plant={"capacity": dict(HALF)})
    as_sent = copy.deepcopy(wire)
    first = resolve(wire, KnownReferences(), memory)
    wire["plant"]["capacity"]["value"] = 1.0
    again = resolve(as_sent, KnownReferences(), memory)
    assert first.values["plant.capacity"].given == again.values["plant.capacity"].given == HALF


def test_only_parts_that_were_sent_otherwise_are_read_again():
    memory = Kept()
    first = resolve(hefa(), KnownReferences(), memory).inputs
    second = resolve(hefa(finance={"discountRate": 0.09}), KnownReferences(), memory).inputs
    assert second.finance.discount_rate == 0.09
    assert second.feedstocks is first.feedstocks
    assert second.capital is first.capital
