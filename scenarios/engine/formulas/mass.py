"""Mass, energy and carbon (method.md 1-5). Quantities by item are tuples in the order of the inputs."""

from collections.abc import Sequence

from scenarios.engine.formula import Undefined, formula
from scenarios.engine.numeric import Value, quotient, total


@formula("Utilisation in a steady year", "1", "the one share given, or 1 where a ramp is given", source="method 1, 12")
def steady_utilisation(utilisation: Value | tuple[Value, ...]) -> Value:
    return 1.0 if isinstance(utilisation, tuple) else utilisation


@formula(
    "Production", "t/year", "capacity × load hours / reference load hours × utilisation", source="method 1", symbol="P"
)
def production_t_per_y(
    capacity_t_per_y: Value,
    load_hours_h_per_y: Value,
    reference_load_hours_h_per_y: Value,
    steady_utilisation: Value,
) -> Value:
    """Liquid fuel made in a year at full running."""
    return capacity_t_per_y * load_hours_h_per_y / reference_load_hours_h_per_y * steady_utilisation


@formula("Feedstock used", "t/year", "production × share × yield, by feedstock", source="method 2")
def feedstock_t_per_y(
    production_t_per_y: Value, feedstock_share: Sequence[Value], feedstock_yield_t_per_t: Sequence[Value]
) -> tuple[Value, ...]:
    return tuple(
        production_t_per_y * share * used for share, used in zip(feedstock_share, feedstock_yield_t_per_t, strict=True)
    )


@formula("Utility used", "{utility}/year", "production × consumption, by utility", source="method 2")
def utility_units_per_y(
    production_t_per_y: Value, utility_consumption_unit_per_t: Sequence[Value]
) -> tuple[Value, ...]:
    return tuple(production_t_per_y * used for used in utility_consumption_unit_per_t)


@formula("Products made", "t/year", "production × yield, by product", source="method 2")
def product_t_per_y(production_t_per_y: Value, product_yield_t_per_t: Sequence[Value]) -> tuple[Value, ...]:
    return tuple(production_t_per_y * made for made in product_yield_t_per_t)


@formula(
    "Lower heating value of the fuel", "MJ/kg", "sum of yield × lower heating value over the liquid fuels",
    source="method 4", symbol="e",
)  # fmt: skip
def fuel_lower_heating_value_mj_per_kg(
    product_yield_t_per_t: Sequence[Value],
    product_lower_heating_value_mj_per_kg: Sequence[Value],
    product_is_liquid_fuel: Sequence[bool],
) -> Value:
    rows = zip(product_yield_t_per_t, product_lower_heating_value_mj_per_kg, product_is_liquid_fuel, strict=True)
    return total(made * heat for made, heat, liquid in rows if liquid)


@formula("Carbon in the feedstock", "kg/kg", "sum of share × yield × carbon content, per kg of fuel", source="method 5")
def feedstock_carbon_kg_per_kg_fuel(
    feedstock_share: Sequence[Value],
    feedstock_yield_t_per_t: Sequence[Value],
    feedstock_carbon_content_kg_per_kg: Sequence[Value],
) -> Value:
    rows = zip(feedstock_share, feedstock_yield_t_per_t, feedstock_carbon_content_kg_per_kg, strict=True)
    return total(share * used * carbon for share, used, carbon in rows)


@formula(
    "Carbon conversion efficiency", "1", "yield × carbon content / carbon in the feedstock, by product",
    source="method 5",
)  # fmt: skip
def product_carbon_efficiency(
    product_yield_t_per_t: Sequence[Value],
    product_carbon_content_kg_per_kg: Sequence[Value],
    feedstock_carbon_kg_per_kg_fuel: Value,
) -> tuple[Value | Undefined, ...]:
    """Share of the feedstock's carbon in each product; undefined for a feedstock without carbon."""
    rows = zip(product_yield_t_per_t, product_carbon_content_kg_per_kg, strict=True)
    reason = "the feedstock holds no carbon"
    return tuple(quotient(made * carbon, feedstock_carbon_kg_per_kg_fuel, reason) for made, carbon in rows)


@formula("Carbon conversion efficiency, total", "1", "sum over the products", source="method 5")
def carbon_efficiency(product_carbon_efficiency: Sequence[Value]) -> Value:
    return total(product_carbon_efficiency)
