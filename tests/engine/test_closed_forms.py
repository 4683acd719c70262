"""Single formulas against values from exact fractions (oracles/closed_forms.json)."""

from fractions import Fraction
from typing import Any

import pytest

from scenarios.engine import units
from scenarios.engine.formulas import capital, carbon, incentives, operating, returns
from scenarios.engine.model import GRAPH
from tests.engine.cases import calculated, changed, hefa, oracle, plain_project

FORMS = oracle("closed_forms")
CONSTANTS = {key: constant.value for key, constant in GRAPH.constants.items()}

# Chemical Engineering Plant Cost Index of the years the oracle names (annual averages, as in the master data).
CEPCI = {2007: 525.4, 2011: 585.7, 2019: 607.5, 2021: 708.8, 2022: 816.0, 2023: 797.9}


def credit_45z(row: dict[str, Any]) -> tuple[float, float]:
    """Emissions factor and credit of an oracle row, USD/gal."""
    is_early, ceiling = "2025" in row["case"], CONSTANTS["us45z_ceiling_kg_per_mmbtu"]
    factor = incentives.us_45z_factor(float(row["kg_per_mmbtu"]), ceiling, is_floored=not is_early)
    wages = 1.0 if "PWA met" in row["case"] else CONSTANTS["us45z_share_without_wage_rules"]
    return factor, (1.75 if is_early else 1.0) * factor * wages


def credit_40b(row: dict[str, Any]) -> float:
    """Credit of an oracle row, USD/gal."""
    return incentives.us_40b_rate(
        1.25,
        row["reduction_pct"] / 100,
        threshold=CONSTANTS["us40b_minimum_reduction"],
        per_reduction=CONSTANTS["us40b_supplement_usd_per_gal"],
        cap=CONSTANTS["us40b_cap_usd_per_gal"],
    )


def abatement_cost(row: dict[str, Any]) -> float:
    """The oracle's fuels hold 33.308 MJ/l (SAF) and 43.15 MJ/kg x 0.802 kg/l (jet), which its value implies."""
    lower_heating_value, density = 44.0, float(row["energy_mj_per_l"]) / 44.0
    return returns.abatement_cost_usd_per_t(
        minimum_selling_price_usd_per_t=row["msp_usd_per_l"] / density * 1000,
        product_lower_heating_value_mj_per_kg=(lower_heating_value,),
        priced_index=0,
        fossil_jet_price_usd_per_t=row["jet_usd_per_l"] / 0.802 * 1000,
        fossil_jet_lower_heating_value_mj_per_kg=CONSTANTS["fossil_jet_lower_heating_value_mj_per_kg"],
        fossil_comparator_g_per_mj=float(row["ci_jet"]),
        priced_intensity_g_per_mj=row["ci_saf"],
        kg_per_t=1000.0,
        g_per_t=1e6,
    )


def loan_project() -> dict[str, Any]:
    """Case B03 of projects.json with a loan of 60 %; the oracle's flows imply 8 % over 10 level payments.

    Year 1 of the flow without a loan less that with it, 94,953,600 - 63,218,522.71, is payment - 21 % of the interest:
    35,767,077.29 - 0.21 x 19,200,000.
    """
    depreciation = {"method": "macrs", "years": 7}
    debt = {"share": 0.6, "interest": 0.08, "term": 10}
    return changed(plain_project(), {"finance": {"taxRate": 0.21, "depreciation": depreciation, "debt": debt}})


