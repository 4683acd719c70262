"""The incentive stack: what each kind pays, when, on what, and what may not stand together (method.md 29)."""

import pytest

from scenarios.engine import evaluate
from scenarios.engine.formula import Undefined
from scenarios.engine.incentive import AMOUNT_UNITS, CAPITAL_KINDS
from scenarios.engine.results import report
from tests.engine.cases import calculated, changed, check, hefa, plain_project, problems, resolved

# 500 kt/y of fuel, 320 kt of it jet; density 0.8 t/m3.
JET_T = 320_000
GALLONS = JET_T / 0.8 * 1000 / 3.785411784


def item(kind: str, amount: float = 1.0, **rest) -> dict:
    required = {"rinsPerGallon": 1.6} if kind == "rin" else {}
    return {"incentive": rest.pop("name", kind), "kind": kind, "amount": amount, **required, **rest}


def stacked(*stack: dict, **changes) -> dict:
    return hefa(**changed({"incentives": list(stack), "finance": {"operationStart": 2028}}, changes))


def paid(*stack: dict, **changes) -> list:
    """What each item pays in a full year."""
    return list(calculated(stacked(*stack, **changes))["incentive_usd_per_y"])


def intensity() -> float:
    return calculated(hefa())["carbon_intensity_g_per_mj"]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (item("per_volume", 0.25), 0.25 * GALLONS),
        (item("per_volume", 0.25, share=0.4), 0.1 * GALLONS),
        (item("mandate_certificate", {"value": 2.0, "unit": "USD/l"}), 2.0 * JET_T / 0.8 * 1000),
        (item("rin", 0.9), 0.9 * 1.6 * GALLONS),
        (item("price_premium", 120), 120 * JET_T),
        (item("price_premium", 120, product="diesel"), 120 * 75_000),
        (item("us_45q", 30), 30 * JET_T),
        (item("us_45v", 35), 35 * JET_T),
        (item("ets", 70), 70 * 3.16 * JET_T),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_what_a_kind_pays_in_a_full_year(entry, expected):
    assert paid(entry) == pytest.approx([expected], rel=1e-12)


def test_low_carbon_credits_are_counted_against_the_benchmark():
    saved_t_per_t = (89.37 - intensity()) * 43.8 / 1000
    assert paid(item("lcfs", 60, referenceIntensity=89.37)) == pytest.approx([60 * saved_t_per_t * JET_T], rel=1e-12)
    assert paid(item("lcfs", 60, referenceIntensity=1.0)) == [0.0]


def test_45z_is_paid_on_gallons_by_intensity_wages_and_feedstock():
    in_us_units = intensity() * 1.05505585262
    full = (50 - in_us_units) / 50 * GALLONS
    assert paid(item("us_45z")) == pytest.approx([full], rel=1e-12)
    assert paid(item("us_45z", wageRulesMet=False)) == pytest.approx([0.2 * full], rel=1e-12)
    assert paid(item("us_45z", northAmerican=False)) == [0.0]
    early = item("us_45z", 1.75, lastYear=2025, northAmerican=False)
    assert paid(early) == pytest.approx([1.75 * full], rel=1e-12)


def test_45z_leaves_land_use_change_out_from_2026_and_counts_it_before():
    changes = {"carbon": {"landUseChange": 10}}
    assert paid(item("us_45z"), **changes) == pytest.approx(paid(item("us_45z")), rel=1e-12)
    early = item("us_45z", lastYear=2025)
    lost = 10 * 1.05505585262 / 50 * GALLONS
    assert paid(early, **changes)[0] == pytest.approx(paid(early)[0] - lost, rel=1e-12)


def test_45z_from_2026_pays_no_more_than_its_amount_however_clean_the_fuel():
    clean = {"carbon": {"processIntensity": -60}}
    assert paid(item("us_45z"), **clean) == pytest.approx([GALLONS], rel=1e-12)
    assert paid(item("us_45z", lastYear=2025), **clean)[0] > GALLONS


def test_40b_pays_a_supplement_for_each_per_cent_above_half():
    reduction = 1 - intensity() / 89
    assert 0.5 < reduction < 1
    expected = (1.25 + min(reduction - 0.5, 0.5)) * GALLONS
    assert paid(item("us_40b", 1.25)) == pytest.approx([expected], rel=1e-12)
    assert paid(item("us_40b", 1.25), carbon={"processIntensity": 60}) == [0.0]


