"""`make validation`: docs/validation.md, our value beside each oracle's."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from scenarios.engine.formulas import capital, carbon, operating
from scenarios.engine.metrics import internal_rate_of_return, net_present_value, payback_years
from tests.engine.cases import calculated, changed, hefa, oracle
from tests.engine.test_annual_convention import wire_of_annual
from tests.engine.test_biosteam_convention import BIOSTEAM, wire_of_own
from tests.engine.test_closed_forms import CEPCI, CONSTANTS, abatement_cost, credit_40b, credit_45z, loan_project
from tests.engine.test_project_oracles import wire_of

PAGE = Path(__file__).resolve().parent.parent / "docs" / "validation.md"

# Case, quantity, our value, the peer's.
type Row = tuple[str, str, float | None, float | None]

HEFA = {
    "tci_usd": "tci_usd",
    "total_opex_usd_per_y": "total_opex_usd_per_y",
    "revenue_usd_per_y": "total_revenue_usd_per_y",
    "capital_recovery_factor": "capital_recovery_factor_per_y",
    "lcop_usd_per_t": "lcop_usd_per_t",
    "fuel_lhv_mj_per_kg": "fuel_lower_heating_value_mj_per_kg",
    "emissions_tco2e_per_y": "emissions_t_per_y",
    "avoided_tco2e_per_y": "avoided_t_per_y",
    "reduction_vs_fossil": "reduction",
}
HEFA_FINANCE = {
    "npv_usd": "unlevered_npv_usd",
    "irr": "unlevered_irr",
    "payback_years": "unlevered_payback_years",
    "discounted_payback_years": "unlevered_discounted_payback_years",
    "jet_minimum_selling_price_usd_per_t": "minimum_selling_price_usd_per_t",
}


def hefa_rows() -> Iterator[Row]:
    want = oracle("hefa_500kt")["expected"]
    for ratio in ("0", "0.15"):
        values = calculated(hefa(capital={"workingCapitalRatio": float(ratio)}))
        if ratio == "0":
            for theirs, ours in HEFA.items():
                yield "HEFA 500 kt/y", theirs, values[ours], want[theirs]
            total = want["ci_gco2e_per_mj"]["total"]
            yield "HEFA 500 kt/y", "carbon intensity", values["carbon_intensity_g_per_mj"], total
        for theirs, ours in HEFA_FINANCE.items():
            found = want[f"finance_working_capital_ratio_{ratio}"][theirs]
            yield f"HEFA, working capital {ratio} of TCI", theirs, values[ours], found


def project_rows() -> Iterator[Row]:
    for case in oracle("projects")["cases"]:
        wire, want = wire_of(case), case["expected"]
        values = calculated(changed(wire, BIOSTEAM) if case.get("convention") else wire)
        name = f"{case['id']}: {case['note'].split(';')[0].split(' (')[0]}"
        yield name, "NPV, USD", values["unlevered_npv_usd"], want["npv_usd"]
        roots = want["irr_roots"]
        yield name, "IRR", _number(values["unlevered_irr"]), roots[0] if roots else None
        price = values["minimum_selling_price_usd_per_t"] / 1000
        yield name, "minimum price, USD/kg", price, want["min_selling_price_usd_per_kg"]


def biosteam_rows() -> Iterator[Row]:
    for case in oracle("biosteam")["cases"]:
        values, name = calculated(wire_of_own(case)), f"{case['id']}: {case['note']}"
        yield name, "NPV, USD", values["levered_npv_usd"], case["npv_usd"]
        price = values["minimum_selling_price_usd_per_t"] / 1000
        yield name, "minimum price, USD/kg", price, case["min_selling_price_usd_per_kg"]


def openpytea_rows() -> Iterator[Row]:
    for case in oracle("openpytea")["cases"]:
        values, name = calculated(wire_of_annual(case)), f"{case['id']}: {case['note']}"
        yield name, "NPV, USD", values["unlevered_npv_usd"], case["npv_usd"]
        yield name, "IRR", _number(values["unlevered_irr"]), case["irr"]


def cash_flow_rows() -> Iterator[Row]:
    for case in oracle("cashflows")["cases"]:
        flows, rate, want = case["cashflows"], case["discount_rate"], case["canonical"]
        name = f"{case['id']}: {case['note']}"
        yield name, "NPV", net_present_value(flows, rate), want["npv"]
        yield name, "IRR", internal_rate_of_return(flows).value, want["irr"]
        yield name, "payback, years", payback_years(flows), want["payback_last"]
        yield name, "discounted payback, years", payback_years(flows, rate), want["discounted_payback_last"]


def closed_form_rows() -> Iterator[Row]:
    forms = oracle("closed_forms")
    for row in forms["crf"]:
        found = operating.capital_recovery_factor_per_y(float(Fraction(row["rate"])), row["years"], 1.0)
        yield f"CRF, {row['rate']} over {row['years']} years", "1/year", found, float(row["crf"])
    for row in forms["scaling"]:
        found = capital.tci_usd(row["c0"], row["s"], row["s0"], float(row["n"]), 1.0, 1.0, 0.0, 1.0)
        yield f"scaling from {row['s0']} to {row['s']}, exponent {row['n']}", "USD", found, float(row["c"])
    for row in forms["cepci"]:
        found = row["cost"] * capital.cost_index_ratio(CEPCI[row["year_to"]], CEPCI[row["year_from"]])
        yield f"CEPCI, {row['year_from']} to {row['year_to']}", "USD", found, float(row["cost_to"])
    yield from carbon_rows(forms)
    yield from credit_rows(forms)
    values = calculated(loan_project())
    want = forms["loan_tax_interest_only"]
    yield "Loan, interest deducted, tax", "NPV, USD", values["levered_npv_usd"], float(want["npv_usd"])
    for year, flow in enumerate(want["cashflow_usd"]):
        yield "Loan, interest deducted, tax", f"flow of year {year}", values["levered_cash_flow_usd"][year], float(flow)


def carbon_rows(forms: dict[str, Any]) -> Iterator[Row]:
    for row in forms["corsia"]["rows"]:
        value = carbon.corsia_default_g_per_mj(float(row["core"]), float(row["iluc"]))
        baseline = CONSTANTS["corsia_baseline_g_per_mj"]
        reduced = carbon.corsia_reduction_t_per_y(CONSTANTS["corsia_fuel_conversion_tco2_per_t"], 1.0, value, baseline)
        name = f"CORSIA, {row['fuel']}"
        yield name, "gCO2e/MJ", value, float(row["lcef"])
        yield name, "reduction, %", 100 * carbon.reduction(value, baseline), float(row["reduction_pct"])
        yield name, "tCO2e/t", reduced, float(row["corsia_emissions_reduction_tco2_per_t_fuel"])
    found = abatement_cost(forms["abatement_cost"])
    yield (
        "Abatement cost, equal energy",
        "USD/tCO2e",
        found,
        float(forms["abatement_cost"]["usd_per_tco2_equal_energy"]),
    )


def credit_rows(forms: dict[str, Any]) -> Iterator[Row]:
    for row in forms["us_40B"]:
        yield f"40B at {row['reduction_pct']} %", "USD/gal", credit_40b(row), float(row["credit_usd_per_gal"])
    for row in forms["us_45Z"]["rows"]:
        name = f"45Z at {row['kg_per_mmbtu']} kgCO2e/mmBtu, {row['case']}"
        factor, credit = credit_45z(row)
        yield name, "emissions factor", factor, float(row["emissions_factor"])
        yield name, "USD/gal", credit, float(row["credit_usd_per_gal"])


PARTS = {
    "The worked example": ("oracles/hefa_500kt.json, plain formulas of the method", hefa_rows),
    "Whole projects": ("oracles/projects.json, BioSTEAM 2.54.0; B18 under its own conventions", project_rows),
    "Loans and start-up": ("oracles/biosteam.json, BioSTEAM 2.54.0 under its own conventions", biosteam_rows),
    "Flows at year ends, tax a year late": (
        "oracles/openpytea.json, OpenPyTEA 3.2.1; convention annual_year_zero",
        openpytea_rows,
    ),
    "Cash flows": ("oracles/cashflows.json, a 50-digit root finder", cash_flow_rows),
    "Closed forms": ("oracles/closed_forms.json, exact fractions", closed_form_rows),
}


def _number(value: Any) -> float | None:
    return value if isinstance(value, float) else None


def _shown(value: float | None) -> str:
    return "none" if value is None else f"{value:,.10g}"


def _difference(ours: float | None, theirs: float | None) -> str:
    """Relative; absolute where the peer's value is 0."""
    if ours is None or theirs is None:
        return "both none" if ours is theirs else "DIFFERENT"
    gap = abs(ours - theirs) / (abs(theirs) or 1)
    return "0" if gap == 0 else f"{gap:.0e}"


def page() -> str:
    """The page in Markdown."""
    lines = [
        "# Our values beside those of others",
        "",
        "Made by `make validation`; the tests hold the same pairs. Differences are relative. Where one is above 1e-13",
        "the other program stopped its own search: BioSTEAM's for a price at 1e-7 USD/kg, OpenPyTEA's for a rate.",
    ]
    for title, (source, rows) in PARTS.items():
        lines += ["", f"## {title}", "", f"tests/engine/{source}.", ""]
        lines += ["| case | quantity | ours | theirs | difference |", "|---|---|---:|---:|---:|"]
        for case, quantity, ours, theirs in rows():
            lines.append(f"| {case} | {quantity} | {_shown(ours)} | {_shown(theirs)} | {_difference(ours, theirs)} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