def near(number: str | float):
    return pytest.approx(float(number), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("row", FORMS["crf"], ids=lambda row: f"{row['rate']} over {row['years']}")
def test_capital_recovery_factor(row):
    found = operating.capital_recovery_factor_per_y(float(Fraction(row["rate"])), row["years"], 1.0)
    assert found == near(row["crf"])


@pytest.mark.parametrize("rate", [1e-15, 1e-9, 1e-6])
def test_capital_recovery_factor_keeps_its_digits_near_a_rate_of_zero(rate):
    exact = Fraction(rate) * (1 + Fraction(rate)) ** 20 / ((1 + Fraction(rate)) ** 20 - 1)
    assert operating.capital_recovery_factor_per_y(rate, 20, 1.0) == near(float(exact))


@pytest.mark.parametrize("row", FORMS["scaling"], ids=lambda row: f"{row['s']} by {row['n']}")
def test_investment_scales_with_capacity(row):
    found = capital.tci_usd(row["c0"], row["s"], row["s0"], float(row["n"]), 1.0, 1.0, 0.0, 1.0)
    assert found == near(row["c"])


@pytest.mark.parametrize("row", FORMS["cepci"], ids=lambda row: f"{row['year_from']} to {row['year_to']}")
def test_investment_moves_between_years_with_the_cost_index(row):
    ratio = capital.cost_index_ratio(CEPCI[row["year_to"]], CEPCI[row["year_from"]])
    assert row["cost"] * ratio == near(row["cost_to"])


@pytest.mark.parametrize("row", FORMS["corsia"]["rows"], ids=lambda row: row["fuel"])
def test_corsia_reduction_and_eligibility(row):
    baseline, minimum = CONSTANTS["corsia_baseline_g_per_mj"], CONSTANTS["corsia_minimum_reduction"]
    value = carbon.corsia_default_g_per_mj(float(row["core"]), float(row["iluc"]))
    conversion = CONSTANTS["corsia_fuel_conversion_tco2_per_t"]
    assert value == near(row["lcef"])
    assert 100 * carbon.reduction(value, baseline) == near(row["reduction_pct"])
    assert carbon.corsia_eligible(value, baseline, minimum) is row["eligible_10pct"]
    reduced = carbon.corsia_reduction_t_per_y(conversion, 1.0, value, baseline)
    assert reduced == near(row["corsia_emissions_reduction_tco2_per_t_fuel"])


@pytest.mark.parametrize(("value", "eligible"), [(80.0, True), (80.1, True), (80.11, False), (89.0, False)])
def test_corsia_asks_for_ten_percent_and_takes_exactly_ten(value, eligible):
    assert carbon.corsia_eligible(value, 89.0, 0.1) is eligible


@pytest.mark.parametrize(("value", "eligible"), [(32.8, True), (32.9, True), (32.91, False)])
def test_red_asks_for_65_percent(value, eligible):
    found = carbon.red_eligible(value, CONSTANTS["red_comparator_g_per_mj"], CONSTANTS["red_minimum_reduction"])
    assert found is eligible


@pytest.mark.parametrize("row", FORMS["us_45Z"]["rows"], ids=lambda row: f"{row['kg_per_mmbtu']} {row['case']}")
def test_45z_takes_what_is_below_its_ceiling(row):
    """A fuel is eligible where the statute's emissions factor is above zero."""
    in_grams_per_mj = float(row["kg_per_mmbtu"]) * units.factor("kgCO2e/mmBtu", "gCO2e/MJ")
    found = carbon.us45z_intensity_kg_per_mmbtu(in_grams_per_mj, CONSTANTS["mj_per_mmbtu"], CONSTANTS["g_per_kg"])
    assert found == near(row["kg_per_mmbtu"])
    eligible = carbon.us45z_eligible(found, CONSTANTS["us45z_ceiling_kg_per_mmbtu"])
    assert eligible is (float(row["emissions_factor"]) > 0)


@pytest.mark.parametrize("row", FORMS["us_45Z"]["rows"], ids=lambda row: f"{row['kg_per_mmbtu']} {row['case']}")
def test_45z_credit(row):
    factor, credit = credit_45z(row)
    assert factor == near(row["emissions_factor"])
    assert credit == near(row["credit_usd_per_gal"])


@pytest.mark.parametrize("row", FORMS["us_40B"], ids=lambda row: f"{row['reduction_pct']} %")
def test_40b_credit(row):
    assert credit_40b(row) == near(row["credit_usd_per_gal"])


def test_abatement_cost_compares_equal_energy():
    row = FORMS["abatement_cost"]
    assert abatement_cost(row) == near(row["usd_per_tco2_equal_energy"])


@pytest.mark.parametrize("allocation", ["energy", "mass", "economic"])
def test_emissions_are_shared_among_the_fuels(allocation):
    """Share of a fuel in the emissions: its tonnes times its intensity over all emissions."""
    values = calculated(hefa(carbon={"allocation": allocation}))
    tonnes = dict(zip(values["product_name"], values["product_t_per_y"], strict=True))
    intensity = dict(zip(values["product_name"], values["product_intensity_kg_per_t"], strict=True))
    for row in FORMS["allocation"]:
        name = row["product"].capitalize()
        assert tonnes[name] == row["tonnes"]
        share = tonnes[name] * intensity[name] / 1000 / values["emissions_t_per_y"]
        assert share == near(row[allocation])


@pytest.mark.parametrize(
    ("unit", "target", "key"),
    [
        ("gal", "l", "us_gal_l"),
        ("bbl", "l", "bbl_l"),
        ("mmBtu", "MJ", "mmbtu_mj_IT"),
        ("USD/gal", "USD/l", "usd_per_gal_to_usd_per_l"),
    ],
)
def test_units_of_the_field(unit, target, key):
    assert units.factor(unit, target) == near(FORMS["units"][key].split()[0])


def test_carbon_intensity_in_us_units():
    stated = float(FORMS["units"]["gge_note"].split("=")[1].split()[0])
    assert units.factor("gCO2e/MJ", "kgCO2e/mmBtu") == pytest.approx(stated, rel=1e-10)
    assert units.factor("kgCO2e/mmBtu", "gCO2e/MJ") == pytest.approx(0.947817, abs=5e-7)


def test_a_kilotonne_of_jet_fills_a_megalitre_and_a_quarter():
    density_t_per_m3 = 0.8
    megalitres = units.factor("kt", "t") / density_t_per_m3 * units.factor("m^3", "Ml")
    assert megalitres == near(FORMS["units"]["ktpa_jet_to_ml_at_0_8"])


def test_loan_interest_is_deducted_and_principal_is_not():
    want, values = FORMS["loan_tax_interest_only"], calculated(loan_project())
    assert values["levered_cash_flow_usd"] == pytest.approx([float(flow) for flow in want["cashflow_usd"]], rel=1e-12)
    assert values["levered_npv_usd"] == near(want["npv_usd"])
