"""Scenarios of a project side by side on a page."""

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from config.charts import Chart
from projects.models import Project
from scenarios.models import Scenario
from tests.factories import project_make
from tests.scenarios.cases import HEFA, SMALL, calculate, scenario_make
from tests.scenarios.test_queries import scenarios_like

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue_in_memory")]

type Counter = Callable[[int], AbstractContextManager[Any]]
HTMX = {"HTTP_HX_REQUEST": "true"}
DEAR = {**HEFA, "feedstocks": [{"feedstock": "Used cooking oil", "price": 9000}], "finance": {"discountRate": 0.05}}


@pytest.fixture
def cases(project: Project, user: User) -> dict[str, Scenario]:
    """Base, a smaller plant, one whose feedstock is too dear to ever pay, and one never calculated."""
    inputs = {"base": HEFA, "small": SMALL, "dear": DEAR}
    made = {
        name: calculate(scenario_make(project=project, user=user, name=name, inputs=given), user=user)
        for name, given in inputs.items()
    }
    return {**made, "new": scenario_make(project=project, user=user, name="new")}


def address(project: Project, *scenarios: Scenario, more: str = "") -> str:
    return f"/projects/{project.pk}/comparison?scenarios={','.join(str(one.pk) for one in scenarios)}{more}"


def row(page: Any, label: str, rows: str = "kpi_rows") -> list[Any]:
    return next(found.cells for found in page.context[rows] if found.label == label)


def chart(page: Any, key: str) -> Chart:
    return next(found for found in page.context["charts"] if found.key == key)


def compared(page: Any) -> list[str]:
    return [name for _, name in page.context["columns"]]


def test_all_stand_side_by_side_until_some_are_chosen(
    browser: Client, project: Project, cases: dict[str, Scenario]
) -> None:
    everything = browser.get(f"/projects/{project.pk}/comparison")
    two = browser.get(address(project, cases["small"], cases["base"]))
    none = browser.get(address(project))

    assert compared(everything) == ["base", "small", "dear", "new"]
    assert compared(two) == ["base", "small"]
    assert compared(none) == []
    assert "Tick at least one scenario" in none.text
    assert re.findall(r'value="([0-9a-f-]{36})" checked', two.text) == [
        str(cases[name].pk) for name in ("base", "small")
    ]


def test_the_best_of_each_figure_is_marked_in_words(
    browser: Client, project: Project, cases: dict[str, Scenario]
) -> None:
    page = browser.get(f"/projects/{project.pk}/comparison")

    def best(label: str) -> list[str]:
        return [name for name, cell in zip(cases, row(page, label), strict=True) if cell.is_best]

    assert best("Total capital investment") == ["small"]
    assert best("Levelised cost (LCOP)") == ["base"]
    assert best("Net present value (NPV)") == ["base"]
    # The same everywhere: nothing to choose between.
    assert best("Carbon intensity") == []
    assert page.text.count("★ best") == 6


def test_what_has_no_value_says_why(browser: Client, project: Project, cases: dict[str, Scenario]) -> None:
    page = browser.get(f"/projects/{project.pk}/comparison")

    irr = row(page, "Internal rate of return (IRR)")
    assert [cell.value is None for cell in irr] == [False, False, True, True]
    assert irr[2].reason
    assert irr[3].reason == "Not calculated yet."


def test_differences_to_the_first_are_told_on_demand(
    browser: Client, project: Project, cases: dict[str, Scenario]
) -> None:
    chosen = (cases["base"], cases["small"])
    without = browser.get(address(project, *chosen))
    page = browser.get(address(project, *chosen, more="&differences=1"))

    base, small = (cases[name].current for name in ("base", "small"))
    tci = f"{small.tci_usd / base.tci_usd - 1:+.1%}".replace("%", " %").replace("-", "−")
    points = f"{(small.irr - base.irr) * 100:+.3g} points".replace("-", "−")
    assert [cell.difference for cell in row(page, "Total capital investment")] == ["", tci]
    assert [cell.difference for cell in row(page, "Internal rate of return (IRR)")] == ["", points]
    assert [cell.difference for cell in row(page, "Carbon intensity")] == ["", "same"]
    assert tci in page.text
    assert tci not in without.text