def test_nothing_is_paid_below_the_reduction_asked_for():
    reduction = 1 - intensity() / 94
    enough = item("price_premium", 100, minimumReduction=reduction, referenceIntensity=94)
    too_much = item("price_premium", 100, minimumReduction=reduction + 1e-6, referenceIntensity=94)
    assert paid(enough) == [100 * JET_T]
    assert paid(too_much) == [0.0]
    (told,) = report(calculated(stacked(too_much)))["financials"]["incentives"]
    assert told["note"] == f"the reduction of {reduction:.1%} is below the {reduction:.0%} asked for"


def test_an_incentive_is_paid_in_its_calendar_years_only():
    values = calculated(stacked(item("price_premium", 10, firstYear=2029, lastYear=2031)))
    (flow,) = values["incentive_by_year_usd"]
    assert flow == [0.0, *[10.0 * JET_T] * 3, *[0.0] * 16]
    assert values["incentives_by_year_usd"] == flow


def test_an_incentive_that_ends_before_operation_pays_nothing_and_says_so():
    values = calculated(stacked(item("us_40b", 1.25, firstYear=2023, lastYear=2024)))
    assert values["incentives_by_year_usd"] == [0.0] * 20
    (told,) = report(values)["financials"]["incentives"]
    assert (told["years"], told["total"]) == (0, 0.0)
    assert told["note"] == "not paid in any year of operation, 2028 to 2047"


def test_statutory_amounts_stay_and_indexed_ones_follow_inflation():
    stack = item("price_premium", 10), item("per_volume", 0.1, indexed=True)
    values = calculated(stacked(*stack, finance={"inflation": 0.02}))
    fixed, indexed = values["incentive_by_year_usd"]
    assert fixed == [10.0 * JET_T] * 20
    assert indexed == pytest.approx([0.1 * GALLONS * 1.02**year for year in range(1, 21)], rel=1e-12)


def test_start_up_pays_on_what_is_sold():
    startup = {"operating": {"startup": {"months": 6, "salesShare": 0.5}}}
    values = calculated(stacked(item("price_premium", 10), **startup))
    assert values["incentives_by_year_usd"][0] == pytest.approx(10 * JET_T * 0.75, rel=1e-12)


def test_incentives_are_taxed_income():
    without, with_it = calculated(hefa()), calculated(stacked(item("price_premium", 10)))
    tax = 0.28 * 10 * JET_T
    for year in (0, 10, 19):
        difference = with_it["unlevered_tax_by_year_usd"][year] - without["unlevered_tax_by_year_usd"][year]
        assert difference == pytest.approx(tax, rel=1e-9)


def test_a_premium_lowers_the_minimum_price_by_itself():
    before = calculated(hefa())["minimum_selling_price_usd_per_t"]
    after = calculated(stacked(item("price_premium", 130)))["minimum_selling_price_usd_per_t"]
    assert before - after == pytest.approx(130, rel=1e-9)


@pytest.mark.parametrize("allocation", ["energy", "mass", "economic"])
def test_nothing_is_gained_at_the_minimum_price_whatever_the_allocation(allocation):
    """Programmes count energy allocation; else the credit would move with the price that is sought."""
    wire = stacked(item("us_45z"), item("lcfs", 60), carbon={"allocation": allocation})
    price = calculated(wire)["minimum_selling_price_usd_per_t"]
    jet, *others = wire["products"]
    again = calculated({**wire, "products": [{**jet, "price": price}, *others]})
    assert abs(again["unlevered_npv_usd"]) <= 1e-6 * again["total_revenue_usd_per_y"]


def test_a_grant_spares_investment_is_not_taxed_and_not_depreciated():
    finance = {"constructionShares": [0.4, 0.6], "taxRate": 0.3}
    without = calculated(plain_project(finance=finance))
    granted = calculated(plain_project(finance=finance, incentives=[item("capital_grant", 50e6)]))
    saved = [
        mine - before
        for mine, before in zip(granted["unlevered_cash_flow_usd"], without["unlevered_cash_flow_usd"], strict=True)
    ]
    assert saved[:2] == pytest.approx([20e6, 30e6], rel=1e-9)
    assert saved[2:] == pytest.approx([-0.3 * 50e6 / 20] * 20, rel=1e-6)
    assert granted["fci_usd"] == without["fci_usd"]
    assert granted["lcop_usd_per_t"] == without["lcop_usd_per_t"]


