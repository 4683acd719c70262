"""Return and price (method.md 18-22, 28)."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from scenarios.engine import metrics
from scenarios.engine.formula import Undefined, formula
from scenarios.engine.formulas.price import price_without_gain
from scenarios.engine.numeric import Value, is_batch, quotient, running, total, where
from scenarios.engine.roots import rates_of_return


def _defined(value: Value, reason: str) -> Value | Undefined:
    """NaN of one case becomes a reason; in a batch NaN marks the undefined cases."""
    if is_batch(value):
        return value
    return Undefined(reason) if value != value else value


@formula("Discount factors", "1", "(1 + r)^-(year - reference year)", source="method 12, NPV", symbol="v_t")
def discount_factors(
    nominal_discount_rate: Value,
    construction_shares: Sequence[Value],
    lifetime_years: int,
    npv_reference_year: str,
    convention: str,
) -> list[Value]:
    """Over -(m-1) ... N, from year 0, the first construction year, or in annual_year_zero the year before that."""
    building = len(construction_shares)
    if convention == "annual_year_zero":
        return metrics.discount_factors(nominal_discount_rate, before=0, after=building + lifetime_years)[1:]
    shift = building - 1 if npv_reference_year == "start_of_construction" else 0
    return metrics.discount_factors(nominal_discount_rate, before=building - 1 - shift, after=lifetime_years + shift)


@formula("Cumulative cash flow, unlevered", "USD", "sum of the flows up to each year", source="method 18")
def unlevered_cumulative_usd(unlevered_cash_flow_usd: Sequence[Value]) -> list[Value]:
    return running(unlevered_cash_flow_usd)


@formula("Cumulative discounted cash flow, unlevered", "USD", "sum of flow × discount factor", source="method 18")
def unlevered_discounted_cumulative_usd(
    unlevered_cash_flow_usd: Sequence[Value], discount_factors: Sequence[Value]
) -> list[Value]:
    return _discounted_sums(unlevered_cash_flow_usd, discount_factors)


@formula("Cumulative cash flow, levered", "USD", "sum of the flows up to each year", source="method 18")
def levered_cumulative_usd(levered_cash_flow_usd: Sequence[Value]) -> list[Value]:
    return running(levered_cash_flow_usd)


@formula("Cumulative discounted cash flow, levered", "USD", "sum of flow × discount factor", source="method 18")
def levered_discounted_cumulative_usd(
    levered_cash_flow_usd: Sequence[Value], discount_factors: Sequence[Value]
) -> list[Value]:
    return _discounted_sums(levered_cash_flow_usd, discount_factors)


def _discounted_sums(flows: Sequence[Value], factors: Sequence[Value]) -> list[Value]:
    return running([flow * factor for flow, factor in zip(flows, factors, strict=True)])


_NPV_WORDS = "sum over the years of cash flow × discount factor"


@formula("Net present value, unlevered", "USD", _NPV_WORDS, source="method 12-18", symbol="NPV")
def unlevered_npv_usd(unlevered_discounted_cumulative_usd: Sequence[Value]) -> Value:
    return unlevered_discounted_cumulative_usd[-1]


@formula("Net present value, levered", "USD", _NPV_WORDS, source="method 12-18", symbol="NPV")
def levered_npv_usd(levered_discounted_cumulative_usd: Sequence[Value]) -> Value:
    return levered_discounted_cumulative_usd[-1]


_IRR_WORDS = "every r above -1 at which the sum of CF_t / (1+r)^t is 0"


@formula("Rates of return, unlevered", "1", _IRR_WORDS, source="method 19")
def unlevered_irr_roots(unlevered_cash_flow_usd: Sequence[Value]) -> Any:
    """Shape (roots, cases), NaN where a case has fewer."""
    return rates_of_return(unlevered_cash_flow_usd)


@formula("Rates of return, levered", "1", _IRR_WORDS, source="method 19")
def levered_irr_roots(levered_cash_flow_usd: Sequence[Value]) -> Any:
    """Shape (roots, cases), NaN where a case has fewer."""
    return rates_of_return(levered_cash_flow_usd)


def _single_rates(roots: Any) -> Value:
    """By case the one root, or the only one not below zero; NaN where there is no single answer."""
    known = np.isfinite(roots)
    gains = known & (roots >= 0)
    count, positive = known.sum(axis=0), gains.sum(axis=0)
    only = np.where(known, roots, 0.0).sum(axis=0)
    gain = np.where(gains, roots, 0.0).sum(axis=0)
    return np.where(count == 1, only, np.where(positive == 1, gain, np.nan))


def _irr(roots: Any, flows: Sequence[Value]) -> Value | Undefined:
    if is_batch(*flows):
        return _single_rates(roots)
    found = metrics.rate_of_return(roots[:, 0].tolist())
    if found.value is not None:
        return found.value
    if not found.roots:
        return Undefined("no rate above -100 % makes the flows worth nothing")
    return Undefined(f"{len(found.roots)} rates fit; see the roots")


_ONE_RATE = "the only root, or of several the only one not below 0"


@formula("Internal rate of return, unlevered", "1", _ONE_RATE, source="method 19", symbol="IRR")
def unlevered_irr(unlevered_irr_roots: Any, unlevered_cash_flow_usd: Sequence[Value]) -> Value | Undefined:
    return _irr(unlevered_irr_roots, unlevered_cash_flow_usd)


@formula("Internal rate of return, levered", "1", _ONE_RATE, source="method 19", symbol="IRR")
def levered_irr(levered_irr_roots: Any, levered_cash_flow_usd: Sequence[Value]) -> Value | Undefined:
    return _irr(levered_irr_roots, levered_cash_flow_usd)


@formula(
    "Modified rate of return, unlevered", "1",
    "(inflows compounded at r / outflows discounted at r)^(1/years) - 1", source="method 19", symbol="MIRR",
)  # fmt: skip
def unlevered_modified_irr(unlevered_cash_flow_usd: Sequence[Value], nominal_discount_rate: Value) -> Value | Undefined:
    rate = metrics.modified_rate_of_return(unlevered_cash_flow_usd, nominal_discount_rate)
    return _defined(rate, "nothing is spent, or nothing is earned")


@formula(
    "Modified rate of return, levered", "1",
    "(inflows compounded at r / outflows discounted at r)^(1/years) - 1", source="method 19", symbol="MIRR",
)  # fmt: skip
def levered_modified_irr(levered_cash_flow_usd: Sequence[Value], nominal_discount_rate: Value) -> Value | Undefined:
    rate = metrics.modified_rate_of_return(levered_cash_flow_usd, nominal_discount_rate)
    return _defined(rate, "nothing is spent, or nothing is earned")


_PAYBACK_WORDS = "years from year 0 until the cumulative flow last rises through 0, linear inside the year"
_NO_PAYBACK = "the cumulative flow ends below zero"


def _payback(cumulative: Sequence[Value], construction_shares: Sequence[Value]) -> Value | Undefined:
    years = metrics.last_crossing(cumulative, first_year=1 - len(construction_shares))
    return _defined(years, _NO_PAYBACK)


@formula("Payback, unlevered", "year", _PAYBACK_WORDS, source="method 20")
def unlevered_payback_years(
    unlevered_cumulative_usd: Sequence[Value], construction_shares: Sequence[Value]
) -> Value | Undefined:
    return _payback(unlevered_cumulative_usd, construction_shares)


@formula("Payback, levered", "year", _PAYBACK_WORDS, source="method 20")
def levered_payback_years(
    levered_cumulative_usd: Sequence[Value], construction_shares: Sequence[Value]
) -> Value | Undefined:
    return _payback(levered_cumulative_usd, construction_shares)


@formula("Discounted payback, unlevered", "year", _PAYBACK_WORDS + ", on discounted flows", source="method 20")
def unlevered_discounted_payback_years(
    unlevered_discounted_cumulative_usd: Sequence[Value], construction_shares: Sequence[Value]
) -> Value | Undefined:
    return _payback(unlevered_discounted_cumulative_usd, construction_shares)


@formula("Discounted payback, levered", "year", _PAYBACK_WORDS + ", on discounted flows", source="method 20")
def levered_discounted_payback_years(
    levered_discounted_cumulative_usd: Sequence[Value], construction_shares: Sequence[Value]
) -> Value | Undefined:
    return _payback(levered_discounted_cumulative_usd, construction_shares)


def _profitability(npv: Value, spent: Sequence[Value], factors: Sequence[Value]) -> Value | Undefined:
    worth = total(outlay * factor for outlay, factor in zip(spent, factors[: len(spent)], strict=True))
    return 1 + quotient(npv, worth, "nothing is invested")


_INDEX_WORDS = "1 + NPV / present value of the investment"


@formula("Profitability index, unlevered", "1", _INDEX_WORDS, source="method 21", symbol="PI")
def unlevered_profitability_index(
    unlevered_npv_usd: Value, investment_by_construction_year_usd: Sequence[Value], discount_factors: Sequence[Value]
) -> Value | Undefined:
    return _profitability(unlevered_npv_usd, investment_by_construction_year_usd, discount_factors)


@formula("Profitability index, levered", "1", _INDEX_WORDS, source="method 21", symbol="PI")
def levered_profitability_index(
    levered_npv_usd: Value, equity_by_construction_year_usd: Sequence[Value], discount_factors: Sequence[Value]
) -> Value | Undefined:
    return _profitability(levered_npv_usd, equity_by_construction_year_usd, discount_factors)


def _return(flows: Sequence[Value], spent: Sequence[Value], years: int) -> Value | Undefined:
    """(sum of all flows) is what is earned beyond the investment; a year's share of it over the investment."""
    return quotient(total(flows) / years, total(spent), "nothing is invested")