def test_a_difference_from_a_loss_has_the_sign_of_the_change(
    browser: Client, project: Project, cases: dict[str, Scenario]
) -> None:
    Scenario.objects.filter(pk=cases["dear"].pk).update(order=100)
    Scenario.objects.filter(pk=cases["base"].pk).update(order=101)

    page = browser.get(address(project, cases["dear"], cases["base"], more="&differences=1"))

    loss, gain = (cell.value for cell in row(page, "Net present value (NPV)"))
    assert loss < 0 < gain
    assert row(page, "Net present value (NPV)")[1].difference.startswith("+")


def test_only_inputs_that_differ_are_shown_with_unit_and_origin(
    browser: Client, project: Project, cases: dict[str, Scenario]
) -> None:
    page = browser.get(f"/projects/{project.pk}/comparison")

    labels = [found.label for found in page.context["input_rows"]]
    assert labels == ["Plant: Capacity", "Used cooking oil: Price", "Finance and tax: Discount rate"]
    capacity = row(page, "Plant: Capacity", "input_rows")
    assert [(cell.value, cell.unit, cell.origin) for cell in capacity[:3]] == [
        (500_000.0, "t/year", "default"),
        (250_000.0, "t/year", "yours"),
        (500_000.0, "t/year", "default"),
    ]
    assert capacity[3].reason == "Not calculated yet."
    rate = row(page, "Finance and tax: Discount rate", "input_rows")
    assert [(cell.value, cell.unit) for cell in rate[:3]] == [(0.1, "%"), (0.1, "%"), (0.05, "%")]
    assert all(cell.source for cell in rate[:3])


def test_items_of_a_sum_add_up_to_the_levelised_cost(
    browser: Client, project: Project, cases: dict[str, Scenario]
) -> None:
    drawn = chart(browser.get(f"/projects/{project.pk}/comparison"), "compared-lcop")

    assert drawn.categories == ["base", "small", "dear"]
    sums = [sum(one.values[index] or 0 for one in drawn.series) for index in range(3)]
    assert sums == pytest.approx([cases[name].current.lcop_usd_per_t for name in drawn.categories], rel=1e-9)


def test_flows_of_different_lives_stand_in_the_same_years(browser: Client, project: Project, user: User) -> None:
    for name, years in (("short", 10), ("long", 12)):
        scenario = scenario_make(project=project, user=user, name=name, inputs={**HEFA, "finance": {"lifetime": years}})
        calculate(scenario, user=user)

    drawn = chart(browser.get(f"/projects/{project.pk}/comparison"), "compared-flows")

    assert list(drawn.categories) == list(range(13))
    short, long = drawn.series
    assert short.values[11:] == [None, None]
    assert None not in long.values


def test_carbon_stands_against_the_fossil_comparator(
    browser: Client, project: Project, cases: dict[str, Scenario]
) -> None:
    drawn = chart(browser.get(f"/projects/{project.pk}/comparison"), "compared-carbon")

    assert [mark.at for mark in drawn.marks] == [89.0]
    assert "fossil comparator is 89" in drawn.description
    total = sum(one.values[0] or 0 for one in drawn.series)
    assert total == pytest.approx(cases["base"].current.carbon_intensity_g_per_mj, rel=1e-9)


