"""Whatever inputs the API takes: the form shows them and, sent back as it was shown, leaves them as they are."""

import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from masterdata.catalogue import current
from projects.models import Project
from scenarios.engine.fields import Declaration, Kind, Spec, camel_path, declarations, walk
from scenarios.engine.inputs import ScenarioInputs
from scenarios.engine.reading import RefusedError, VolumeError, read
from scenarios.engine.resolution import INCOMPLETE
from scenarios.engine.unit_choices import offered_units
from scenarios.pages import edits
from scenarios.pages.forms import UNIT_SUFFIX, Form
from scenarios.services import inputs_examine
from scenarios.services.scenarios import MISSING
from tests.fixtures import signed_in
from tests.scenarios.cases import scenario_make, state_of
from tests.scenarios.forms import controls, send

pytestmark = pytest.mark.django_db
ANY = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)  # fmt: skip
UNITS = sorted({other["unit"] for entry in offered_units() for other in entry["others"]} | {"ktpa", "percent", "1"})


def numbers_within(spec: Spec) -> st.SearchStrategy[float | int]:
    low = next((bound for bound in (spec.minimum, spec.above) if bound is not None), -1e6)
    high = next((bound for bound in (spec.maximum, spec.below) if bound is not None), 1e6)
    whole = st.integers(int(low), int(high))
    return whole if spec.kind is Kind.INTEGER else st.floats(low, high, allow_nan=False) | whole


def leaves(item: Declaration) -> st.SearchStrategy[Any]:
    spec = item.spec
    if spec.kind is Kind.CHOICE:
        return st.sampled_from(spec.choices)
    if spec.kind is Kind.FLAG:
        return st.booleans()
    if spec.kind is Kind.TEXT:
        return st.sampled_from(["Jet", " Diesel ", "used cooking oil", "USA;CAN"]) | st.text("aé<&\"'> 7", max_size=9)
    bare = numbers_within(spec)
    written = bare | st.builds(
        lambda value, unit: {"value": value, **({} if unit is ... else {"unit": unit})},
        bare, st.sampled_from(UNITS) | st.none() | st.just(...),
    )  # fmt: skip
    if spec.kind is Kind.SERIES:
        return st.lists(written, min_size=1, max_size=6) | (written if spec.whole else st.nothing())
    return written


LEAVES = {camel_path(path): leaves(item) for path, item in walk(ScenarioInputs) if item.spec.settable}
ALONE = [path for path in LEAVES if "[]" not in path and path not in {"pathway", "country"}]
OF_ITEMS = {
    item.wire: declarations(item.spec.group)[0].wire
    for item in declarations(ScenarioInputs)
    if item.spec.kind is Kind.ITEMS
}


@st.composite
def inputs(draw: st.DrawFn) -> dict[str, Any]:
    """Inputs that a draft takes: what is refused of a drawn tree is taken out of it."""
    catalogue = current()
    names = {
        "feedstocks": [*(one.name for one in catalogue.feedstocks), "uco"],
        "utilities": [one.name for one in catalogue.utilities],
        "products": [one.name.upper() for one in catalogue.products],
        "incentives": [*(one.name for one in catalogue.incentives if one.is_stackable), "My <own> & 'credit'"],
    }
    tree: dict[str, Any] = {
        "pathway": draw(st.sampled_from([*(one.code for one in catalogue.pathways), "hefa-spk"])),
        "country": draw(st.sampled_from([one.code for one in catalogue.countries])),
    }
    for path in draw(st.lists(st.sampled_from(ALONE), max_size=8, unique=True)):
        edits.put(tree, edits.steps_of(path), draw(LEAVES[path]))
    for group in draw(st.lists(st.sampled_from(sorted(OF_ITEMS)), max_size=2, unique=True)):
        tree[group] = [{OF_ITEMS[group]: name} for name in draw(st.lists(st.sampled_from(names[group]), max_size=2))]
        own = [path for path in LEAVES if path.startswith(f"{group}[].") and not path.endswith(OF_ITEMS[group])]
        for row in tree[group]:
            for path in draw(st.lists(st.sampled_from(own), max_size=4, unique=True)):
                row[path.rpartition(".")[2]] = draw(LEAVES[path])
    for empty in draw(st.lists(st.sampled_from(["carbon", "plant", "operating"]), max_size=1)):
        tree.setdefault(empty, None)
    for _ in range(60):
        refused = [p for p in inputs_examine(tree).problems if p.code not in INCOMPLETE | MISSING]
        if not refused:
            return tree
        _cut(tree, edits.steps_of(camel_path(refused[-1].field)))
    raise AssertionError(f"still refused: {refused}")


def _cut(tree: dict[str, Any], steps: list[str]) -> None:
    """Take out what is refused; of an item that cannot be, the item."""
    group, last = steps[0], steps[-1]
    is_row = len(steps) > 1 and steps[1].isdigit()
    if is_row and (len(steps) == 2 or last == OF_ITEMS[group]):
        tree[group] = [row for place, row in enumerate(tree[group]) if place != int(steps[1])]
    elif is_row:
        tree[group][int(steps[1])].pop(last, None)
    else:
        at: Any = tree
        for step in steps[:-1]:
            at = at.get(step, {})
        at.pop(last, None)


def sent(form: Form) -> dict[str, str]:
    """What a browser sends of a form: a control for each field, and for the unit where there is a choice."""
    found = {path: one.text for path, one in form.fields.items()}
    return found | {f"{path}{UNIT_SUFFIX}": one.beside.value for path, one in form.fields.items() if one.units}


@ANY
@given(tree=inputs())
def test_a_form_sent_back_as_it_was_shown_changes_nothing(tree: dict[str, Any]) -> None:
    form = Form(current(), tree)

    changes = form.changes(sent(form))

    assert (changes.values, changes.faults) == ({}, {})


@ANY
@given(tree=inputs())
def test_what_a_form_shows_reads_back_as_the_same_value(tree: dict[str, Any]) -> None:

    for one in Form(current(), tree).fields.values():
        if one.given is None or not one.is_numeric or not one.unit:
            continue
        again = one.read(one.text, one.beside.value)
        try:
            value = read(one.spec, one.given, one.unit)
        except VolumeError:
            continue
        except RefusedError:  # an item of a kind that is refused as a whole
            continue
        shown = read(one.spec, again, one.unit)
        assert shown == pytest.approx(value, rel=1e-6, abs=1e-12), one.path


@ANY
@given(tree=inputs())
def test_a_page_sent_back_changes_nothing_of_a_scenario(tree: dict[str, Any], project: Project, user: User) -> None:
    faults = [p for p in inputs_examine(tree).problems if p.code not in MISSING]
    scenario = scenario_make(project=project, user=user, inputs={} if faults else tree)
    page: Client = signed_in(user)
    before = state_of(scenario)

    shown = controls(page.get(f"/scenarios/{scenario.pk}"))
    answer = send(page, scenario, base=json.loads(shown.pop("base")), **shown)

    assert answer.status_code == 200
    assert state_of(scenario) == before