_ROI_WORDS = "sum of all flows / years of operation / investment: average yearly net profit on what was invested"


@formula("Return on investment, unlevered", "1", _ROI_WORDS, source="method 21", symbol="ROI")
def unlevered_roi(
    unlevered_cash_flow_usd: Sequence[Value], investment_by_construction_year_usd: Sequence[Value], lifetime_years: int
) -> Value | Undefined:
    return _return(unlevered_cash_flow_usd, investment_by_construction_year_usd, lifetime_years)


@formula("Return on investment, levered", "1", _ROI_WORDS, source="method 21", symbol="ROI")
def levered_roi(
    levered_cash_flow_usd: Sequence[Value], equity_by_construction_year_usd: Sequence[Value], lifetime_years: int
) -> Value | Undefined:
    return _return(levered_cash_flow_usd, equity_by_construction_year_usd, lifetime_years)


@formula(
    "Minimum selling price", "USD/t",
    "the price of the priced product at which NPV is 0, after tax, all else as it is", source="method 22", symbol="MSP",
)  # fmt: skip
def minimum_selling_price_usd_per_t(
    priced_production_t_per_y: Value,
    sales_factor_by_year: Sequence[Value],
    products_index_by_year: Sequence[Value],
    discount_factors: Sequence[Value],
    unpriced_flow_usd: Sequence[Value],
    unpriced_taxable_by_year_usd: Sequence[Value],
    tax_rate: Value,
    loss_rule: str,
    convention: str,
    period_y: float,
) -> Value | Undefined:
    """On the flow that drives NPV; the product's present price plays no part, and need not be known."""
    sold = priced_production_t_per_y * period_y
    return price_without_gain(
        sold_by_year=[
            sold * share * index for share, index in zip(sales_factor_by_year, products_index_by_year, strict=True)
        ],
        flow_before_tax=unpriced_flow_usd,
        taxable=unpriced_taxable_by_year_usd,
        discount_factors=discount_factors,
        tax_rate=tax_rate,
        loss_rule=loss_rule,
        is_tax_late=convention == "annual_year_zero",
    )


