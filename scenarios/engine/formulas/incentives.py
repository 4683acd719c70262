"""The incentive stack (method.md 29). Quantities by incentive are tuples in the order of the stack.

An item whose value hangs on something unknown is undefined by itself: the others, and a stack without items, are not.
"""

from collections.abc import Sequence
from functools import partial, reduce
from operator import add

from scenarios.engine.formula import Undefined, formula
from scenarios.engine.incentive import CAPITAL_KINDS, US_45Z_CHANGED
from scenarios.engine.numeric import Value, maximum, minimum, provided, scaled, total, where
from scenarios.engine.yearly import by_year, year_by_year

_NOT_A_FUEL = Undefined("only liquid fuels carry emissions")
_OTHER_KIND = Undefined("the incentive is of another kind")
_PER_GALLON = frozenset({"per_volume", "mandate_certificate"})
_PER_CREDIT = frozenset({"lcfs", "ets"})


def us_45z_factor(intensity: Value, ceiling: Value, *, is_floored: bool) -> Value:
    """Emissions factor (ceiling - intensity) / ceiling, at least 0; from 2026 no intensity counts as less than 0.

    Args:
        intensity: kgCO2e/mmBtu, as the ceiling (50).

    Source: 26 USC 45Z(b)(1); the statute rounds, this does not.
    """
    counted = maximum(intensity, intensity * 0.0) if is_floored else intensity
    return maximum((ceiling - counted) / ceiling, 0.0)


def us_40b_rate(base: Value, reduction: Value, *, threshold: Value, per_reduction: Value, cap: Value) -> Value:
    """Base credit plus a supplement for each per cent of reduction above the threshold, capped; 0 below it.

    Args:
        base, cap: USD/gal. per_reduction: USD/gal for a reduction of 1 (100 %).

    Source: 26 USC 40B(b).
    """
    supplement = minimum((reduction - threshold) * per_reduction, cap)
    return where(reduction >= threshold, base + supplement, base * 0.0)


@formula(
    "Product an incentive is paid on", "1", "where it stands in the list; the priced product unless named",
    source="method 29", accepts_undefined=True,
)  # fmt: skip
def incentive_product_index(
    incentive_product: Sequence[str | None], product_name: Sequence[str], priced_index: int | Undefined
) -> tuple[int | Undefined, ...]:
    names = [name.casefold() for name in product_name]
    return tuple(
        priced_index if name is None
        else names.index(name.casefold()) if name.casefold() in names
        else Undefined(f"the plant does not sell {name}")
        for name in incentive_product
    )  # fmt: skip


def _of_product(index: int | Undefined, by_product: Sequence[Value]) -> Value | Undefined:
    return index if isinstance(index, Undefined) else by_product[index]


@formula("Product an incentive is paid on, a year", "t/year", "product made × share of it, by incentive",
         source="method 29")  # fmt: skip
def incentive_t_per_y(
    incentive_product_index: Sequence[int], product_t_per_y: Sequence[Value], incentive_share: Sequence[Value]
) -> tuple[Value | Undefined, ...]:
    rows = zip(incentive_product_index, incentive_share, strict=True)
    return tuple(_of_product(index, product_t_per_y) * share for index, share in rows)


@formula("Gallons in a tonne", "gal/t", "litres per m³ / density / litres per gallon, by incentive", source="method 29")
def incentive_gal_per_t(
    incentive_product_index: Sequence[int],
    product_density_t_per_m3: Sequence[Value],
    litres_per_m3: float,
    litres_per_gallon: float,
) -> tuple[Value | Undefined, ...]:
    per_t = litres_per_m3 / litres_per_gallon
    return tuple(per_t / _of_product(index, product_density_t_per_m3) for index in incentive_product_index)


