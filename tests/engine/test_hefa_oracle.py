"""The worked HEFA example, recomputed independently (oracles/hefa_500kt.json), in both working capital cases."""

import pytest

from scenarios.engine import evaluate, resolve
from scenarios.engine.results import report
from tests.engine.cases import hefa, oracle

WANT = oracle("hefa_500kt")["expected"]


def near(value):
    return pytest.approx(value, rel=1e-9, abs=1e-12)


@pytest.fixture(scope="module", params=["0", "0.15"])
def working_capital(request):
    return request.param


@pytest.fixture(scope="module")
def result(working_capital):
    wire = hefa(capital={"workingCapitalRatio": float(working_capital)})
    return report(evaluate(resolve(wire).inputs))


def test_techno_economics(result):
    found = result["technoEconomics"]
    got = {
        "tci_usd": found["totalCapitalInvestment"],
        "feedstock_t_per_y": found["feedstockConsumption"]["Used cooking oil"],
        "hydrogen_t_per_y": found["utilityConsumption"]["Hydrogen"],
        "electricity_kwh_per_y": found["utilityConsumption"]["Electricity"],
        "production_t_per_y": found["production"],
        "feedstock_cost_usd_per_y": found["opexBreakdown"]["feedstocks"]["Used cooking oil"],
        "hydrogen_cost_usd_per_y": found["opexBreakdown"]["utilities"]["Hydrogen"],
        "electricity_cost_usd_per_y": found["opexBreakdown"]["utilities"]["Electricity"],
        "indirect_opex_usd_per_y": found["opexBreakdown"]["indirectOpex"],
        "total_opex_usd_per_y": found["totalOpex"],
        "revenue_usd_per_y": found["totalRevenue"],
        "capital_recovery_factor": found["capitalRecoveryFactor"],
        "lcop_usd_per_t": found["lcop"],
        "lcop_shares": {
            "feedstock": found["lcopShares"]["feedstocks"]["Used cooking oil"],
            "hydrogen": found["lcopShares"]["utilities"]["Hydrogen"],
            "electricity": found["lcopShares"]["utilities"]["Electricity"],
            "indirect_opex": found["lcopShares"]["indirectOpex"],
            "capital": found["lcopShares"]["capital"],
        },
        "fuel_lhv_mj_per_kg": found["fuelLowerHeatingValue"],
        "carbon_conversion_efficiency": found["carbonConversionEfficiency"],
    }
    for key, value in got.items():
        assert value == near(WANT[key]), key


def test_carbon(result):
    found = result["carbon"]
    got = {
        "ci_gco2e_per_mj": {
            "feedstock": found["stages"]["feedstocks"]["Used cooking oil"],
            "hydrogen": found["stages"]["utilities"]["Hydrogen"],
            "electricity": found["stages"]["utilities"]["Electricity"],
            "process": found["stages"]["process"],
            "total": found["carbonIntensity"],
        },
        "ci_kgco2e_per_t_fuel": found["fuelEmissions"],
        "product_ci_kgco2e_per_t": found["productIntensity"],
        "emissions_tco2e_per_y": found["emissions"],
        "avoided_tco2e_per_y": found["avoided"],
        "reduction_vs_fossil": found["reduction"],
    }
    for key, value in got.items():
        assert value == near(WANT[key]), key


def test_financials(result, working_capital):
    want, found = WANT[f"finance_working_capital_ratio_{working_capital}"], result["financials"]
    flows = [row["cashFlow"] for row in found["cashFlowTable"]]
    got = {
        "npv_usd": found["npv"],
        "irr": found["irr"],
        "payback_years": found["paybackYears"],
        "discounted_payback_years": found["discountedPaybackYears"],
        "annual_after_tax_cash_flow_usd": flows[1],
        "jet_minimum_selling_price_usd_per_t": found["minimumSellingPrice"]["usdPerT"],
    }
    assert got == near(want)
    assert flows[2:-1] == [flows[1]] * 18


def test_no_key_of_the_oracle_is_left_out():
    compared = {
        "tci_usd", "feedstock_t_per_y", "hydrogen_t_per_y", "electricity_kwh_per_y", "production_t_per_y",
        "feedstock_cost_usd_per_y", "hydrogen_cost_usd_per_y", "electricity_cost_usd_per_y",
        "indirect_opex_usd_per_y", "total_opex_usd_per_y", "revenue_usd_per_y", "capital_recovery_factor",
        "lcop_usd_per_t", "lcop_shares", "fuel_lhv_mj_per_kg", "carbon_conversion_efficiency", "ci_gco2e_per_mj",
        "ci_kgco2e_per_t_fuel", "product_ci_kgco2e_per_t", "emissions_tco2e_per_y", "avoided_tco2e_per_y",
        "reduction_vs_fossil", "finance_working_capital_ratio_0", "finance_working_capital_ratio_0.15",
    }  # fmt: skip
    assert set(WANT) == compared


def test_price_per_litre_and_gallon_follow_from_the_density(result):
    price = result["financials"]["minimumSellingPrice"]
    assert price["product"] == "Jet"
    assert price["usdPerL"] == near(price["usdPerT"] * 0.8 / 1000)
    assert price["usdPerGal"] == near(price["usdPerL"] * 3.785411784)


def test_only_what_was_not_given_is_undefined_and_every_number_has_a_unit(result):
    assert result["reasons"] == {
        "carbon.corsia.defaultValue": "reference.corsiaCore is not known",
        "carbon.blend.limit": "reference.blendLimit is not known",
        "carbon.blend.ok": "carbon.blendShare is not known",
    }
    assert result["units"]["financials.npv"] == "USD"
    assert result["units"]["technoEconomics.utilityConsumption.Electricity"] == "kWh/year"
