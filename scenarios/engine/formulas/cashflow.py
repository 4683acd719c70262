"""The cash flow (method.md 12-18): the years of operation as lists over 1 ... N, whole flows over -(m-1) ... N.

Entries are floats, or arrays of one float a case. Where nothing distinguishes two years their entries are one object,
and sums of them are made once.
"""

from collections.abc import Sequence
from operator import add, sub

import numpy as np

from scenarios.engine.formula import Undefined, formula
from scenarios.engine.numeric import Value, is_batch, maximum, minimum, scaled, total
from scenarios.engine.yearly import by_year, year_by_year


@formula("Sales by year", "USD", "revenue × sales factor × product price index", source="method 10, 12, 16")
def sales_by_year_usd(
    total_revenue_usd_per_y: Value,
    sales_factor_by_year: Sequence[Value],
    products_index_by_year: Sequence[Value],
    period_y: float,
) -> list[Value] | Undefined:
    return by_year(scaled(total_revenue_usd_per_y, period_y), sales_factor_by_year, products_index_by_year)


@formula("Carbon revenue by year", "USD", "carbon revenue × sales factor × general price index", source="method 10, 16")
def carbon_revenue_by_year_usd(
    carbon_revenue_usd_per_y: Value,
    sales_factor_by_year: Sequence[Value],
    general_index_by_year: Sequence[Value],
    period_y: float,
) -> list[Value] | Undefined:
    return by_year(scaled(carbon_revenue_usd_per_y, period_y), sales_factor_by_year, general_index_by_year)


@formula(
    "Feedstock cost by year", "USD", "feedstock cost × variable factor × feedstock price index", source="method 9, 16"
)
def feedstock_by_year_usd(
    feedstock_cost_usd_per_y: Sequence[Value],
    variable_factor_by_year: Sequence[Value],
    feedstock_index_by_year: Sequence[Value],
    period_y: float,
) -> list[Value] | Undefined:
    annual = scaled(total(feedstock_cost_usd_per_y), period_y)
    return by_year(annual, variable_factor_by_year, feedstock_index_by_year)


@formula(
    "Utility and other variable cost by year", "USD",
    "(utilities + other variable cost) × variable factor × utility price index", source="method 9, 16",
)  # fmt: skip
def utilities_by_year_usd(
    utility_cost_usd_per_y: Sequence[Value],
    other_variable_cost_usd_per_y: Value,
    variable_factor_by_year: Sequence[Value],
    utilities_index_by_year: Sequence[Value],
    period_y: float,
) -> list[Value] | Undefined:
    annual = scaled(total(utility_cost_usd_per_y) + other_variable_cost_usd_per_y, period_y)
    return by_year(annual, variable_factor_by_year, utilities_index_by_year)


@formula("Fixed cost by year", "USD", "indirect OPEX × fixed factor × fixed cost index", source="method 9, 16")
def fixed_by_year_usd(
    indirect_opex_usd_per_y: Value,
    fixed_factor_by_year: Sequence[Value],
    fixed_index_by_year: Sequence[Value],
    period_y: float,
) -> list[Value] | Undefined:
    return by_year(scaled(indirect_opex_usd_per_y, period_y), fixed_factor_by_year, fixed_index_by_year)


@formula("OPEX by year", "USD", "feedstock + utilities and other variable cost + fixed cost", source="method 9")
def opex_by_year_usd(
    feedstock_by_year_usd: Sequence[Value], utilities_by_year_usd: Sequence[Value], fixed_by_year_usd: Sequence[Value]
) -> list[Value]:
    bought = year_by_year(add, feedstock_by_year_usd, utilities_by_year_usd)
    return year_by_year(add, bought, fixed_by_year_usd)


@formula("Support by year", "USD", "carbon revenue + incentives", source="method 10, 29")
def support_by_year_usd(
    carbon_revenue_by_year_usd: Sequence[Value], incentives_by_year_usd: Sequence[Value]
) -> list[Value]:
    return year_by_year(add, carbon_revenue_by_year_usd, incentives_by_year_usd)


@formula(
    "Operating income by year", "USD", "sales + carbon revenue + incentives - OPEX", source="method 15",
    symbol="EBITDA",
)  # fmt: skip
def operating_income_by_year_usd(
    sales_by_year_usd: Sequence[Value],
    support_by_year_usd: Sequence[Value],
    opex_by_year_usd: Sequence[Value],
) -> list[Value]:
    income = year_by_year(sub, sales_by_year_usd, opex_by_year_usd)
    return year_by_year(add, income, support_by_year_usd)


@formula(
    "Sales of other products by year", "USD", "revenue of everything but the priced product, as sales by year",
    source="method 22",
)  # fmt: skip
def other_sales_by_year_usd(
    product_revenue_usd_per_y: Sequence[Value],
    priced_index: int,
    sales_factor_by_year: Sequence[Value],
    products_index_by_year: Sequence[Value],
    period_y: float,
) -> list[Value] | Undefined:
    others = total(revenue for index, revenue in enumerate(product_revenue_usd_per_y) if index != priced_index)
    return by_year(scaled(others, period_y), sales_factor_by_year, products_index_by_year)


