"""Carbon (method.md 24-28)."""

from collections.abc import Sequence

from scenarios.engine.formula import Undefined, formula
from scenarios.engine.numeric import Value, quotient, total, verdict

_NOT_A_FUEL = Undefined("only liquid fuels carry emissions")


@formula("Feedstock emissions", "gCO2e/MJ", "share × yield × intensity / fuel LHV, by feedstock", source="method 24")
def feedstock_stage_g_per_mj(
    feedstock_share: Sequence[Value],
    feedstock_yield_t_per_t: Sequence[Value],
    feedstock_carbon_intensity_g_per_kg: Sequence[Value],
    fuel_lower_heating_value_mj_per_kg: Value,
) -> tuple[Value, ...]:
    rows = zip(feedstock_share, feedstock_yield_t_per_t, feedstock_carbon_intensity_g_per_kg, strict=True)
    return tuple(share * used * g / fuel_lower_heating_value_mj_per_kg for share, used, g in rows)


@formula(
    "Utility emissions", "gCO2e/MJ",
    "consumption × intensity / fuel LHV, by utility; power is counted per kWh, so its sum per tonne is brought to the"
    " kg",
    source="method 24",
)  # fmt: skip
def utility_stage_g_per_mj(
    utility_consumption_unit_per_t: Sequence[Value],
    utility_carbon_intensity_g_per_unit: Sequence[Value],
    utility_unit: Sequence[str],
    fuel_lower_heating_value_mj_per_kg: Value,
    kg_per_t: float,
) -> tuple[Value, ...]:
    rows = zip(utility_consumption_unit_per_t, utility_carbon_intensity_g_per_unit, utility_unit, strict=True)
    return tuple(
        used
        * g
        / (fuel_lower_heating_value_mj_per_kg if unit == "t" else fuel_lower_heating_value_mj_per_kg * kg_per_t)
        for used, g, unit in rows
    )


@formula(
    "Actual carbon intensity", "gCO2e/MJ",
    "feedstocks + utilities + process + transport + land-use change - avoided", source="method 24",
)  # fmt: skip
def actual_intensity_g_per_mj(
    feedstock_stage_g_per_mj: Sequence[Value],
    utility_stage_g_per_mj: Sequence[Value],
    process_intensity_g_per_mj: Value,
    transport_intensity_g_per_mj: Value,
    land_use_change_g_per_mj: Value,
    avoided_intensity_g_per_mj: Value,
) -> Value:
    bought = total(feedstock_stage_g_per_mj) + total(utility_stage_g_per_mj)
    made = process_intensity_g_per_mj + transport_intensity_g_per_mj
    return bought + made + land_use_change_g_per_mj - avoided_intensity_g_per_mj


@formula("CORSIA default value", "gCO2e/MJ", "core value + induced land-use change", source="method 26; ICAO Doc 06")
def corsia_default_g_per_mj(corsia_core_g_per_mj: Value, corsia_land_use_change_g_per_mj: Value) -> Value:
    """Undefined where the table has no land-use value: a missing one is not 0."""
    return corsia_core_g_per_mj + corsia_land_use_change_g_per_mj


@formula(
    "Carbon intensity", "gCO2e/MJ", "the actual value, or the CORSIA default, as the route says",
    source="method 24, 26", symbol="CI", accepts_undefined=True,
)  # fmt: skip
def carbon_intensity_g_per_mj(
    carbon_route: str,
    actual_intensity_g_per_mj: Value | Undefined,
    corsia_default_g_per_mj: Value | Undefined,
) -> Value | Undefined:
    return corsia_default_g_per_mj if carbon_route == "corsia_default" else actual_intensity_g_per_mj


@formula("Emissions per tonne of fuel", "kgCO2e/t", "carbon intensity × fuel LHV", source="method 24")
def fuel_emissions_kg_per_t(
    carbon_intensity_g_per_mj: Value, fuel_lower_heating_value_mj_per_kg: Value, kg_per_t: float, g_per_kg: float
) -> Value:
    return carbon_intensity_g_per_mj * fuel_lower_heating_value_mj_per_kg * kg_per_t / g_per_kg