def test_points_carry_both_units_and_are_in_the_readers_currency(
    browser: Client, project: Project, cases: dict[str, Scenario]
) -> None:
    in_dollars = chart(browser.get(f"/projects/{project.pk}/comparison"), "compared-value")
    browser.cookies["currency"] = "EUR"
    page = browser.get(f"/projects/{project.pk}/comparison")
    in_euros = chart(page, "compared-value")

    assert [one.unit for one in in_dollars.series] == ["USD/t", "USD"]
    assert [one.unit for one in in_euros.series] == ["EUR/t", "EUR"]
    assert in_dollars.series[1].values[0] == cases["base"].current.npv_usd
    ratios = {e / d for one, other in zip(in_euros.series, in_dollars.series, strict=True)
              for e, d in zip(one.values, other.values, strict=True)}  # fmt: skip
    assert max(ratios) == pytest.approx(min(ratios))
    data = json.loads(re.search(r'id="data-compared-value"[^>]*>(.*?)</script>', page.text)[1])
    assert data["kind"] == "points"
    assert data["categories"] == ["base", "small", "dear"]


def test_scenarios_of_one_name_stay_apart(browser: Client, project: Project, user: User) -> None:
    for _ in range(2):
        calculate(scenario_make(project=project, user=user, name="Same"), user=user)

    page = browser.get(f"/projects/{project.pk}/comparison")

    assert compared(page) == ["Same", "Same (2)"]
    assert len(chart(page, "compared-flows").series) == 2


def test_without_any_result_there_is_nothing_to_draw(browser: Client, project: Project, scenario: Scenario) -> None:
    page = browser.get(f"/projects/{project.pk}/comparison")

    assert page.context["charts"] == []
    assert "None of these scenarios has a result yet" in page.text


def test_an_empty_project_has_nothing_to_compare(browser: Client, project: Project) -> None:
    assert "no scenarios to compare" in browser.get(f"/projects/{project.pk}/comparison").text


def test_ticking_answers_a_fragment_whose_address_carries_the_choice(
    browser: Client, project: Project, cases: dict[str, Scenario]
) -> None:
    ticked = [str(cases[name].pk) for name in ("base", "dear")]

    fragment = browser.get(
        f"/projects/{project.pk}/comparison", {"scenarios": ["", *ticked], "differences": "1"}, **HTMX
    )
    pushed = fragment.headers["HX-Push-Url"]

    assert "<html" not in fragment.text
    assert pushed == f"/projects/{project.pk}/comparison?scenarios={','.join(ticked)}&differences=1"
    assert compared(browser.get(pushed)) == ["base", "dear"]


def test_more_than_can_be_read_are_cut_and_it_is_said(browser: Client, project: Project, calculated: Scenario) -> None:
    made = scenarios_like(calculated, 10)

    page = browser.get(address(project, *made))
    at_first = browser.get(f"/projects/{project.pk}/comparison")

    assert len(compared(page)) == len(compared(at_first)) == 8
    assert "Only the first 8" in page.text
    assert "Only the first 8" not in at_first.text


def test_scenarios_of_other_projects_take_no_part(
    browser: Client, project: Project, cases: dict[str, Scenario], other_user: User
) -> None:
    theirs = calculate(
        scenario_make(project=project_make(user=other_user), user=other_user, name="Theirs"), user=other_user
    )

    page = browser.get(address(project, cases["base"], theirs, more=",nonsense"))

    assert compared(page) == ["base"]
    assert "Theirs" not in page.text
    assert browser.get(f"/projects/{theirs.project_id}/comparison").status_code == 404


def test_viewers_compare_as_well(project: Project, cases: dict[str, Scenario], viewer: User) -> None:
    client = Client()
    client.force_login(viewer)

    assert len(compared(client.get(f"/projects/{project.pk}/comparison"))) == 4


@pytest.mark.parametrize("size", [1, 8])
def test_a_comparison_takes_the_same_queries_whatever_its_size(
    browser: Client, project: Project, calculated: Scenario, django_assert_num_queries: Counter, size: int
) -> None:
    scenarios_like(calculated, size)
    browser.get(f"/projects/{project.pk}/comparison")

    # User, project, names of its scenarios, those compared with their results, master data version for currencies.
    with django_assert_num_queries(5):
        assert len(compared(browser.get(f"/projects/{project.pk}/comparison"))) == size