@formula(
    "Operating income without the priced product", "USD",
    "sales of other products + carbon revenue + incentives - OPEX", source="method 22",
)  # fmt: skip
def unpriced_income_by_year_usd(
    other_sales_by_year_usd: Sequence[Value],
    support_by_year_usd: Sequence[Value],
    opex_by_year_usd: Sequence[Value],
) -> list[Value]:
    income = year_by_year(sub, other_sales_by_year_usd, opex_by_year_usd)
    return year_by_year(add, income, support_by_year_usd)


@formula(
    "Taxable income without the priced product", "USD",
    "operating income without it - depreciation - deductible debt service where the owners' flow counts,"
    " and in the last year + salvage - book value left", source="method 15, 22",
)  # fmt: skip
def unpriced_taxable_by_year_usd(
    unpriced_income_by_year_usd: Sequence[Value],
    depreciation_by_year_usd: Sequence[Value],
    deductible_service_by_year_usd: Sequence[Value],
    npv_basis: str,
    salvage_usd: Value,
    closing_book_value_usd: Value,
) -> list[Value]:
    taxable = year_by_year(sub, unpriced_income_by_year_usd, depreciation_by_year_usd)
    if npv_basis == "levered":
        taxable = year_by_year(sub, taxable, deductible_service_by_year_usd)
    taxable[-1] = taxable[-1] + (salvage_usd - closing_book_value_usd)
    return taxable


@formula(
    "Cash flow before tax without the priced product", "USD",
    "-investment (the owners' part of it where their flow counts) while building; operating income without the product"
    " - debt service after; working capital and salvage back in the last year", source="method 22",
)  # fmt: skip
def unpriced_flow_usd(
    investment_by_construction_year_usd: Sequence[Value],
    equity_by_construction_year_usd: Sequence[Value],
    unpriced_income_by_year_usd: Sequence[Value],
    interest_by_year_usd: Sequence[Value],
    principal_by_year_usd: Sequence[Value],
    npv_basis: str,
    working_capital_usd: Value,
    salvage_usd: Value,
) -> list[Value]:
    """On the flow that drives NPV, over -(m-1) ... N."""
    income = list(unpriced_income_by_year_usd)
    spent = investment_by_construction_year_usd
    if npv_basis == "levered":
        spent = equity_by_construction_year_usd
        service = year_by_year(add, interest_by_year_usd, principal_by_year_usd)
        income = year_by_year(sub, income, service)
    income[-1] = income[-1] + (working_capital_usd + salvage_usd)
    return [*(-outlay for outlay in spent), *income]


@formula(
    "Taxable income by year, unlevered", "USD",
    "operating income - depreciation, and in the last year + salvage - book value left", source="method 15, 17",
)  # fmt: skip
def unlevered_taxable_by_year_usd(
    operating_income_by_year_usd: Sequence[Value],
    depreciation_by_year_usd: Sequence[Value],
    salvage_usd: Value,
    closing_book_value_usd: Value,
) -> list[Value]:
    """Before losses of other years."""
    taxable = year_by_year(sub, operating_income_by_year_usd, depreciation_by_year_usd)
    taxable[-1] = taxable[-1] + (salvage_usd - closing_book_value_usd)
    return taxable


@formula(
    "Taxable income by year, levered", "USD", "unlevered taxable income - deductible debt service", source="method 15"
)
def levered_taxable_by_year_usd(
    unlevered_taxable_by_year_usd: Sequence[Value], deductible_service_by_year_usd: Sequence[Value]
) -> list[Value]:
    rows = zip(unlevered_taxable_by_year_usd, deductible_service_by_year_usd, strict=True)
    return [taxable - deductible for taxable, deductible in rows]


def tax_by_year(taxable: Sequence[Value], tax_rate: Value, loss_rule: str) -> list[Value]:
    """Tax on yearly income under a loss rule.

    Losses carried forward reduce later income without limit of time or amount; under ``no_offset`` they are lost;
    under ``refund`` a loss is refunded in its year, as negative tax.
    """
    if loss_rule == "refund":
        return [tax_rate * income for income in taxable]
    if not is_batch(tax_rate, *taxable):
        return _tax_of_case(taxable, tax_rate, keeps_losses=loss_rule == "carry_forward")
    taxes: list[Value] = []
    carried: Value = None
    for income in taxable:
        net = income if carried is None else income + carried
        taxes.append(tax_rate * maximum(net, 0.0))
        if loss_rule == "carry_forward":
            carried = minimum(net, 0.0)
    return taxes


def _tax_of_case(taxable: Sequence[float], tax_rate: float, *, keeps_losses: bool) -> list[float]:
    taxes, carried = [], 0.0
    for income in taxable:
        net = income + carried
        taxes.append(tax_rate * (net if net > 0.0 else 0.0))
        if keeps_losses:
            carried = net if net < 0.0 else 0.0
    return taxes


