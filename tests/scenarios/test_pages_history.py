"""The runs of a scenario as a page: how each ended, what is waited for, the difference of two."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from scenarios.choices import RunState, ScenarioStatus
from scenarios.models import Calculation, Scenario
from scenarios.pages.history import PAGE_SIZE, _duration
from tests.fixtures import signed_in
from tests.scenarios.cases import HEFA, SMALL, calculate, scenario_make, state_of
from tests.scenarios.pages import NOBODYS, address, figures, htmx, stored, text_of, warmed
from tests.scenarios.runs import start, work
from tests.scenarios.test_queries import calculations_like

pytestmark = pytest.mark.django_db


def page(user: User, scenario: Scenario, query: str = "", **options: Any) -> Any:
    return signed_in(user).get(address(scenario, f"history{query}"), **options)


@pytest.fixture
def runs(calculated: Scenario, user: User) -> Iterator[tuple[Calculation, Calculation]]:
    """A run of the whole plant, then one of half of it."""
    first = stored(calculated)
    calculate(calculated, user=user, inputs=SMALL)
    return first, stored(calculated)


def test_runs_are_told_the_newest_first_with_their_figures(
    runs: tuple[Calculation, Calculation], calculated: Scenario, user: User
) -> None:
    answer = page(user, calculated)

    assert [line.run.pk for line in answer.context["lines"]] == [runs[1].pk, runs[0].pk]
    shown = figures(answer.text)
    expected = [
        value
        for run in reversed(runs)
        for value in (
            run.npv_usd,
            run.irr,
            run.lcop_usd_per_t,
            run.minimum_selling_price_usd_per_t,
            run.carbon_intensity_g_per_mj,
        )
    ]
    assert shown == expected
    assert user.display_name in text_of(answer.text)


@pytest.mark.parametrize(
    ("state", "word"), [(RunState.FAILED, "refused"), (RunState.ERRORED, "broke"), (RunState.CANCELLED, "cancelled")]
)
def test_run_without_a_result_says_what_became_of_it(
    scenario: Scenario, user: User, state: RunState, word: str
) -> None:
    run = start(scenario, user=user)
    Calculation.objects.filter(pk=run.pk).update(state=state, message="It says no.", finished_at=Now(), attempt=2)
    Scenario.objects.filter(pk=scenario.pk).update(status=ScenarioStatus.DRAFT)

    said = text_of(page(user, scenario).text)

    assert f"{word}, attempt 2 It says no." in said
    assert "Show what changed" not in said


def test_waiting_run_says_why_and_the_list_asks_again(scenario: Scenario, user: User) -> None:
    start(scenario, user=user)

    waiting, part = page(user, scenario), page(user, scenario, **htmx("runs"))
    work()
    done = page(user, scenario, **htmx("runs"))

    for answer in (waiting, part):
        assert "No worker is running: your run waits and is kept." in text_of(answer.text)
        assert 'hx-trigger="every 2s"' in answer.text
    assert "<html" not in part.text
    assert "every 2s" not in done.text
    assert "calculated" in text_of(done.text)


def test_waiting_run_can_be_cancelled(scenario: Scenario, user: User) -> None:
    run = start(scenario, user=user)
    client = signed_in(user)

    answer = client.post(address(scenario, "history"), {"cancel": run.pk}, follow=True)

    assert answer.redirect_chain == [(address(scenario, "history"), 302)]
    assert "The calculation is cancelled." in text_of(answer.text)
    assert Calculation.objects.get(pk=run.pk).state == RunState.CANCELLED
    again = client.post(address(scenario, "history"), {"cancel": run.pk}, follow=True)
    assert "There was nothing left to cancel: the run has cancelled." in text_of(again.text)


def test_viewer_sees_no_cancel_and_may_not_send_it(scenario: Scenario, user: User, viewer: User) -> None:
    run = start(scenario, user=user)
    before = state_of(scenario)

    assert "Cancel</button>" in page(user, scenario).text
    assert "Cancel</button>" not in page(viewer, scenario).text
    assert signed_in(viewer).post(address(scenario, "history"), {"cancel": run.pk}).status_code == 403
    assert state_of(scenario) == before


@pytest.mark.parametrize("key", ["", "abc", NOBODYS])
def test_nothing_else_can_be_cancelled_there(calculated: Scenario, user: User, other_user: User, key: object) -> None:
    other = scenario_make(project=calculated.project, user=user, name="Other")
    run = start(other, user=user)
    before = state_of(other)

    assert signed_in(user).post(address(calculated, "history"), {"cancel": key}).status_code == 404
    assert signed_in(user).post(address(calculated, "history"), {"cancel": run.pk}).status_code == 404
    assert signed_in(other_user).post(address(other, "history"), {"cancel": run.pk}).status_code == 404
    assert state_of(other) == before


def test_difference_names_the_inputs_and_results_that_changed(
    runs: tuple[Calculation, Calculation], calculated: Scenario, user: User
) -> None:
    first, second = runs

    answer = page(user, calculated, f"?before={first.pk}&after={second.pk}")

    (capacity,) = answer.context["changed_inputs"]
    assert (capacity.name, capacity.unit, capacity.before, capacity.after) == ("Capacity", "t/year", 5e5, 2.5e5)
    told = {row.kpi.name: row for row in answer.context["changed_figures"]}
    npv = told["Net present value"]
    assert (npv.before.value, npv.after.value) == (first.npv_usd, second.npv_usd)
    assert npv.change == second.npv_usd - first.npv_usd
    assert npv.share == pytest.approx(npv.change / abs(first.npv_usd))
    assert told["Carbon intensity"].change == 0
    said = text_of(answer.text)
    assert "Capacity 500,000 t/year 250,000 t/year" in said
    assert "the same" in said


def test_difference_of_lists_and_choices_is_told_in_words(calculated: Scenario, user: User) -> None:
    first = stored(calculated)
    two = [{"feedstock": "Used cooking oil", "share": 0.6}, {"feedstock": "Tallow", "share": 0.4}]
    finance = {"rateBasis": "nominal", "operationStart": 2027}
    calculate(calculated, user=user, inputs={**HEFA, "feedstocks": two, "finance": finance})

    answer = page(user, calculated, f"?before={first.pk}&after={stored(calculated).pk}")

    rows = {row.name: (row.words_before, row.words_after) for row in answer.context["changed_inputs"]}
    assert rows["Tallow: feedstock"] == ("not part of it", "Tallow")
    assert rows["The rate is"] == ("Real", "Nominal")
    assert rows["First year of operation"] == ("not known", "2027")
    (share,) = (row for row in answer.context["changed_inputs"] if row.name == "Used cooking oil: share of the fuel")
    assert (share.before, share.after) == (1.0, 0.6)


def test_same_run_twice_differs_in_nothing(
    runs: tuple[Calculation, Calculation], calculated: Scenario, user: User
) -> None:
    said = text_of(page(user, calculated, f"?before={runs[0].pk}&after={runs[0].pk}").text)

    assert "All inputs are the same." in said


def test_run_without_a_result_can_still_be_compared(
    runs: tuple[Calculation, Calculation], calculated: Scenario, user: User
) -> None:
    Calculation.objects.filter(pk=runs[0].pk).update(state=RunState.ERRORED, result=None, npv_usd=None)

    answer = page(user, calculated, f"?before={runs[0].pk}&after={runs[1].pk}")

    assert answer.status_code == 200
    assert all(row.before.reason == "This run has no result." for row in answer.context["changed_figures"])
    assert len(answer.context["changed_inputs"]) == 1


@pytest.mark.parametrize("key", ["abc", "", NOBODYS])
def test_difference_to_what_is_not_of_the_scenario_is_not_there(calculated: Scenario, user: User, key: object) -> None:
    own = stored(calculated).pk
    other = calculate(scenario_make(project=calculated.project, user=user, name="Other"), user=user).current_id

    for before, after in ((own, key), (key, own), (own, other)):
        assert page(user, calculated, f"?before={before}&after={after}").status_code == 404


def test_runs_come_in_pages(calculated: Scenario, user: User) -> None:
    calculations_like(calculated, PAGE_SIZE + 3)

    first, second = page(user, calculated), page(user, calculated, "?page=2")

    assert (len(first.context["lines"]), len(second.context["lines"])) == (PAGE_SIZE, 3)
    shown = [line.run.pk for answer in (first, second) for line in answer.context["lines"]]
    assert shown == list(Calculation.objects.order_by("-queued_at").values_list("pk", flat=True))
    assert "Page 1 of 2" in text_of(first.text)
    assert page(user, calculated, "?page=nonsense").context["page"].number == 1
    assert page(user, calculated, "?page=99").context["page"].number == 2


def test_scenario_without_runs_says_so(scenario: Scenario, user: User) -> None:
    assert "This scenario has not been calculated yet." in text_of(page(user, scenario).text)


@pytest.mark.parametrize(
    ("took", "said"), [(0.0204, "20 ms"), (1.26, "1.3 s"), (125, "2 min 5 s"), (-1, "0 ms"), (None, "–")]
)
def test_duration_is_told_in_words(took: float | None, said: str) -> None:
    now = timezone.now()
    finished = None if took is None else now + timedelta(seconds=took)

    assert _duration(Calculation(started_at=now, finished_at=finished)) == said


@pytest.mark.parametrize("runs_made", [2, 15])
def test_page_takes_as_many_queries_however_many_runs_there_are(
    calculated: Scenario, user: User, django_assert_num_queries: Any, runs_made: int
) -> None:
    calculations_like(calculated, runs_made)
    before, after = Calculation.objects.values_list("pk", flat=True)[:2]
    client = warmed(user, address(calculated, "history"))

    # The scenario with its project, the number of runs, the runs; the version of the master data.
    with django_assert_num_queries(4):
        client.get(address(calculated, "history"))
    # And the two that are compared.
    with django_assert_num_queries(5):
        client.get(address(calculated, f"history?before={before}&after={after}"))