@formula(
    "Product intensity, energy allocation", "kgCO2e/t", "carbon intensity × LHV of the product", source="method 24"
)
def energy_allocated_kg_per_t(
    carbon_intensity_g_per_mj: Value,
    product_lower_heating_value_mj_per_kg: Sequence[Value],
    product_is_liquid_fuel: Sequence[bool],
    kg_per_t: float,
    g_per_kg: float,
) -> tuple[Value | Undefined, ...]:
    """By product; undefined for what is not a liquid fuel, which carries no emissions."""
    rows = zip(product_lower_heating_value_mj_per_kg, product_is_liquid_fuel, strict=True)
    per_mj = carbon_intensity_g_per_mj
    return tuple(per_mj * heat * kg_per_t / g_per_kg if liquid else _NOT_A_FUEL for heat, liquid in rows)


@formula(
    "Product intensity, mass allocation", "kgCO2e/t", "emissions per tonne of fuel, the same for every fuel",
    source="method 24",
)  # fmt: skip
def mass_allocated_kg_per_t(
    fuel_emissions_kg_per_t: Value, product_yield_t_per_t: Sequence[Value], product_is_liquid_fuel: Sequence[bool]
) -> tuple[Value | Undefined, ...]:
    fuels = total(made for made, liquid in zip(product_yield_t_per_t, product_is_liquid_fuel, strict=True) if liquid)
    return tuple(fuel_emissions_kg_per_t / fuels if liquid else _NOT_A_FUEL for liquid in product_is_liquid_fuel)


@formula(
    "Product intensity, economic allocation", "kgCO2e/t",
    "emissions per tonne of fuel × price / revenue of the fuels per tonne of fuel", source="method 24",
)  # fmt: skip
def economic_allocated_kg_per_t(
    fuel_emissions_kg_per_t: Value,
    product_yield_t_per_t: Sequence[Value],
    product_price_usd_per_t: Sequence[Value],
    product_is_liquid_fuel: Sequence[bool],
) -> tuple[Value | Undefined, ...]:
    rows = list(zip(product_yield_t_per_t, product_price_usd_per_t, product_is_liquid_fuel, strict=True))
    worth = total(made * price for made, price, liquid in rows if liquid)
    reason = "the fuels earn nothing, so emissions cannot be shared by revenue"
    emissions = fuel_emissions_kg_per_t
    return tuple(quotient(emissions * price, worth, reason) if liquid else _NOT_A_FUEL for _, price, liquid in rows)


@formula(
    "Product intensity", "kgCO2e/t", "by the chosen allocation, by product", source="method 24", accepts_undefined=True
)
def product_intensity_kg_per_t(
    allocation: str,
    energy_allocated_kg_per_t: Sequence[Value] | Undefined,
    mass_allocated_kg_per_t: Sequence[Value] | Undefined,
    economic_allocated_kg_per_t: Sequence[Value] | Undefined,
) -> Sequence[Value] | Undefined:
    chosen = {"energy": energy_allocated_kg_per_t, "mass": mass_allocated_kg_per_t}
    return chosen.get(allocation, economic_allocated_kg_per_t)


@formula(
    "Carbon intensity of the priced product", "gCO2e/MJ", "product intensity / LHV of the product",
    source="method 24, 26", symbol="LS",
)  # fmt: skip
def priced_intensity_g_per_mj(
    product_intensity_kg_per_t: Sequence[Value],
    product_lower_heating_value_mj_per_kg: Sequence[Value],
    priced_index: int,
    kg_per_t: float,
    g_per_kg: float,
) -> Value | Undefined:
    heat = product_lower_heating_value_mj_per_kg[priced_index] * kg_per_t
    return quotient(product_intensity_kg_per_t[priced_index] * g_per_kg, heat, "the priced product holds no energy")


@formula("Emissions", "tCO2e/year", "carbon intensity × fuel LHV × production", source="method 25")
def emissions_t_per_y(
    carbon_intensity_g_per_mj: Value,
    fuel_lower_heating_value_mj_per_kg: Value,
    production_t_per_y: Value,
    kg_per_t: float,
    g_per_t: float,
) -> Value:
    return carbon_intensity_g_per_mj * fuel_lower_heating_value_mj_per_kg * production_t_per_y * kg_per_t / g_per_t