def _paid(taxes: list[Value], convention: str) -> list[Value]:
    """In its own year, or a year late; then what the last year owes falls outside the flow."""
    return [0.0, *taxes[:-1]] if convention == "annual_year_zero" else taxes


_TAX_WORDS = (
    "tax rate × taxable income after the losses the loss rule lets through, paid a year late in annual_year_zero"
)


@formula("Tax by year, unlevered", "USD", _TAX_WORDS, source="method 15")
def unlevered_tax_by_year_usd(
    unlevered_taxable_by_year_usd: Sequence[Value], tax_rate: Value, loss_rule: str, convention: str
) -> list[Value]:
    return _paid(tax_by_year(unlevered_taxable_by_year_usd, tax_rate, loss_rule), convention)


@formula("Tax by year, levered", "USD", _TAX_WORDS, source="method 15")
def levered_tax_by_year_usd(
    levered_taxable_by_year_usd: Sequence[Value], tax_rate: Value, loss_rule: str, convention: str
) -> list[Value]:
    return _paid(tax_by_year(levered_taxable_by_year_usd, tax_rate, loss_rule), convention)


@formula(
    "Investment by construction year", "USD",
    "fixed capital - capital grants, and working capital in the last construction year", source="method 7, 12, 29",
)  # fmt: skip
def investment_by_construction_year_usd(
    fixed_capital_by_construction_year_usd: Sequence[Value],
    capital_grant_by_construction_year_usd: Sequence[Value],
    working_capital_usd: Value,
) -> list[Value]:
    rows = zip(fixed_capital_by_construction_year_usd, capital_grant_by_construction_year_usd, strict=True)
    *earlier, last = (spent - granted for spent, granted in rows)
    return [*earlier, last + working_capital_usd]


@formula(
    "Cash flow, unlevered", "USD",
    "-investment while building; operating income - tax after; working capital and salvage back in the last year",
    source="method 12-17", symbol="CF",
)  # fmt: skip
def unlevered_cash_flow_usd(
    investment_by_construction_year_usd: Sequence[Value],
    operating_income_by_year_usd: Sequence[Value],
    unlevered_tax_by_year_usd: Sequence[Value],
    working_capital_usd: Value,
    salvage_usd: Value,
) -> list[Value]:
    """The project's flow, over -(m-1) ... N."""
    flows = [-spent for spent in investment_by_construction_year_usd]
    flows += year_by_year(sub, operating_income_by_year_usd, unlevered_tax_by_year_usd)
    flows[-1] = flows[-1] + (working_capital_usd + salvage_usd)
    return flows


@formula(
    "Owners' investment by construction year", "USD", "investment - loan drawn + interest paid while building",
    source="method 14",
)  # fmt: skip
def equity_by_construction_year_usd(
    investment_by_construction_year_usd: Sequence[Value],
    loan_drawn_by_construction_year_usd: Sequence[Value],
    construction_interest_paid_usd: Sequence[Value],
) -> list[Value]:
    rows = zip(
        investment_by_construction_year_usd,
        loan_drawn_by_construction_year_usd,
        construction_interest_paid_usd,
        strict=True,
    )
    return [spent - drawn + interest for spent, drawn, interest in rows]


@formula(
    "Cash flow, levered", "USD",
    "-owners' investment while building; operating income - tax - interest - principal after; working capital and"
    " salvage back in the last year",
    source="method 14", symbol="CF",
)  # fmt: skip
def levered_cash_flow_usd(
    equity_by_construction_year_usd: Sequence[Value],
    operating_income_by_year_usd: Sequence[Value],
    levered_tax_by_year_usd: Sequence[Value],
    interest_by_year_usd: Sequence[Value],
    principal_by_year_usd: Sequence[Value],
    working_capital_usd: Value,
    salvage_usd: Value,
) -> list[Value]:
    """The owners' flow, over -(m-1) ... N."""
    rows = zip(
        operating_income_by_year_usd, levered_tax_by_year_usd, interest_by_year_usd, principal_by_year_usd, strict=True
    )
    flows = [-spent for spent in equity_by_construction_year_usd]
    flows += [income - tax - interest - principal for income, tax, interest, principal in rows]
    flows[-1] = flows[-1] + (working_capital_usd + salvage_usd)
    return flows


@formula("Carbon revenue", "USD/year", "carbon price × avoided emissions", source="method 10", accepts_undefined=True)
def carbon_revenue_usd_per_y(carbon_price_usd_per_t: Value, avoided_t_per_y: Value | Undefined) -> Value | Undefined:
    """Nothing at a price of zero, whatever the emissions."""
    if not isinstance(avoided_t_per_y, Undefined):
        return avoided_t_per_y * carbon_price_usd_per_t
    if is_batch(carbon_price_usd_per_t):
        return np.where(carbon_price_usd_per_t == 0, 0.0, np.nan)
    return 0.0 if carbon_price_usd_per_t == 0 else avoided_t_per_y
