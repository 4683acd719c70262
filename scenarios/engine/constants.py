"""Fixed numbers of the method, each with its unit and source."""

from scenarios.engine.formula import Constant

CONSTANTS = (
    Constant("period_y", 1.0, "year", "Length of a period of the cash flow", "docs/method.md, cash flow"),
    Constant("months_of_period", 12.0, "month", "Months of a period of the cash flow", "docs/method.md, cash flow"),
    Constant("kg_per_t", 1000.0, "kg/t", "Kilograms in a tonne", "SI"),
    Constant("g_per_t", 1e6, "gCO2e/tCO2e", "Grams in a tonne", "SI"),
    Constant("g_per_kg", 1000.0, "gCO2e/kgCO2e", "Grams in a kilogram", "SI"),
    Constant("litres_per_m3", 1000.0, "l/m^3", "Litres in a cubic metre", "SI"),
    Constant("litres_per_gallon", 3.785411784, "l/gal", "Litres in a US gallon", "NIST SP 811, exact"),
    Constant("mj_per_mmbtu", 1055.05585262, "MJ/mmBtu", "Megajoules in a million Btu (IT)", "NIST SP 811"),
    Constant(
        "fossil_jet_lower_heating_value_mj_per_kg", 43.15, "MJ/kg", "Lower heating value of Jet A-1",
        "Jet fuel standards (capitalenergy.biz)",
    ),
    Constant(
        "corsia_fuel_conversion_tco2_per_t", 3.16, "tCO2e/t", "CORSIA fuel conversion factor of Jet-A/A-1",
        "Annex 16 Vol IV; Canada SOR-96-433 s.1000.23; UK SI 2021/534 41C(2)", "FCF",
    ),
    Constant(
        "corsia_baseline_g_per_mj", 89.0, "gCO2e/MJ", "CORSIA baseline of fossil jet",
        "ICAO Doc 06, 8th ed., Nov 2025", "LC",
    ),
    Constant(
        "corsia_minimum_reduction", 0.10, "1", "Reduction CORSIA asks for at least", "Annex 16 Vol IV criterion 1.1",
        confidence="secondary",
    ),
    Constant(
        "red_comparator_g_per_mj", 94.0, "gCO2e/MJ", "Fossil comparator of EU RED", "EU RED Annex V",
        confidence="secondary",
    ),
    Constant(
        "red_minimum_reduction", 0.65, "1", "Reduction RED asks of new plants", "EU RED Art. 29(10)",
        confidence="secondary",
    ),
    Constant(
        "us45z_share_without_wage_rules", 0.2, "1", "Share of 45Z paid where the wage rules are not met",
        "26 USC 45Z(a)(2), (3)",
    ),
    Constant("us40b_minimum_reduction", 0.5, "1", "Reduction 40B asks for", "26 USC 40B(d)"),
    Constant(
        "us40b_supplement_usd_per_gal", 1.0, "USD/gal", "Supplement of 40B for a reduction of 1: 0.01 per per cent",
        "26 USC 40B(b)",
    ),
    Constant("us40b_cap_usd_per_gal", 0.5, "USD/gal", "Most that the supplement of 40B comes to", "26 USC 40B(b)"),
    Constant(
        "us45z_ceiling_kg_per_mmbtu", 50.0, "kgCO2e/mmBtu", "Ceiling of US 45Z",
        "26 USC 45Z; Clear Blue Markets Feb 2026",
    ),
)  # fmt: skip