@formula(
    "Intensity an incentive counts", "gCO2e/MJ", "carbon intensity; for 45Z from 2026 without land-use change",
    source="method 24, 26, 29", accepts_undefined=True,
)  # fmt: skip
def incentive_intensity_g_per_mj(
    incentive_kind: Sequence[str],
    incentive_last_year: Sequence[int | None],
    incentive_product_index: Sequence[int | Undefined],
    product_is_liquid_fuel: Sequence[bool],
    carbon_intensity_g_per_mj: Value | Undefined,
    intensity_without_land_use_g_per_mj: Value | Undefined,
) -> tuple[Value | Undefined, ...]:
    """Energy allocation, as CORSIA, GREET and RED ask for, gives every fuel the same, whatever allocation is shown."""
    found: list[Value | Undefined] = []
    for kind, last, index in zip(incentive_kind, incentive_last_year, incentive_product_index, strict=True):
        if isinstance(index, Undefined) or not product_is_liquid_fuel[index]:
            found.append(index if isinstance(index, Undefined) else _NOT_A_FUEL)
        else:
            found.append(intensity_without_land_use_g_per_mj if _is_new_45z(kind, last) else carbon_intensity_g_per_mj)
    return tuple(found)


def _is_new_45z(kind: str, last_year: int | None) -> bool:
    return kind == "us_45z" and (last_year is None or last_year >= US_45Z_CHANGED)


@formula(
    "Reduction against the reference", "1", "1 - intensity / reference intensity, by incentive", source="method 29"
)
def incentive_reduction(
    incentive_intensity_g_per_mj: Sequence[Value], incentive_reference_g_per_mj: Sequence[Value]
) -> tuple[Value | Undefined, ...]:
    rows = zip(incentive_intensity_g_per_mj, incentive_reference_g_per_mj, strict=True)
    return tuple(1 - intensity / reference for intensity, reference in rows)


@formula(
    "Share of the 45Z amount", "1",
    "(50 - intensity) / 50, at least 0, from 2026 at most 1; × 0.2 where the wage rules are not met; 0 from 2026"
    " where the feedstock is not North American",
    source="method 29; 26 USC 45Z",
)  # fmt: skip
def incentive_45z_share(
    incentive_kind: Sequence[str],
    incentive_last_year: Sequence[int | None],
    incentive_intensity_g_per_mj: Sequence[Value],
    incentive_wage_rules_met: Sequence[bool],
    incentive_north_american: Sequence[bool],
    us45z_ceiling_kg_per_mmbtu: float,
    us45z_share_without_wage_rules: float,
    mj_per_mmbtu: float,
    g_per_kg: float,
) -> tuple[Value | Undefined, ...]:
    rows = zip(
        incentive_kind,
        incentive_last_year,
        incentive_intensity_g_per_mj,
        incentive_wage_rules_met,
        incentive_north_american,
        strict=True,
    )
    shares: list[Value | Undefined] = []
    for kind, last, intensity, wage_rules_met, north_american in rows:
        if kind != "us_45z" or isinstance(intensity, Undefined):
            shares.append(intensity if kind == "us_45z" else _OTHER_KIND)
            continue
        in_us_units, is_new = intensity * mj_per_mmbtu / g_per_kg, _is_new_45z(kind, last)
        share = us_45z_factor(in_us_units, us45z_ceiling_kg_per_mmbtu, is_floored=is_new)
        share = share if wage_rules_met else share * us45z_share_without_wage_rules
        shares.append(share * 0.0 if is_new and not north_american else share)
    return tuple(shares)


@formula(
    "40B credit", "USD/gal", "base + 0.01 for each per cent of reduction above 50, at most 0.50; 0 below 50 %",
    source="method 29; 26 USC 40B",
)  # fmt: skip
def incentive_40b_usd_per_gal(
    incentive_kind: Sequence[str],
    incentive_amount: Sequence[Value],
    incentive_reduction: Sequence[Value],
    us40b_minimum_reduction: float,
    us40b_supplement_usd_per_gal: float,
    us40b_cap_usd_per_gal: float,
) -> tuple[Value | Undefined, ...]:
    return tuple(
        _OTHER_KIND if kind != "us_40b"
        else reduction if isinstance(reduction, Undefined)
        else us_40b_rate(
            amount, reduction, threshold=us40b_minimum_reduction, per_reduction=us40b_supplement_usd_per_gal,
            cap=us40b_cap_usd_per_gal,
        )
        for kind, amount, reduction in zip(incentive_kind, incentive_amount, incentive_reduction, strict=True)
    )  # fmt: skip


