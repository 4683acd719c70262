"""Why a number is what it is, as a page: every node with its value, formula, numbers and sources, level by level."""

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import User
from config.figures import told
from projects.models import Project
from scenarios.models import Calculation, Scenario
from scenarios.pages.kpis import EXPLAINED
from scenarios.pages.substitution import Numbers
from scenarios.pages.trace_tree import Shown, Tree
from scenarios.services import calculation_explain
from tests.fixtures import signed_in
from tests.scenarios.cases import HEFA, SMALL, calculate, scenario_make
from tests.scenarios.pages import NOBODYS, address, figures, htmx, stored, text_of, warmed
from tests.scenarios.test_traces import PLACES

pytestmark = pytest.mark.django_db


def page(user: User, scenario: Scenario, kpi: str, query: str = "", **options: Any) -> Any:
    return signed_in(user).get(address(scenario, f"trace/{kpi}{query}"), **options)


def nodes(node: Shown) -> Iterator[Shown]:
    yield node
    for below in node.inputs:
        yield from nodes(below)


def test_every_result_that_can_be_explained_has_its_page(calculated: Scenario, user: User) -> None:
    assert set(EXPLAINED) == {*PLACES, "incentives"}
    for kpi, name in EXPLAINED.items():
        answer = page(user, calculated, kpi)
        assert answer.status_code == 200, kpi
        assert f"Why: {name}" in text_of(answer.text)


def test_root_is_the_number_of_the_result(calculated: Scenario, user: User) -> None:
    result = stored(calculated).result

    answer = page(user, calculated, "lcop")

    assert figures(answer.text)[0] == result["technoEconomics"]["lcop"]
    said = text_of(answer.text)
    assert "Levelised cost of production LCOP" in said
    assert "= (OPEX + TCI × CRF) / production" in said
    assert "Formula: section 11 of the method" in said


def test_numbers_are_put_into_the_formula(calculated: Scenario, user: User) -> None:
    economics = stored(calculated).result["technoEconomics"]

    said = text_of(page(user, calculated, "lcop", "?all=1").text)

    opex, tci, factor = (f"{economics[name]:,.0f}" for name in ("totalOpex", "totalCapitalInvestment", "lcop"))
    assert f"= ({opex} + {tci} × {economics['capitalRecoveryFactor']:.4f}) / 500,000" in said
    assert factor


def test_levels_come_as_they_are_opened(calculated: Scenario, user: User) -> None:
    first = page(user, calculated, "npv")
    lazy = re.findall(r'hx-get="[^"]*\?at=(\w+)', first.text)
    part = page(user, calculated, "npv", f"?at={lazy[0]}", **htmx())

    assert lazy
    assert len(first.context["node"].inputs) > 0
    assert "<html" not in part.text
    root = calculation_explain(calculation=stored(calculated), kpi="npv")
    below = Tree(root, {}).find(lazy[0])
    assert below is not None
    shown = text_of(part.text)
    assert below["inputs"]
    assert all(node["name"] in shown for node in below["inputs"] if node["kind"] == "formula")


def test_part_of_a_trace_has_an_address_of_its_own(calculated: Scenario, user: User) -> None:
    answer = page(user, calculated, "npv", "?at=tci_usd")

    assert answer.context["node"].key == "tci_usd"
    assert "The whole of it" in text_of(answer.text)
    assert page(user, calculated, "npv", "?at=nothing").status_code == 404


def test_all_of_it_opens_at_once(calculated: Scenario, user: User) -> None:
    root = calculation_explain(calculation=stored(calculated), kpi="minimumSellingPrice")

    def keys(node: Any) -> Iterator[str]:
        yield node["key"]
        for below in node.get("inputs", ()):
            yield from keys(below)

    answer = page(user, calculated, "minimumSellingPrice", "?all=1", **htmx("trace-tree"))

    assert [node.key for node in nodes(answer.context["node"])] == list(keys(root))
    closed = [node for node in nodes(answer.context["node"]) if node.inputs and not node.is_open]
    assert closed == []


def test_search_keeps_what_says_it_and_the_way_there(calculated: Scenario, user: User) -> None:
    answer = page(user, calculated, "npv", "?search=used COOKING", **htmx("trace-tree"))

    found = list(nodes(answer.context["node"]))
    matches = {node.key for node in found if node.is_match}
    assert "feedstock_price_usd_per_t" in matches
    assert found[0].key == "unlevered_npv_usd"
    assert all(node.is_open for node in found if node.inputs)
    assert "hydrogen" not in text_of(answer.text).lower()
    nothing = page(user, calculated, "npv", "?search=xyzzy")
    assert "Nothing in it says “xyzzy”." in text_of(nothing.text)


def test_inputs_say_where_they_come_from(project: Project, user: User) -> None:
    scenario = calculate(scenario_make(project=project, user=user, inputs=SMALL), user=user)

    said = text_of(page(user, scenario, "lcop", "?all=1").text)

    assert "changed by you or your team" in said
    run = stored(scenario)
    price = run.resolved_inputs["feedstocks[0].price"]
    assert f"default: {price['source']} (confirmed by the source)" in said
    assert "Default: the method" in said


def test_series_by_year_are_shown_by_their_ends(calculated: Scenario, user: User) -> None:
    answer = page(user, calculated, "npv", "?at=unlevered_cash_flow_usd")

    node = answer.context["node"]
    table = stored(calculated).result["financials"]["cashFlowTable"]
    flows = [row["cashFlow"] for row in table]
    assert [part.value for part in node.parts] == [*flows[:3], *flows[-3:]]
    assert (node.skipped, node.count) == (len(flows) - 6, f"{len(flows)} values")
    assert [part.name for part in node.parts] == ["year 0", "year 1", "year 2", "year 18", "year 19", "year 20"]