def test_a_share_of_capital_is_a_grant_of_that_share():
    share = calculated(plain_project(incentives=[item("capital_grant_share", 0.3)]))
    amount = calculated(plain_project(incentives=[item("capital_grant", {"value": 120, "unit": "MUSD"})]))
    assert share["capital_grant_usd"] == pytest.approx(120e6)
    assert share["unlevered_npv_usd"] == pytest.approx(amount["unlevered_npv_usd"], rel=1e-12)


def test_the_report_lists_every_item_and_the_table_every_year():
    stack = item("price_premium", 10, lastYear=2029), item("capital_grant", 1e6), item("rin", 0.9)
    result = report(calculated(stacked(*stack)))
    premium, grant, rin = result["financials"]["incentives"]
    assert premium == {
        "incentive": "price_premium", "kind": "price_premium", "perTonne": 10.0, "fullYear": 10.0 * JET_T,
        "years": 2, "total": 20.0 * JET_T, "note": "",
    }  # fmt: skip
    assert (grant["perTonne"], grant["total"], grant["years"]) == (None, 1e6, 0)
    assert rin["years"] == 20
    assert result["technoEconomics"]["capitalGrants"] == 1e6
    building, first, *_ = result["financials"]["cashFlowTable"]
    assert (building["capitalGrants"], building["totalIncentives"]) == (1e6, 0.0)
    assert first["incentives"]["price_premium"] == 10.0 * JET_T
    assert first["totalIncentives"] == sum(first["incentives"].values())


def test_unknown_emissions_leave_undefined_only_what_counts_them():
    carbon = {"carbon": {"processIntensity": None}}
    assert calculated(stacked(item("price_premium", 10), item("ets", 70), **carbon))["unlevered_npv_usd"] > 0
    found = calculated(stacked(item("us_45z"), **carbon))["unlevered_npv_usd"]
    assert found == Undefined("carbon.processIntensity is not known")
    gone = item("us_45z", 1.75, lastYear=2025)
    assert calculated(stacked(gone, **carbon))["unlevered_npv_usd"] == calculated(hefa(**carbon))["unlevered_npv_usd"]


def test_volumes_ask_for_the_density_and_emissions_for_a_fuel():
    wire = stacked(item("per_volume", 0.1))
    wire["products"][0]["density"] = None
    assert calculated(wire)["unlevered_npv_usd"] == Undefined("products[0].density is not known")
    wire = stacked(item("lcfs", 60, product="Char"))
    char = {**wire["products"][2], "product": "Char", "liquidFuel": False, "yield": 0.01, "carbonContent": 0}
    wire["products"].append(char)
    assert calculated(wire)["unlevered_npv_usd"] == Undefined("only liquid fuels carry emissions")