@formula(
    "Credits of a tonne", "tCO2e/t",
    "LCFS: (reference - LS) × LHV, at least 0; ETS: emissions of a tonne of fossil jet, as SAF counts as zero",
    source="method 29; 17 CCR 95486.1; Directive 2003/87/EC Annex IV",
)  # fmt: skip
def incentive_credit_tco2e_per_t(
    incentive_kind: Sequence[str],
    incentive_product_index: Sequence[int],
    incentive_intensity_g_per_mj: Sequence[Value],
    incentive_reference_g_per_mj: Sequence[Value],
    product_lower_heating_value_mj_per_kg: Sequence[Value],
    corsia_fuel_conversion_tco2_per_t: float,
    kg_per_t: float,
    g_per_t: float,
) -> tuple[Value | Undefined, ...]:
    rows = zip(
        incentive_kind,
        incentive_product_index,
        incentive_intensity_g_per_mj,
        incentive_reference_g_per_mj,
        strict=True,
    )
    credits: list[Value | Undefined] = []
    for kind, index, intensity, reference in rows:
        if kind == "ets":
            credits.append(corsia_fuel_conversion_tco2_per_t)
        elif kind != "lcfs" or isinstance(intensity, Undefined):
            credits.append(intensity if kind == "lcfs" else _OTHER_KIND)
        else:
            saved = maximum(reference - intensity, intensity * 0.0)
            credits.append(saved * product_lower_heating_value_mj_per_kg[index] * kg_per_t / g_per_t)
    return tuple(credits)


@formula(
    "Incentive per tonne", "USD/t",
    "amount, × gallons per tonne where paid by volume (of 45Z × its share, of RINs × RINs per gallon; of 40B the"
    " credit), × credits per tonne where paid by emissions saved",
    source="method 29",
)  # fmt: skip
def incentive_rate_usd_per_t(
    incentive_kind: Sequence[str],
    incentive_amount: Sequence[Value],
    incentive_gal_per_t: Sequence[Value],
    incentive_45z_share: Sequence[Value],
    incentive_40b_usd_per_gal: Sequence[Value],
    incentive_rins_per_gal: Sequence[Value],
    incentive_credit_tco2e_per_t: Sequence[Value],
) -> tuple[Value | Undefined, ...]:
    """Before any condition on the reduction; of capital grants, which are not paid on fuel, undefined."""
    rows = zip(
        incentive_kind,
        incentive_amount,
        incentive_gal_per_t,
        incentive_45z_share,
        incentive_40b_usd_per_gal,
        incentive_rins_per_gal,
        incentive_credit_tco2e_per_t,
        strict=True,
    )
    rates: list[Value | Undefined] = []
    for kind, amount, gallons, share_45z, credit_40b, rins, credit in rows:
        if kind in CAPITAL_KINDS:
            rates.append(Undefined("paid on capital, not on fuel"))
        elif kind in _PER_GALLON:
            rates.append(amount * gallons)
        elif kind == "us_45z":
            rates.append(amount * share_45z * gallons)
        elif kind == "us_40b":
            rates.append(credit_40b * gallons)
        elif kind == "rin":
            rates.append(amount * rins * gallons)
        else:
            rates.append(amount * credit if kind in _PER_CREDIT else amount)
    return tuple(rates)