@formula(
    "Avoided emissions", "tCO2e/year", "(fossil comparator - carbon intensity) × fuel LHV × production",
    source="method 25",
)  # fmt: skip
def avoided_t_per_y(
    fossil_comparator_g_per_mj: Value,
    carbon_intensity_g_per_mj: Value,
    fuel_lower_heating_value_mj_per_kg: Value,
    production_t_per_y: Value,
    kg_per_t: float,
    g_per_t: float,
) -> Value:
    saved = fossil_comparator_g_per_mj - carbon_intensity_g_per_mj
    return saved * fuel_lower_heating_value_mj_per_kg * production_t_per_y * kg_per_t / g_per_t


@formula("Reduction", "1", "1 - carbon intensity / fossil comparator", source="method 25")
def reduction(carbon_intensity_g_per_mj: Value, fossil_comparator_g_per_mj: Value) -> Value:
    return 1 - carbon_intensity_g_per_mj / fossil_comparator_g_per_mj


@formula("CORSIA emissions reduction", "tCO2e/year", "FCF × mass × (1 - LS/LC)", source="method 26; Annex 16 Vol IV")
def corsia_reduction_t_per_y(
    corsia_fuel_conversion_tco2_per_t: Value,
    priced_production_t_per_y: Value,
    priced_intensity_g_per_mj: Value,
    corsia_baseline_g_per_mj: Value,
) -> Value:
    share = 1 - priced_intensity_g_per_mj / corsia_baseline_g_per_mj
    return corsia_fuel_conversion_tco2_per_t * priced_production_t_per_y * share


@formula("CORSIA eligible", "1", "1 - LS/LC at least 10 %", source="method 26; Annex 16 Vol IV")
def corsia_eligible(
    priced_intensity_g_per_mj: Value, corsia_baseline_g_per_mj: Value, corsia_minimum_reduction: Value
) -> Value:
    share = 1 - priced_intensity_g_per_mj / corsia_baseline_g_per_mj
    return verdict(share >= corsia_minimum_reduction, share)


@formula("RED eligible", "1", "1 - LS / RED comparator at least 65 %", source="method 26; EU RED Art. 29(10)")
def red_eligible(
    priced_intensity_g_per_mj: Value, red_comparator_g_per_mj: Value, red_minimum_reduction: Value
) -> Value:
    share = 1 - priced_intensity_g_per_mj / red_comparator_g_per_mj
    return verdict(share >= red_minimum_reduction, share)


@formula(
    "Intensity without land-use change", "gCO2e/MJ",
    "actual carbon intensity - land-use change, or the CORSIA core value, as the route says",
    source="method 24, 26; 26 USC 45Z(b)(1) from 2026", accepts_undefined=True,
)  # fmt: skip
def intensity_without_land_use_g_per_mj(
    carbon_route: str,
    actual_intensity_g_per_mj: Value | Undefined,
    land_use_change_g_per_mj: Value | Undefined,
    corsia_core_g_per_mj: Value | Undefined,
) -> Value | Undefined:
    if carbon_route == "corsia_default":
        return corsia_core_g_per_mj
    return actual_intensity_g_per_mj - land_use_change_g_per_mj


@formula(
    "Intensity in US units", "kgCO2e/mmBtu", "intensity without land-use change × MJ per mmBtu / g per kg",
    source="method 26; 26 USC 45Z from 2026",
)  # fmt: skip
def us45z_intensity_kg_per_mmbtu(
    intensity_without_land_use_g_per_mj: Value, mj_per_mmbtu: Value, g_per_kg: Value
) -> Value:
    """Of the fuel as a whole: energy allocation gives every fuel the same."""
    return intensity_without_land_use_g_per_mj * mj_per_mmbtu / g_per_kg


@formula("45Z eligible", "1", "intensity below 50 kgCO2e/mmBtu", source="method 26; 26 USC 45Z")
def us45z_eligible(us45z_intensity_kg_per_mmbtu: Value, us45z_ceiling_kg_per_mmbtu: Value) -> Value:
    return verdict(us45z_intensity_kg_per_mmbtu < us45z_ceiling_kg_per_mmbtu, us45z_intensity_kg_per_mmbtu)


@formula("Blend allowed", "1", "wanted share at most the limit of the ASTM annex", source="method 27; ASTM D7566")
def blend_allowed(blend_share: Value, blend_limit: Value) -> Value:
    return blend_share <= blend_limit