FAULTS = {
    "45Z with 45Q": ([item("us_45z"), item("us_45q")], {"incentives[1]": "stacking"}),
    "45Z with 45V, whatever the shares": (
        [item("us_45v", share=0.1), item("us_45z", share=0.1)],
        {"incentives[1]": "stacking"},
    ),
    "45Z with 40B": ([item("us_45z"), item("us_40b")], {"incentives[1]": "stacking"}),
    "two of a kind": ([item("rin"), item("rin", name="again")], {"incentives[1]": "stacking"}),
    "two markets": ([item("lcfs"), item("ets")], {"incentives[1]": "stacking"}),
    "RINs and a European certificate": ([item("mandate_certificate"), item("rin")], {"incentives[1]": "stacking"}),
    "grants above the whole": (
        [item("capital_grant_share", 0.7), item("capital_grant_share", 0.4, name="again")],
        {"incentives[1].amount": "stacking"},
    ),
    "the same name": (
        [item("price_premium"), item("price_premium")],
        {"incentives[1].incentive": "duplicate"},
    ),
    "a share above one": ([item("capital_grant_share", 1.2)], {"incentives[0].amount": "consistency"}),
    "no such kind": ([item("tax_holiday")], {"incentives[0].kind": "choice"}),
    "no kind and no amount": ([{"incentive": "Mine"}], {"incentives[0].kind": "required"}),
    "no amount": ([{"incentive": "Mine", "kind": "ets"}], {"incentives[0].amount": "required"}),
    "an amount in another unit": (
        [item("rin", {"value": 1, "unit": "USD/gal"})],
        {"incentives[0].amount": "unit"},
    ),
    "a negative amount": ([item("ets", -1)], {"incentives[0].amount": "minimum"}),
    "a product that is not sold": (
        [item("price_premium", product="Kerosene")],
        {"incentives[0].product": "consistency"},
    ),
    "years the wrong way": (
        [item("price_premium", firstYear=2031, lastYear=2030)],
        {"incentives[0].last_year": "consistency"},
    ),
    "45Z over the change of 2026": (
        [item("us_45z", firstYear=2025, lastYear=2027)],
        {"incentives[0].first_year": "consistency"},
    ),
    "RINs without their number": (
        [{"incentive": "RIN", "kind": "rin", "amount": 1}],
        {"incentives[0].rins_per_gallon": "required"},
    ),
    "what means nothing for the kind": (
        [item("ets", wageRulesMet=False, rinsPerGallon=1.6), item("capital_grant", 1e6, share=0.5, lastYear=2030)],
        {
            "incentives[0].wage_rules_met": "consistency",
            "incentives[0].rins_per_gallon": "consistency",
            "incentives[1].share": "consistency",
            "incentives[1].last_year": "consistency",
        },
    ),
    "a key that is none": ([item("ets", amountt=1)], {"incentives[0].amountt": "unknown"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_may_not_be_is_refused_by_name(fault):
    stack, expected = FAULTS[fault]
    assert problems(stacked(*stack)) == expected


def test_the_refusal_says_with_what_and_why():
    (problem,) = check(stacked(item("us_45z"), item("us_45q", name="Storage")))
    assert problem.message == (
        "may not be stacked with us_45z: 26 USC 45Z(d)(4): a plant that takes 45Q or 45V takes no 45Z in the same year"
    )


ALLOWED = {
    "in turn": [item("us_40b", lastYear=2024), item("us_45z", firstYear=2026)],
    "each on its own share": [item("lcfs", share=0.5), item("ets", share=0.5)],
    "on other products": [item("rin"), item("rin", name="Diesel", product="Diesel")],
    "federal and state credits together": [item("us_45z"), item("rin"), item("lcfs")],
    "premiums as many as there are": [item("price_premium"), item("price_premium", name="again")],
}


@pytest.mark.parametrize("allowed", ALLOWED)
def test_what_may_be_stacked_is_calculated(allowed):
    values = calculated(stacked(*ALLOWED[allowed]))
    assert values["unlevered_npv_usd"] > calculated(hefa())["unlevered_npv_usd"]


def test_the_same_reduction_is_not_sold_twice():
    for kind in ("lcfs", "ets"):
        assert problems(stacked(item(kind), carbon={"carbonPrice": 50})) == {"incentives[0]": "stacking"}


def test_dated_incentives_ask_for_the_calendar_year_of_year_one():
    wire = stacked(item("price_premium", lastYear=2030), item("rin", firstYear=2029), finance={"operationStart": None})
    assert problems(wire) == {"finance.operation_start": "required"}
    assert not problems(stacked(item("price_premium"), finance={"operationStart": None}))


def test_an_incentive_for_fuel_made_elsewhere_is_refused():
    made_in = item("us_45z", madeIn="USA")
    assert not problems({**stacked(made_in), "pathway": "HEFA-SPK", "country": "USA"})
    assert problems({**stacked(made_in), "pathway": "HEFA-SPK", "country": "MYS"}) == {
        "incentives[0].made_in": "consistency"
    }


def test_no_stack_leaves_the_bits_of_every_result_alone():
    """A stack of nothing worth is as good as none."""
    none, worthless = calculated(hefa()), calculated(stacked(*(item(kind, 0) for kind in ("ets", "capital_grant"))))
    for key in ("unlevered_cash_flow_usd", "levered_cash_flow_usd", "minimum_selling_price_usd_per_t"):
        assert none[key] == worthless[key]


@pytest.mark.parametrize("kind", AMOUNT_UNITS)
def test_every_kind_is_worth_something(kind):
    """And says per tonne what it is worth, unless it is paid on capital."""
    values = calculated(stacked(item(kind, 0.9)))
    assert values["unlevered_npv_usd"] > calculated(hefa())["unlevered_npv_usd"]
    (rate,) = values["incentive_rate_usd_per_t"]
    assert isinstance(rate, Undefined) if kind in CAPITAL_KINDS else rate > 0


def test_wanted_quantities_include_the_stack():
    inputs = resolved(stacked(item("price_premium", 10))).inputs
    assert evaluate(inputs, ["incentive_usd_per_y"])["incentive_usd_per_y"] == (10.0 * JET_T,)