@formula(
    "Incentive in a full year", "USD/year",
    "incentive per tonne × product it is paid on, 0 where the reduction is below the least asked for",
    source="method 29",
)  # fmt: skip
def incentive_usd_per_y(
    incentive_kind: Sequence[str],
    incentive_rate_usd_per_t: Sequence[Value],
    incentive_t_per_y: Sequence[Value],
    incentive_reduction: Sequence[Value],
    incentive_minimum_reduction: Sequence[Value],
) -> tuple[Value | Undefined, ...]:
    rows = zip(
        incentive_kind,
        incentive_rate_usd_per_t,
        incentive_t_per_y,
        incentive_reduction,
        incentive_minimum_reduction,
        strict=True,
    )
    amounts: list[Value | Undefined] = []
    for kind, rate, paid_on, reduction, asked in rows:
        if kind in CAPITAL_KINDS or isinstance(asked, Undefined):
            amounts.append(rate * paid_on)
        elif isinstance(reduction, Undefined):
            amounts.append(reduction)
        else:
            amounts.append(provided(rate * paid_on, reduction >= asked, reduction))
    return tuple(amounts)


@formula("Years an incentive is paid in", "1", "1 from its first to its last calendar year, else 0", source="method 29")
def incentive_paid_by_year(
    incentive_first_year: Sequence[int | None],
    incentive_last_year: Sequence[int | None],
    operation_start_year: int | None,
    lifetime_years: int,
) -> tuple[list[float], ...]:
    """By incentive, over the years of operation; an item without years is paid in all of them."""
    start = operation_start_year or 0
    paid = []
    for first, last in zip(incentive_first_year, incentive_last_year, strict=True):
        years = range(start, start + lifetime_years)
        paid.append([float((first or year) <= year <= (last or year)) for year in years])
    return tuple(paid)


@formula(
    "Incentive by year", "USD",
    "incentive in a full year × paid or not × sales factor, × general price index where it is indexed",
    source="method 12, 16, 29",
)  # fmt: skip
def incentive_by_year_usd(
    incentive_kind: Sequence[str],
    incentive_usd_per_y: Sequence[Value],
    incentive_paid_by_year: Sequence[Sequence[float]],
    incentive_indexed: Sequence[bool],
    sales_factor_by_year: Sequence[Value],
    general_index_by_year: Sequence[Value],
    period_y: float,
) -> tuple[list[Value] | Undefined, ...]:
    rows = zip(incentive_kind, incentive_usd_per_y, incentive_paid_by_year, incentive_indexed, strict=True)
    flows: list[list[Value] | Undefined] = []
    for kind, annual, paid, is_indexed in rows:
        if kind in CAPITAL_KINDS or not any(paid):
            flows.append([0.0] * len(paid))
        else:
            index = [general_index_by_year] if is_indexed else []
            flows.append(by_year(scaled(annual, period_y), paid, sales_factor_by_year, *index))
    return tuple(flows)


@formula("Incentives by year", "USD", "sum over the stack", source="method 15, 29")
def incentives_by_year_usd(
    incentive_by_year_usd: Sequence[Sequence[Value] | Undefined], lifetime_years: int
) -> list[Value] | Undefined:
    unknown = next((flow for flow in incentive_by_year_usd if isinstance(flow, Undefined)), None)
    if unknown is not None:
        return unknown
    nothing: list[Value] = [0.0] * lifetime_years
    return reduce(partial(year_by_year, add), incentive_by_year_usd, nothing)


@formula("Capital grants by incentive", "USD", "amount, or amount × FCI for a share of it", source="method 29")
def incentive_grant_usd(
    incentive_kind: Sequence[str], incentive_amount: Sequence[Value], fci_usd: Value
) -> tuple[Value, ...]:
    rows = zip(incentive_kind, incentive_amount, strict=True)
    return tuple(
        amount if kind == "capital_grant" else amount * fci_usd if kind in CAPITAL_KINDS else 0.0
        for kind, amount in rows
    )


@formula("Capital grants", "USD", "sum over the stack", source="method 29")
def capital_grant_usd(incentive_grant_usd: Sequence[Value]) -> Value:
    """Received while building, in step with what is spent; not taxed, and not depreciated either."""
    return total(incentive_grant_usd)


@formula("Capital grants by construction year", "USD", "capital grants × construction share", source="method 12, 29")
def capital_grant_by_construction_year_usd(
    capital_grant_usd: Value, construction_shares: Sequence[Value]
) -> list[Value]:
    return [scaled(capital_grant_usd, share) for share in construction_shares]
