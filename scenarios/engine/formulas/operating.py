"""Operating cost, revenue and the levelised cost of production (method.md 9-11), in a steady year."""

from collections.abc import Sequence

from scenarios.engine.formula import Undefined, formula
from scenarios.engine.numeric import Value, expm1, log1p, quotient, total, where


@formula("Feedstock cost", "USD/year", "feedstock used × price, by feedstock", source="method 9")
def feedstock_cost_usd_per_y(
    feedstock_t_per_y: Sequence[Value], feedstock_price_usd_per_t: Sequence[Value]
) -> tuple[Value, ...]:
    return tuple(used * price for used, price in zip(feedstock_t_per_y, feedstock_price_usd_per_t, strict=True))


@formula("Utility cost", "USD/year", "utility used × price, by utility", source="method 9")
def utility_cost_usd_per_y(
    utility_units_per_y: Sequence[Value], utility_price_usd_per_unit: Sequence[Value]
) -> tuple[Value, ...]:
    return tuple(used * price for used, price in zip(utility_units_per_y, utility_price_usd_per_unit, strict=True))


@formula("Other variable cost", "USD/year", "production × other variable cost per tonne", source="method 9")
def other_variable_cost_usd_per_y(production_t_per_y: Value, other_variable_usd_per_t: Value) -> Value:
    return production_t_per_y * other_variable_usd_per_t


@formula("Indirect OPEX", "USD/year", "indirect OPEX ratio × TCI", source="method 9")
def indirect_opex_usd_per_y(indirect_opex_ratio: Value, tci_usd: Value) -> Value:
    """Fixed cost of a year."""
    return indirect_opex_ratio * tci_usd


@formula(
    "Total OPEX", "USD/year", "feedstock + utilities + other variable cost + indirect OPEX", source="method 9",
    symbol="OPEX",
)  # fmt: skip
def total_opex_usd_per_y(
    feedstock_cost_usd_per_y: Sequence[Value],
    utility_cost_usd_per_y: Sequence[Value],
    other_variable_cost_usd_per_y: Value,
    indirect_opex_usd_per_y: Value,
) -> Value:
    bought = total(feedstock_cost_usd_per_y) + total(utility_cost_usd_per_y)
    return bought + other_variable_cost_usd_per_y + indirect_opex_usd_per_y


@formula("Revenue", "USD/year", "product made × price, by product", source="method 10")
def product_revenue_usd_per_y(
    product_t_per_y: Sequence[Value], product_price_usd_per_t: Sequence[Value]
) -> tuple[Value, ...]:
    return tuple(made * price for made, price in zip(product_t_per_y, product_price_usd_per_t, strict=True))


@formula("Total revenue", "USD/year", "sum over the products", source="method 10")
def total_revenue_usd_per_y(product_revenue_usd_per_y: Sequence[Value]) -> Value:
    """Sales only: carbon revenue and incentives are lines of their own."""
    return total(product_revenue_usd_per_y)


@formula(
    "Capital recovery factor", "1/year", "r(1+r)^N / ((1+r)^N - 1), 1/N where r is 0", source="method 11", symbol="CRF"
)
def capital_recovery_factor_per_y(discount_rate: Value, lifetime_years: int, period_y: Value) -> Value:
    """Level yearly payment that repays one unit of capital over ``lifetime_years`` at ``discount_rate``.

    Written as r / (1 - (1+r)^-N) with expm1 and log1p, which keeps its digits down to the smallest rates.

    >>> round(capital_recovery_factor_per_y(0.07, 20, 1.0), 12)
    0.094392925743
    >>> capital_recovery_factor_per_y(0.0, 20, 1.0)
    0.05
    """
    is_zero = discount_rate == 0
    rate = where(is_zero, 1.0, discount_rate)
    factor = rate / -expm1(-lifetime_years * log1p(rate))
    return where(is_zero, 1.0 / lifetime_years, factor) / period_y


@formula("Annualised capital", "USD/year", "TCI × capital recovery factor", source="method 11")
def annualised_capital_usd_per_y(tci_usd: Value, capital_recovery_factor_per_y: Value) -> Value:
    return tci_usd * capital_recovery_factor_per_y


