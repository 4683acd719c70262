"""The editor of a scenario: what is typed is kept, shown, judged and calculated."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from projects.models import Project
from scenarios.models import Calculation, Scenario
from tests.fixtures import signed_in
from tests.scenarios.cases import HEFA, SMALL, calculate, scenario_make, state_of
from tests.scenarios.forms import controls, inputs_of, send, states, text_of

pytestmark = pytest.mark.django_db

SAVEPOINT = 2
OIL = {"feedstock": "Used cooking oil"}


@pytest.fixture
def page(user: User) -> Client:
    return signed_in(user)


def address(scenario: Scenario) -> str:
    return f"/scenarios/{scenario.pk}"


def test_defaults_stand_beside_their_fields_with_source_and_confidence(page: Client, scenario: Scenario) -> None:
    response = page.get(address(scenario))

    assert response.status_code == 200
    assert "Default 500,000 t/year, confirmed: miniTEA specification workbook" in text_of(response)
    assert controls(response)["plant.capacity"] == ""


@pytest.mark.parametrize(
    ("path", "text", "held"),
    [
        ("plant.capacity", "250,000", {"plant": {"capacity": 250_000}}),
        ("plant.capacity", "1e5", {"plant": {"capacity": 100_000}}),
        ("capital.locationFactor", "1.15", {"capital": {"locationFactor": 1.15}}),
        ("finance.discountRate", "12.3", {"finance": {"discountRate": 0.123}}),
        ("finance.escalation.products", "\u22121.5", {"finance": {"escalation": {"products": -0.015}}}),
        ("operating.indirectOpexRatio", "4", {"operating": {"indirectOpexRatio": 0.04}}),
        ("plant.utilisation", "90", {"plant": {"utilisation": 0.9}}),
        ("plant.utilisation", "50, 75, 100", {"plant": {"utilisation": [0.5, 0.75, 1]}}),
        ("finance.constructionShares", "30 70", {"finance": {"constructionShares": [0.3, 0.7]}}),
        ("finance.lifetime", "25", {"finance": {"lifetime": 25}}),
        ("capital.costYear", "2022", {"capital": {"costYear": 2022}}),
        ("finance.depreciation.method", "macrs", {"finance": {"depreciation": {"method": "macrs"}}}),
        ("finance.pricedProduct", "Naphtha", {"finance": {"pricedProduct": "Naphtha"}}),
        ("feedstocks[0].price", "-20", {"feedstocks": [{**OIL, "price": -20}]}),
        ("feedstocks[0].corsiaRow", "lard fat", {"feedstocks": [{**OIL, "corsiaRow": "lard fat"}]}),
    ],
)  # fmt: skip
def test_what_is_typed_is_held_and_shown_again(
    page: Client, scenario: Scenario, path: str, text: str, held: dict[str, Any]
) -> None:
    answer = send(page, scenario, **{path: text})

    assert (answer.status_code, inputs_of(scenario)) == (200, {**HEFA, **held})
    assert states(answer)[path]["changed"]
    shown = controls(page.get(address(scenario)))
    send(page, scenario, **shown)
    assert inputs_of(scenario) == {**HEFA, **held}


def test_a_flag_of_an_item_is_held(page: Client, scenario: Scenario) -> None:
    shown = page.get(address(scenario))
    path = next(name for name in controls(shown) if name.endswith(".liquidFuel"))

    send(page, scenario, **{path: "no"})

    assert any(product.get("liquidFuel") is False for product in inputs_of(scenario)["products"])


def test_a_number_keeps_the_unit_it_was_typed_in(page: Client, scenario: Scenario) -> None:
    send(page, scenario, **{"plant.capacity": "250", "plant.capacity:unit": "kt/year"})

    assert inputs_of(scenario)["plant"] == {"capacity": {"value": 250, "unit": "kt/year"}}
    shown = controls(page.get(address(scenario)))
    assert (shown["plant.capacity"], shown["plant.capacity:unit"]) == ("250", "kt/year")


def test_another_unit_of_an_empty_field_shows_the_default_in_it(page: Client, scenario: Scenario) -> None:
    before = state_of(scenario)

    answer = send(page, scenario, **{"plant.capacity": "", "plant.capacity:unit": "kt/year"})

    state = states(answer)["plant.capacity"]
    assert (state["default"], state["unit"]) == ("500", "kt/year")
    assert state_of(scenario) == before


def test_a_unit_that_is_not_offered_stays(page: Client, project: Project, user: User) -> None:
    inputs = {
        **HEFA,
        "plant": {"capacity": {"value": 400, "unit": "ktpa"}},
        "finance": {"taxRate": {"value": 24, "unit": "%"}},
    }
    scenario = scenario_make(project=project, user=user, inputs=inputs)

    shown = controls(page.get(address(scenario)))

    assert (shown["plant.capacity"], shown["plant.capacity:unit"]) == ("400", "ktpa")
    assert shown["finance.taxRate"] == "24"
    before = state_of(scenario)
    send(page, scenario, **shown)
    assert state_of(scenario) == before


def test_every_fault_is_told_at_its_field_and_the_rest_is_saved(page: Client, scenario: Scenario) -> None:
    answer = send(
        page, scenario,
        **{"plant.capacity": "many", "plant.loadHours": "9000", "finance.taxRate": "120", "finance.inflation": "2",
           "finance.discountRate": "8,5"},
    )  # fmt: skip

    assert inputs_of(scenario) == {**HEFA, "finance": {"inflation": 0.02}}
    told = {path: state["problem"] for path, state in states(answer).items() if "problem" in state}
    assert told == {
        "plant.capacity": "Must be a number, such as 1250 or 0.85.",
        "plant.loadHours": "Must be at most 8,784 h/year, not 9,000.",
        "finance.taxRate": "Must be at least 0, below 100 %.",
        "finance.discountRate": "Write decimals with a point: 8.5.",
    }


def test_what_does_not_add_up_yet_is_saved_and_told(page: Client, scenario: Scenario) -> None:
    answer = send(page, scenario, **{"finance.constructionShares": "30, 60"})

    assert inputs_of(scenario)["finance"] == {"constructionShares": [0.3, 0.6]}
    assert "sum to 0.9" in states(answer)["finance.constructionShares"]["problem"]
    assert 'href="#f-finance.constructionShares"' in answer.content.decode()
    assert "No figures yet" in text_of(answer)


def test_an_own_value_goes_back_to_the_default(page: Client, scenario: Scenario) -> None:
    send(page, scenario, **{"plant.capacity": "1", "plant.loadHours": "7000", "feedstocks[0].price": "1"})

    send(page, scenario, action="revert:feedstocks[0].price")
    send(page, scenario, action="revert:plant.capacity")

    assert inputs_of(scenario) == {**HEFA, "plant": {"loadHours": 7000}}


@pytest.mark.parametrize("group", ["plant", "feedstocks", "finance"])
def test_a_group_goes_back_to_its_defaults(page: Client, scenario: Scenario, group: str) -> None:
    own = {"plant.capacity": "1", "feedstocks[0].price": "1", "finance.debt.share": "50", "finance.taxRate": "9"}
    send(page, scenario, **own)

    answer = send(page, scenario, action=f"revert:{group}")

    assert group not in inputs_of(scenario)
    assert len(inputs_of(scenario)) == len(HEFA) + 2
    assert answer.headers["HX-Retarget"] == "#workspace"


def test_items_come_and_go_and_the_sums_stay(page: Client, scenario: Scenario) -> None:
    send(page, scenario, action="add:feedstocks", **{"new.feedstocks": "Tallow"})
    added = inputs_of(scenario)["feedstocks"]
    answer = send(page, scenario, **{"feedstocks[0].share": "60", "feedstocks[1].share": "40"})
    shared = inputs_of(scenario)["feedstocks"]
    send(page, scenario, action="remove:feedstocks[1]")

    assert added == [{"feedstock": "Used cooking oil"}, {"feedstock": "Tallow", "share": 0}]
    assert [row["share"] for row in shared] == [0.6, 0.4]
    assert not any("problem" in state for state in states(answer).values())
    assert inputs_of(scenario) == HEFA


def test_an_incentive_of_ones_own_is_added(page: Client, scenario: Scenario) -> None:
    send(page, scenario, action="add:incentives", **{"new.incentives.own": "County grant"})
    send(page, scenario, **{"incentives[0].kind": "capital_grant_share"})
    send(page, scenario, **{"incentives[0].amount": "15"})

    assert inputs_of(scenario)["incentives"] == [
        {"incentive": "County grant", "kind": "capital_grant_share", "amount": 0.15}
    ]
    assert Calculation.objects.count() == 0
    assert "No figures yet" not in text_of(page.get(address(scenario)))


def test_an_amount_is_asked_for_anew_where_another_kind_counts_in_something_else(
    page: Client, scenario: Scenario
) -> None:
    send(page, scenario, action="add:incentives", **{"new.incentives.own": "County support"})
    send(page, scenario, **{"incentives[0].kind": "us_45z"})
    send(page, scenario, **{"incentives[0].amount": "1.75"})

    send(page, scenario, **{"incentives[0].kind": "us_40b"})
    of_the_same_unit = inputs_of(scenario)["incentives"][0]
    answer = send(page, scenario, **{"incentives[0].kind": "lcfs"})

    assert of_the_same_unit["amount"] == 1.75
    assert inputs_of(scenario)["incentives"] == [{"incentive": "County support", "kind": "lcfs"}]
    assert controls(answer)["incentives[0].amount"] == ""
    assert "1.75 USD/gal" in answer.headers["HX-Trigger"]
    assert "Incentives: Amount" in text_of(answer)


def test_an_amount_typed_beside_the_old_kind_is_not_taken_for_the_new_one(page: Client, scenario: Scenario) -> None:
    send(page, scenario, action="add:incentives", **{"new.incentives.own": "County support"})
    send(page, scenario, **{"incentives[0].kind": "us_45z"})

    send(page, scenario, **{"incentives[0].kind": "capital_grant", "incentives[0].amount": "1.75"})

    assert inputs_of(scenario)["incentives"] == [{"incentive": "County support", "kind": "capital_grant"}]


def test_another_pathway_is_announced_before_it_is_chosen(page: Client, scenario: Scenario) -> None:
    send(page, scenario, **{"finance.taxRate": "10", "utilities[0].price": "1234"})
    before = state_of(scenario)

    answer = send(page, scenario, pathway="FT-SPK")

    told = text_of(answer)
    assert "Pathway: FT-SPK" in told
    assert "defaults change" in told
    assert state_of(scenario) == before
    send(page, scenario, action="choose", pathway="FT-SPK")
    after = inputs_of(scenario)
    assert (after["pathway"], after["finance"]) == ("FT-SPK", {"taxRate": 0.1})
    assert "feedstocks" not in after


def test_a_choice_that_is_not_made_leaves_everything(page: Client, scenario: Scenario) -> None:
    before = state_of(scenario)

    answer = send(page, scenario, action="keep", pathway="FT-SPK")

    assert state_of(scenario) == before
    assert controls(answer)["pathway"] == "HEFA-SPK"


def test_a_new_scenario_is_begun_by_its_choices(page: Client, project: Project, user: User) -> None:
    scenario = scenario_make(project=project, user=user, inputs={})

    first = send(page, scenario, pathway="HEFA-SPK")
    second = send(page, scenario, country="MYS")

    assert "together with the pathway" in text_of(first)
    assert inputs_of(scenario) == HEFA
    assert "Levelised cost" in text_of(second)


def test_inputs_of_before_are_brought_back_whole(page: Client, scenario: Scenario) -> None:
    send(page, scenario, **{"plant.capacity": "250", "plant.capacity:unit": "kt/year"})

    answer = send(page, scenario, action="restore", restore='{"pathway": "HEFA-SPK", "country": "USA"}')

    assert inputs_of(scenario) == {"pathway": "HEFA-SPK", "country": "USA"}
    assert controls(answer)["plant.capacity"] == ""


@pytest.mark.parametrize("base", ["", "no json", "[1]"])
def test_a_form_without_what_it_was_made_from_changes_nothing(page: Client, scenario: Scenario, base: str) -> None:
    before = state_of(scenario)

    answer = page.post(
        address(scenario), {"base": base, "plant.capacity": "1"}, headers={"hx-request": "true"}
    )  # fmt: skip

    assert answer.status_code == 400
    assert state_of(scenario) == before


def test_a_form_is_sent_without_scripts_too(page: Client, scenario: Scenario) -> None:
    saved = send(page, scenario, is_plain=True, **{"plant.capacity": "300000"})
    refused = send(page, scenario, is_plain=True, **{"plant.loadHours": "all"})

    assert (saved.status_code, saved.headers["Location"]) == (302, address(scenario))
    assert inputs_of(scenario)["plant"] == {"capacity": 300_000}
    assert refused.status_code == 400
    assert controls(refused)["plant.loadHours"] == "all"
    assert "Must be a number" in text_of(refused)


def test_viewers_read_and_change_nothing(scenario: Scenario, viewer: User) -> None:
    page = signed_in(viewer)
    before = state_of(scenario)

    shown = page.get(address(scenario))

    assert shown.status_code == 200
    assert '<fieldset class="all" disabled>' in shown.content.decode()
    for word in ('value="calculate"', 'value="revert:', "Duplicate", "Delete", 'id="name"'):
        assert word not in shown.content.decode()
    for action in ("save", "calculate", "cancel", "revert:plant"):
        assert send(page, scenario, action=action, **{"plant.capacity": "1"}).status_code == 403
    for part in ("name", "copy"):
        assert page.post(f"{address(scenario)}/{part}", {"name": "x", "was": scenario.name}).status_code == 403
    assert state_of(scenario) == before


def test_strangers_find_nothing_and_the_unknown_are_asked_who_they_are(scenario: Scenario, other_user: User) -> None:
    stranger = signed_in(other_user)

    assert stranger.get(address(scenario)).status_code == 404
    assert send(stranger, scenario, **{"plant.capacity": "1"}).status_code == 404
    assert stranger.get(f"{address(scenario)}/run").status_code == 404
    assert Client(headers={"host": "localhost"}).get(address(scenario)).status_code == 302
    assert inputs_of(scenario) == HEFA


def test_a_scenario_is_renamed_unless_somebody_did_meanwhile(page: Client, scenario: Scenario) -> None:
    url, htmx = f"{address(scenario)}/name", {"hx-request": "true"}

    renamed = page.post(url, {"name": "Large", "was": "Base"}, headers=htmx)
    stale = page.post(url, {"name": "Small", "was": "Base"}, headers=htmx)
    nameless = page.post(url, {"name": " ", "was": "Large"}, headers=htmx)

    assert (renamed.status_code, stale.status_code, nameless.status_code) == (200, 400, 400)
    assert "It is called Large meanwhile" in text_of(stale)
    assert Scenario.objects.get(pk=scenario.pk).name == "Large"


def test_a_scenario_is_copied(page: Client, calculated: Scenario) -> None:
    copied = page.post(f"{address(calculated)}/copy")

    copy = Scenario.objects.get(project=calculated.project_id, order=1)
    assert (copy.name, copy.inputs) == ("Base (copy)", calculated.inputs)
    assert copied.headers["Location"] == f"/scenarios/{copy.pk}"


def more_runs(scenario: Scenario, user: User, count: int) -> None:
    for number in range(count):
        calculate(scenario, user=user, inputs={**SMALL, "finance": {"lifetime": 20 + number}})


@pytest.mark.parametrize("runs", [1, 8])
def test_opening_takes_as_many_queries_whatever_was_calculated(
    page: Client, scenario: Scenario, user: User, runs: int, django_assert_num_queries: Any
) -> None:
    more_runs(scenario, user, runs)
    page.get(address(scenario))
    page.get(address(scenario))

    # The scenario; the version of the master data for defaults, form and currency; the last result; the last run.
    with django_assert_num_queries(6):
        page.get(address(scenario))


@pytest.mark.parametrize("runs", [1, 8])
def test_saving_takes_as_many_queries_whatever_was_calculated(
    page: Client, scenario: Scenario, user: User, runs: int, django_assert_num_queries: Any
) -> None:
    more_runs(scenario, user, runs)
    page.get(address(scenario))
    page.get(address(scenario))
    base = inputs_of(scenario)

    # The locked row, master data version, the same inputs' result, row and audit written together; then as for opening.
    with django_assert_num_queries(4 + 6 + SAVEPOINT):
        send(page, scenario, base=base, **{"plant.capacity": "300000", "plant.capacity:unit": ""})