@formula("Minimum selling price per litre", "USD/l", "minimum selling price × density", source="method 22")
def minimum_selling_price_usd_per_l(
    minimum_selling_price_usd_per_t: Value,
    product_density_t_per_m3: Sequence[Value],
    priced_index: int,
    litres_per_m3: float,
) -> Value:
    return minimum_selling_price_usd_per_t * product_density_t_per_m3[priced_index] / litres_per_m3


@formula("Minimum selling price per gallon", "USD/gal", "price per litre × litres per US gallon", source="method 22")
def minimum_selling_price_usd_per_gal(minimum_selling_price_usd_per_l: Value, litres_per_gallon: float) -> Value:
    return minimum_selling_price_usd_per_l * litres_per_gallon


@formula(
    "Abatement cost", "USD/tCO2e",
    "(minimum price / LHV - fossil jet price / 43.15) / (fossil comparator - LS), at equal energy",
    source="method 28",
)  # fmt: skip
def abatement_cost_usd_per_t(
    minimum_selling_price_usd_per_t: Value,
    product_lower_heating_value_mj_per_kg: Sequence[Value],
    priced_index: int,
    fossil_jet_price_usd_per_t: Value,
    fossil_jet_lower_heating_value_mj_per_kg: Value,
    fossil_comparator_g_per_mj: Value,
    priced_intensity_g_per_mj: Value,
    kg_per_t: float,
    g_per_t: float,
) -> Value | Undefined:
    """Extra cost per MJ over emissions saved per MJ; undefined where nothing is saved."""
    saved = fossil_comparator_g_per_mj - priced_intensity_g_per_mj
    if isinstance(saved, float) and saved <= 0:
        return Undefined("the fuel saves no emissions against the comparator")
    per_kg = minimum_selling_price_usd_per_t / product_lower_heating_value_mj_per_kg[priced_index]
    fossil_per_kg = fossil_jet_price_usd_per_t / fossil_jet_lower_heating_value_mj_per_kg
    extra = (per_kg - fossil_per_kg) / kg_per_t
    usable = saved > 0
    return where(usable, extra / where(usable, saved, 1.0) * g_per_t, float("nan"))