@formula("Levelised cost of a year", "USD/year", "OPEX + TCI × CRF", source="method 11")
def levelised_cost_usd_per_y(total_opex_usd_per_y: Value, annualised_capital_usd_per_y: Value) -> Value:
    return total_opex_usd_per_y + annualised_capital_usd_per_y


@formula("Levelised cost of production", "USD/t", "(OPEX + TCI × CRF) / production", source="method 11", symbol="LCOP")
def lcop_usd_per_t(levelised_cost_usd_per_y: Value, production_t_per_y: Value) -> Value | Undefined:
    """Cost of a tonne of liquid fuel, gross of co-products."""
    return quotient(levelised_cost_usd_per_y, production_t_per_y, "the plant makes nothing")


_NO_SHARES = "there is no cost to share: credits outweigh it"


@formula(
    "Share of feedstock in LCOP", "1", "feedstock cost / levelised cost of a year, by feedstock", source="method 11"
)
def feedstock_lcop_share(
    feedstock_cost_usd_per_y: Sequence[Value], levelised_cost_usd_per_y: Value
) -> tuple[Value | Undefined, ...]:
    return tuple(quotient(cost, levelised_cost_usd_per_y, _NO_SHARES) for cost in feedstock_cost_usd_per_y)


@formula("Share of utilities in LCOP", "1", "utility cost / levelised cost of a year, by utility", source="method 11")
def utility_lcop_share(
    utility_cost_usd_per_y: Sequence[Value], levelised_cost_usd_per_y: Value
) -> tuple[Value | Undefined, ...]:
    return tuple(quotient(cost, levelised_cost_usd_per_y, _NO_SHARES) for cost in utility_cost_usd_per_y)


@formula(
    "Share of other variable cost in LCOP", "1", "other variable cost / levelised cost of a year", source="method 11"
)
def other_variable_lcop_share(
    other_variable_cost_usd_per_y: Value, levelised_cost_usd_per_y: Value
) -> Value | Undefined:
    return quotient(other_variable_cost_usd_per_y, levelised_cost_usd_per_y, _NO_SHARES)


@formula("Share of indirect OPEX in LCOP", "1", "indirect OPEX / levelised cost of a year", source="method 11")
def indirect_opex_lcop_share(indirect_opex_usd_per_y: Value, levelised_cost_usd_per_y: Value) -> Value | Undefined:
    return quotient(indirect_opex_usd_per_y, levelised_cost_usd_per_y, _NO_SHARES)


@formula("Share of capital in LCOP", "1", "annualised capital / levelised cost of a year", source="method 11")
def capital_lcop_share(annualised_capital_usd_per_y: Value, levelised_cost_usd_per_y: Value) -> Value | Undefined:
    return quotient(annualised_capital_usd_per_y, levelised_cost_usd_per_y, _NO_SHARES)


@formula("Position of the priced product", "1", "where the priced product stands in the list", source="method 22")
def priced_index(product_name: Sequence[str], priced_product: str) -> int | Undefined:
    names = [name.casefold() for name in product_name]
    if priced_product.casefold() not in names:
        return Undefined(f"the plant does not sell {priced_product}")
    return names.index(priced_product.casefold())


@formula("Production of the priced product", "t/year", "product made, of the priced product", source="method 22")
def priced_production_t_per_y(product_t_per_y: Sequence[Value], priced_index: int) -> Value:
    return product_t_per_y[priced_index]


@formula(
    "Net levelised cost", "USD/t",
    "(OPEX + TCI × CRF - revenue of everything but the priced product) / production of the priced product",
    source="method 11", symbol="net LCOP",
)  # fmt: skip
def net_lcop_usd_per_t(
    total_opex_usd_per_y: Value,
    annualised_capital_usd_per_y: Value,
    product_revenue_usd_per_y: Sequence[Value],
    priced_index: int,
    priced_production_t_per_y: Value,
) -> Value | Undefined:
    others = total(revenue for index, revenue in enumerate(product_revenue_usd_per_y) if index != priced_index)
    cost = total_opex_usd_per_y + annualised_capital_usd_per_y - others
    return quotient(cost, priced_production_t_per_y, "the plant makes none of the priced product")
