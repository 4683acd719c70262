"""What must hold of any plant, whatever its numbers."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scenarios.engine import evaluate, resolve
from scenarios.engine.formula import Undefined
from scenarios.engine.variation import varied
from tests.engine.cases import KnownReferences, calculated, changed, plain_project, resolved, whole_method
from tests.engine.strategies import depreciations, floats, plants, shares

BASES = ("unlevered", "levered")


def worth_of(flows: list[float], values: dict) -> float:
    return sum(abs(flow) * factor for flow, factor in zip(flows, values["discount_factors"], strict=True))


@given(plants())
def test_nothing_is_gained_at_the_minimum_price(wire):
    inputs = resolved(wire).inputs
    values = evaluate(inputs)
    price = values["minimum_selling_price_usd_per_t"]
    if isinstance(price, Undefined):
        assert sum(values["sales_factor_by_year"]) == 0
        return
    again = evaluate(varied(inputs, {"products[0].price": price}))
    basis = values["npv_basis"]
    magnitude = worth_of(again[f"{basis}_cash_flow_usd"], again)
    assert abs(again[f"{basis}_npv_usd"]) <= 1e-6 * abs(again["total_revenue_usd_per_y"]) + 1e-9 * magnitude
    assert again["minimum_selling_price_usd_per_t"] == pytest.approx(price, rel=1e-9, abs=1e-6)


@given(plants())
def test_the_minimum_price_does_not_ask_for_the_present_one(wire):
    jet, *others = wire["products"]
    unpriced = changed(wire, {"products": [{**jet, "price": None}, *others]})
    with_price, without = calculated(wire), calculated(unpriced)
    assert without["minimum_selling_price_usd_per_t"] == with_price["minimum_selling_price_usd_per_t"]
    assert without["unlevered_npv_usd"] == Undefined("products[0].price is not known")


@given(plants(), floats(-0.5, -1e-6))
def test_a_minimum_price_is_found_below_a_rate_of_zero_too(wire, rate):
    """There a dollar of tax put off grows, and NPV may even fall with the price over a stretch."""
    wire = changed(wire, {"finance": {"discountRate": rate, "inflation": 0, "taxRate": 0.4}})
    inputs = resolved(wire).inputs
    values = evaluate(inputs)
    assume(sum(values["sales_factor_by_year"]) > 0)
    price = values["minimum_selling_price_usd_per_t"]
    again = evaluate(varied(inputs, {"products[0].price": price}))
    basis = values["npv_basis"]
    magnitude = max(worth_of(found[f"{basis}_cash_flow_usd"], found) for found in (values, again))
    assert abs(again[f"{basis}_npv_usd"]) <= 1e-11 * magnitude


def test_a_minimum_price_is_found_where_the_least_slope_only_creeps_towards_it():
    """At -50 % a dollar of the last year outweighs all before it, and the slope is a twelfth of that above 0 %."""
    finance = {
        "discountRate": -0.5, "inflation": 0, "lifetime": 27, "constructionShares": [1], "taxRate": 0.4,
        "depreciation": {"method": "macrs", "years": 3}, "basis": "levered", "salvageShare": 0,
        "debt": {"share": 0.96875, "interest": 0.15625, "term": 27, "constructionInterest": "paid"},
        "escalation": {"products": 0, "feedstock": 0, "utilities": -0.015625, "fixed": 0},
    }  # fmt: skip
    plant = {"capacity": 1e4, "utilisation": 0.3}
    capital = {"tciReference": 1e7, "workingCapitalRatio": 0}
    operating = {"indirectOpexRatio": 0, "startup": {"months": 0}}
    wire = whole_method(plant=plant, capital=capital, operating=operating, finance=finance, incentives=[])
    inputs = resolved(changed(wire, {"carbon": {"carbonPrice": 0}})).inputs
    free = {
        f"{group}[{index}].price": 0.0
        for group, count in (("feedstocks", 2), ("products", 4))
        for index in range(count)
    }
    values = evaluate(varied(inputs, free))
    price = values["minimum_selling_price_usd_per_t"]
    again = evaluate(varied(inputs, {**free, "products[0].price": price}))
    assert abs(again["levered_npv_usd"]) <= 1e-11 * worth_of(again["levered_cash_flow_usd"], again)


@given(plants())
def test_without_a_loan_the_owners_flow_is_the_projects(wire):
    values = calculated(changed(wire, {"finance": {"debt": {"share": 0.0}}}))
    for key in values:
        if key.startswith("levered_") and "irr_roots" not in key:
            assert values[key] == values[f"un{key}"], key
    np.testing.assert_array_equal(values["levered_irr_roots"], values["unlevered_irr_roots"])


@given(plants())
def test_the_loan_is_repaid_and_its_interest_is_the_rate_on_what_is_left(wire):
    values = calculated(wire)
    loan, rate = values["opening_loan_usd"], values["debt_interest_rate"]
    assert sum(values["principal_by_year_usd"]) == pytest.approx(loan, rel=1e-12)
    for interest, principal in zip(values["interest_by_year_usd"], values["principal_by_year_usd"], strict=True):
        assert interest == pytest.approx(loan * rate, rel=1e-9, abs=1e-12 * values["opening_loan_usd"])
        loan -= principal
    assert loan == pytest.approx(0, abs=1e-12 * values["opening_loan_usd"])


@pytest.mark.parametrize(("interest", "term"), [(1.0, 60), (1.0, 100), (0.3, 100), (0.0, 100)])
def test_a_long_and_dear_loan_is_repaid_too(interest, term):
    debt = {"share": 0.6, "interest": interest, "term": term}
    values = calculated(plain_project(finance={"lifetime": 100, "debt": debt}))
    assert sum(values["principal_by_year_usd"]) == pytest.approx(240e6, rel=1e-12)
    assert sum(values["interest_by_year_usd"]) == pytest.approx(values["loan_payment_usd"] * term - 240e6, abs=1)


@given(shares(1, 6), floats(0, 0.2))
def test_interest_while_building_is_due_on_what_was_drawn_before(spending, rate):
    """Paid: the owners pay it, the loan stays. Capitalised: it is added to the loan, which compounds."""
    debt = {"share": 0.5, "interest": rate, "term": 10}
    wire = plain_project(finance={"constructionShares": spending, "debt": debt})
    paid = calculated(wire)
    added = calculated(changed(wire, {"finance": {"debt": {"constructionInterest": "capitalised"}}}))
    drawn_before = [sum(spending[:year]) * 200e6 for year in range(len(spending))]
    compounded = sum(200e6 * share * (1 + rate) ** year for year, share in enumerate(reversed(spending)))
    assert paid["construction_interest_paid_usd"] == pytest.approx([rate * drawn for drawn in drawn_before], abs=1e-3)
    assert paid["opening_loan_usd"] == pytest.approx(200e6)
    assert added["construction_interest_paid_usd"] == [0.0] * len(spending)
    assert added["opening_loan_usd"] == pytest.approx(compounded)


@given(depreciations, st.integers(1, 45))
def test_all_of_fci_is_written_off_by_the_end(depreciation, lifetime):
    """Over the years, and what is left in the last one; without depreciation nothing is."""
    values = calculated(plain_project(finance={"depreciation": depreciation, "lifetime": lifetime}))
    written_off = sum(values["depreciation_by_year_usd"]) + values["closing_book_value_usd"]
    expected = 0.0 if depreciation["method"] == "none" else values["fci_usd"]
    assert written_off == pytest.approx(expected, rel=1e-12)
    assert min(values["depreciation_by_year_usd"]) >= 0
    if lifetime > max(depreciation["years"] or lifetime, 1):
        assert values["closing_book_value_usd"] == 0


@given(plants())
def test_tax_is_never_negative_unless_losses_are_refunded(wire):
    values = calculated(wire)
    for basis in BASES:
        taxes, taxable = values[f"{basis}_tax_by_year_usd"], values[f"{basis}_taxable_by_year_usd"]
        rate, rule = values["tax_rate"], values["loss_rule"]
        if rule == "refund":
            assert taxes == [rate * income for income in taxable]
        elif rule == "no_offset":
            assert taxes == [rate * max(income, 0.0) for income in taxable]
        else:
            assert min(taxes) >= 0
            assert sum(taxes) <= rate * sum(max(income, 0.0) for income in taxable) * (1 + 1e-12)
            best = max(sum(taxable[: year + 1]) for year in range(len(taxable)))
            assert sum(taxes) == pytest.approx(rate * max(best, 0.0), rel=1e-9, abs=1e-6 * values["fci_usd"])


@given(plants(), floats(-0.3, 0.5))
def test_inflation_leaves_present_value_at_a_real_rate_alone(wire, inflation):
    """Without what is not indexed: tax, loan, working capital, salvage, spending before year 0, statutory amounts."""
    simple = {
        "finance": {
            "rateBasis": "real", "taxRate": 0, "debt": {"share": 0}, "salvageShare": 0, "constructionShares": [1],
            "inflation": 0, "basis": "unlevered",
        },
        "capital": {"workingCapitalRatio": 0},
        "incentives": [
            item if item["kind"].startswith("capital") else {**item, "indexed": True} for item in wire["incentives"]
        ],
    }  # fmt: skip
    calm = calculated(changed(wire, simple))
    inflated = calculated(changed(wire, changed(simple, {"finance": {"inflation": inflation}})))
    magnitude = worth_of(inflated["unlevered_cash_flow_usd"], inflated)
    assert inflated["unlevered_npv_usd"] == pytest.approx(calm["unlevered_npv_usd"], abs=1e-10 * magnitude)


@given(plants())
def test_every_dollar_of_the_flow_is_accounted_for(wire):
    """Operating income less tax less net investment, working capital and salvage back; a loan only moves dollars."""
    values = calculated(wire)
    ends = values["working_capital_usd"] + values["salvage_usd"]
    expected = sum(values["operating_income_by_year_usd"]) - sum(values["unlevered_tax_by_year_usd"]) + ends
    expected -= values["fci_usd"] - values["capital_grant_usd"] + values["working_capital_usd"]
    scale = 1e-12 * sum(map(abs, values["unlevered_cash_flow_usd"]))
    assert sum(values["unlevered_cash_flow_usd"]) == pytest.approx(expected, abs=scale)
    tax_saved = sum(values["unlevered_tax_by_year_usd"]) - sum(values["levered_tax_by_year_usd"])
    paid = sum(values["interest_by_year_usd"]) + sum(values["construction_interest_paid_usd"])
    capitalised = values["opening_loan_usd"] - sum(values["loan_drawn_by_construction_year_usd"])
    difference = sum(values["levered_cash_flow_usd"]) - sum(values["unlevered_cash_flow_usd"])
    scale += 1e-12 * sum(map(abs, values["levered_cash_flow_usd"]))
    assert difference == pytest.approx(tax_saved - paid - capitalised, abs=scale)


@given(plants())
def test_cumulative_flow_is_zero_at_payback(wire):
    values = calculated(wire)
    first = 1 - len(values["construction_shares"])
    for basis in BASES:
        for payback, sums in (
            ("payback_years", "cumulative_usd"),
            ("discounted_payback_years", "discounted_cumulative_usd"),
        ):
            years, cumulative = values[f"{basis}_{payback}"], values[f"{basis}_{sums}"]
            if isinstance(years, Undefined):
                assert cumulative[-1] < 0
                continue
            below = [index for index, worth in enumerate(cumulative) if worth < 0]
            if not below:
                assert years == 0
                continue
            before = below[-1]
            inside = years - (first + before)
            assert 0 < inside <= 1
            rise = cumulative[before + 1] - cumulative[before]
            assert cumulative[before] + inside * rise == pytest.approx(0, abs=1e-9 * abs(cumulative[before]) + 1e-6)


@given(plants(), st.sampled_from(["actual", "corsia_default"]), st.sampled_from(["energy", "mass", "economic"]))
def test_emissions_are_the_sum_of_their_stages_and_of_the_products(wire, route, allocation):
    values = calculated(changed(wire, {"carbon": {"route": route, "allocation": allocation}}))
    energy_gj = values["fuel_lower_heating_value_mj_per_kg"] * values["production_t_per_y"]
    stages = [*values["feedstock_stage_g_per_mj"], *values["utility_stage_g_per_mj"]]
    stages += [values["process_intensity_g_per_mj"], values["transport_intensity_g_per_mj"]]
    stages += [values["land_use_change_g_per_mj"], -values["avoided_intensity_g_per_mj"]]
    if route == "corsia_default":
        stages = [values["corsia_core_g_per_mj"], values["corsia_land_use_change_g_per_mj"]]
    assert values["emissions_t_per_y"] == pytest.approx(sum(stages) * energy_gj / 1000, rel=1e-12)
    assert values["avoided_t_per_y"] == pytest.approx((89 - sum(stages)) * energy_gj / 1000, rel=1e-12)
    products = zip(values["product_t_per_y"], values["product_intensity_kg_per_t"], strict=True)
    carried = [made * intensity / 1000 for made, intensity in products if not isinstance(intensity, Undefined)]
    if carried:
        assert sum(carried) == pytest.approx(values["emissions_t_per_y"], rel=1e-12)
    else:
        assert allocation == "economic"
        assert sum(values["product_revenue_usd_per_y"][:3]) == 0


@given(plants())
def test_shares_of_the_levelised_cost_sum_to_one(wire):
    values = calculated(wire)
    if values["levelised_cost_usd_per_y"] <= 0:
        assert isinstance(values["capital_lcop_share"], Undefined)
        return
    parts = [*values["feedstock_lcop_share"], *values["utility_lcop_share"], values["other_variable_lcop_share"]]
    assert sum(parts) + values["indirect_opex_lcop_share"] + values["capital_lcop_share"] == pytest.approx(1, abs=1e-9)


@given(plants())
def test_mass_in_the_proportions_of_the_yields(wire):
    values = calculated(wire)
    fuels = zip(values["product_t_per_y"], values["product_is_liquid_fuel"], strict=True)
    assert sum(made for made, liquid in fuels if liquid) == pytest.approx(values["production_t_per_y"])
    used = zip(values["feedstock_t_per_y"], values["feedstock_yield_t_per_t"], strict=True)
    assert sum(tonnes / needed for tonnes, needed in used) == pytest.approx(values["production_t_per_y"])


@given(plants(), floats(0, 0.4))
def test_net_levelised_cost_is_the_minimum_price_of_a_plain_project(wire, rate):
    """Without tax, loan, start-up, indexing and working capital, and built in a year, both are the same annuity."""
    wire = changed(
        wire,
        {
            "plant": {"utilisation": 1},
            "capital": {"workingCapitalRatio": 0},
            "operating": {"startup": {"months": 0}},
            "carbon": {"carbonPrice": 0},
            "incentives": [],
        },
    )
    wire["finance"] = {"discountRate": rate, "lifetime": wire["finance"]["lifetime"]}
    values = calculated(wire)
    scale = values["levelised_cost_usd_per_y"] / values["priced_production_t_per_y"]
    price = values["minimum_selling_price_usd_per_t"]
    assert price == pytest.approx(values["net_lcop_usd_per_t"], rel=1e-9, abs=1e-9 * abs(scale) + 1e-6)


def kpis(wire: dict) -> dict[str, float]:
    return evaluate(resolve(wire, KnownReferences()).inputs)


@given(plants(), floats(1, 2000))
def test_a_higher_price_is_worth_more_and_moves_no_cost(wire, more):
    dearer = changed(wire, {})
    dearer["products"] = [{**item} for item in wire["products"]]
    dearer["products"][0]["price"] += more
    low, high = kpis(wire), kpis(dearer)
    assume(sum(low["sales_factor_by_year"]) > 0.1)
    for basis in BASES:
        assert high[f"{basis}_npv_usd"] > low[f"{basis}_npv_usd"]
        if not isinstance(low[f"{basis}_roi"], Undefined):
            assert high[f"{basis}_roi"] > low[f"{basis}_roi"]
    assert high["lcop_usd_per_t"] == low["lcop_usd_per_t"]
    price = low["minimum_selling_price_usd_per_t"]
    assert high["minimum_selling_price_usd_per_t"] == pytest.approx(price, rel=1e-9, abs=1e-5)


@given(plants(), floats(1.05, 3))
def test_a_dearer_plant_is_worth_less_and_asks_a_higher_price(wire, factor):
    """Whatever the tax relief, which is less than the outlay and comes later."""
    dearer = changed(wire, {"capital": {"tciReference": wire["capital"]["tciReference"] * factor}})
    low, high = kpis(wire), kpis(dearer)
    assert high["tci_usd"] > low["tci_usd"]
    assert high["lcop_usd_per_t"] > low["lcop_usd_per_t"]
    assert high["net_lcop_usd_per_t"] > low["net_lcop_usd_per_t"]
    assume(low["nominal_discount_rate"] >= 0)
    assert high["unlevered_npv_usd"] < low["unlevered_npv_usd"]


@given(plants(), floats(1.01, 1.5))
def test_more_feedstock_a_tonne_costs_more_where_it_has_a_price(wire, factor):
    # A carbon price, and credits by intensity, reward less feedstock too.
    wire = changed(wire, {"carbon": {"carbonPrice": 0}, "incentives": []})
    hungry = {**wire, "feedstocks": [{**item} for item in wire["feedstocks"]]}
    hungry["feedstocks"][0]["yield"] *= factor
    low, high = kpis(wire), kpis(hungry)
    price = wire["feedstocks"][0]["price"]
    assume(abs(price) > 1 and sum(low["variable_factor_by_year"]) > 0.1)
    assert (high["lcop_usd_per_t"] > low["lcop_usd_per_t"]) == (price > 0)
    assert (high["unlevered_npv_usd"] < low["unlevered_npv_usd"]) == (price > 0)
    assert high["feedstock_t_per_y"][0] == pytest.approx(low["feedstock_t_per_y"][0] * factor)
    assert high["carbon_efficiency"] < low["carbon_efficiency"]
    assert high["carbon_intensity_g_per_mj"] > low["carbon_intensity_g_per_mj"]


def test_first_construction_year_as_reference_only_moves_present_value_in_time():
    wire = whole_method()
    at_end, at_start = (
        calculated(changed(wire, {"finance": {"referenceYear": f"{which}_of_construction"}}))
        for which in ("end", "start")
    )
    growth = 1 + at_end["nominal_discount_rate"]
    for basis in BASES:
        assert at_start[f"{basis}_npv_usd"] * growth**2 == pytest.approx(at_end[f"{basis}_npv_usd"], rel=1e-12)
        assert at_start[f"{basis}_irr"] == at_end[f"{basis}_irr"]
    price = at_end["minimum_selling_price_usd_per_t"]
    assert at_start["minimum_selling_price_usd_per_t"] == pytest.approx(price, rel=1e-12)


def test_salvage_is_income_less_the_book_value_that_is_left():
    """MACRS over 10 years, sold in year 5: what is not yet written off then leaves taxable income."""
    finance = {"lifetime": 5, "taxRate": 0.25, "salvageShare": 0.3, "depreciation": {"method": "macrs", "years": 10}}
    values = calculated(plain_project(finance=finance))
    left = 400e6 * (1 - (0.1 + 0.18 + 0.144 + 0.1152 + 0.0922))
    assert values["closing_book_value_usd"] == pytest.approx(left)
    taxable = 105e6 - 400e6 * 0.0922 + (120e6 - left)
    assert values["unlevered_taxable_by_year_usd"][-1] == pytest.approx(taxable)


def test_start_up_and_ramp_scale_their_own_years():
    """Seven months at half sales and three quarters of variable cost in year 1; a ramp scales both."""
    startup = {"months": 19, "salesShare": 0.5, "variableShare": 0.75, "fixedShare": 0.9}
    wire = plain_project(plant={"utilisation": [0.6, 0.9]}, operating={"startup": startup})
    values = calculated(wire)
    assert values["sales_factor_by_year"][:4] == pytest.approx([0.6 * 0.5, 0.9 * (7 * 0.5 + 5) / 12, 1, 1])
    assert values["variable_factor_by_year"][:3] == pytest.approx([0.6 * 0.75, 0.9 * (7 * 0.75 + 5) / 12, 1])
    assert values["fixed_factor_by_year"][:3] == pytest.approx([0.9, (7 * 0.9 + 5) / 12, 1])


def test_prices_rise_with_inflation_and_their_own_escalation():
    escalation = {"products": 0.01, "feedstock": 0.02, "utilities": -0.01, "fixed": 0.005}
    values = calculated(plain_project(finance={"inflation": 0.03, "escalation": escalation}))
    for group, rate in escalation.items():
        index = values[f"{group}_index_by_year"]
        assert index == pytest.approx([(1.03 * (1 + rate)) ** year for year in range(1, 21)])
    assert values["nominal_discount_rate"] == pytest.approx(1.1 * 1.03 - 1)