def test_share_reads_as_percent_as_on_the_result(calculated: Scenario, user: User) -> None:
    irr = stored(calculated).irr

    answer = page(user, calculated, "irr")

    assert irr is not None
    assert answer.context["node"].parts[0].unit == "%"
    assert figures(answer.text)[0] == irr
    assert f"{told(irr, '%')[0]} %" in text_of(answer.text)


def test_undefined_number_says_why(calculated: Scenario, user: User) -> None:
    said = text_of(page(user, calculated, "blendAllowed").text)

    assert "Wanted share in the blend is not known." in said


def test_trace_of_an_earlier_run_is_of_its_own_inputs(calculated: Scenario, user: User) -> None:
    first = stored(calculated)
    calculate(calculated, user=user, inputs=SMALL)

    answer = page(user, calculated, "totalProduction", f"?run={first.pk}")

    assert figures(answer.text)[0] == first.result["technoEconomics"]["totalProduction"]
    assert f"?at=production_t_per_y&amp;run={first.pk}" in answer.text or "run=" in answer.text
    assert page(user, calculated, "npv", f"?run={NOBODYS}").status_code == 404


def test_earlier_engine_is_told_and_not_explained(calculated: Scenario, user: User) -> None:
    Calculation.objects.update(engine_version="0")

    answer = page(user, calculated, "npv")

    assert answer.status_code == 409
    assert "This result comes from engine 0" in text_of(answer.text)
    assert "<html" not in page(user, calculated, "npv", **htmx("trace-content")).text


def test_before_it_is_calculated_the_trace_leads_to_the_result(scenario: Scenario, user: User) -> None:
    answer = page(user, scenario, "npv")

    assert (answer.status_code, answer.headers["Location"]) == (302, address(scenario, "result"))


def test_unknown_result_is_not_there(calculated: Scenario, user: User) -> None:
    assert page(user, calculated, "profit").status_code == 404


def test_calculation_in_dollars_says_so_to_who_reads_another_currency(calculated: Scenario, user: User) -> None:
    client = signed_in(user)
    client.cookies["currency"] = "EUR"

    answer = client.get(address(calculated, "trace/lcop"))

    assert "The calculation is in US dollars" in text_of(answer.text)
    assert figures(answer.text)[0] == stored(calculated).result["technoEconomics"]["lcop"]


@pytest.mark.parametrize("inputs", [HEFA, {**HEFA, "finance": {"discountRate": 0}}], ids=["usual", "without interest"])
def test_what_is_put_into_a_formula_comes_to_its_value(project: Project, user: User, inputs: dict[str, Any]) -> None:
    run = stored(calculate(scenario_make(project=project, user=user, inputs=inputs), user=user))
    put_in = {}
    for kpi in EXPLAINED:
        tree = Tree(calculation_explain(calculation=run, kpi=kpi), run.resolved_inputs)
        for node in nodes(tree.everything(tree.root)):
            if node.numbers:
                put_in[node.key] = (node.numbers, node.parts[0].value)

    assert len(put_in) >= 10
    for key, (numbers, value) in put_in.items():
        python = numbers.replace(",", "").replace("×", "*").replace("^", "**")
        python = re.sub(r"([\d)])\(", r"\1*(", python)
        # As rounded for reading, to four digits each.
        assert eval(python, {"__builtins__": {}}) == pytest.approx(value, rel=5e-3, abs=1e-9), (key, numbers)  # noqa: S307
    assert ("capital_recovery_factor_per_y" in put_in) == (inputs is HEFA)


@pytest.mark.parametrize(
    ("words", "numbers", "value", "said"),
    [
        ("TCI × CRF", {"TCI": 4e8, "CRF": 0.1}, 4e7, "400,000,000 × 0.1"),
        ("n + N", {"n": 1.0, "N": 20.0}, 21.0, "1 + 20"),
        ("a - b", {"a": 1.0, "b": -2.0}, 3.0, "1 - (-2)"),
        ("price / mass", {"price": 1.0, "mass": 0.0}, 1.0, None),
        ("TCI × CRF", {"TCI": 4e8, "CRF": 0.1}, 5e7, None),
        ("the largest of TCI", {"TCI": 4e8}, 4e8, None),
        ("sum over the products", {}, 1.0, None),
        ("__import__('os')", {"os": 1.0}, 1.0, None),
        ("a^b", {"a": 1e300, "b": 1e300}, 1.0, None),
    ],
)
def test_only_arithmetic_that_is_true_is_shown(
    words: str, numbers: dict[str, float], value: float, said: str | None
) -> None:
    assert Numbers(numbers).put_into(words, value) == said


def test_name_of_an_item_is_shown_and_not_run(project: Project, user: User) -> None:
    stack = [{"incentive": "<script>alert(1)</script>", "kind": "price_premium", "amount": 5}]
    scenario = scenario_make(project=project, user=user, name="<b>Base</b>", inputs={**HEFA, "incentives": stack})
    calculate(scenario, user=user)

    for part in ("result", "trace/incentives?all=1", "history"):
        answer = signed_in(user).get(address(scenario, part))
        assert "<script>alert" not in answer.text
        assert "<b>Base" not in answer.text
        assert "<b>Base</b>" in html.unescape(answer.text)


@pytest.mark.parametrize("query", ["", "?all=1", "?search=price", "?at=tci_usd"])
def test_page_takes_as_many_queries_whatever_it_shows(
    calculated: Scenario, user: User, django_assert_num_queries: Any, query: str
) -> None:
    client = warmed(user, address(calculated, "trace/npv"))

    # The scenario with its project, the run with its user; the version of the master data for currencies.
    with django_assert_num_queries(3):
        assert client.get(address(calculated, f"trace/npv{query}")).status_code == 200
