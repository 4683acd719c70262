"""One item of the incentive stack (method.md 29): its declaration, and what follows from its kind."""

from dataclasses import dataclass

from scenarios.engine.fields import Number, choice, flag, integer, number, text

# By kind, the unit its amount is in. Volumes, credits and premiums are counted on the product the item is paid on.
AMOUNT_UNITS = {
    "per_volume": "USD/gal",
    "us_45z": "USD/gal",
    "us_40b": "USD/gal",
    "rin": "USD/RIN",
    "mandate_certificate": "USD/gal",
    "lcfs": "USD/tCO2e",
    "ets": "USD/tCO2e",
    "price_premium": "USD/t",
    "us_45q": "USD/t",
    "us_45v": "USD/t",
    "capital_grant": "USD",
    "capital_grant_share": "1",
}
CAPITAL_KINDS = frozenset({"capital_grant", "capital_grant_share"})
# 26 USC 45Z as it stands from 2026: no rate below zero, no land-use change, North American feedstock.
US_45Z_CHANGED = 2026


@dataclass(frozen=True, slots=True, kw_only=True)
class Incentive:
    incentive: str = text(
        "incentive_name", help="Name or code of an incentive of the master data, or a name of your own."
    )
    kind: str = choice(
        "incentive_kind", tuple(AMOUNT_UNITS),
        help="What it is paid for: volume (per_volume, us_45z, us_40b, rin, mandate_certificate), emissions saved"
        " (lcfs, ets), mass (price_premium, us_45q, us_45v) or capital (a sum, or a share of FCI).",
    )  # fmt: skip
    amount: Number = number(
        "incentive_amount", "{incentive}", minimum=0, maximum=1e13,
        help="What is paid per unit; of 45Z the applicable amount, of 40B the base credit, wage rules met.",
    )  # fmt: skip
    product: str | None = text(
        "incentive_product", default=None, optional=True,
        help="The product it is paid on; the priced product if left out.",
    )  # fmt: skip
    share: Number = number(
        "incentive_share", "1", default=1.0, minimum=0, maximum=1, help="Share of that product it is paid on."
    )
    first_year: int | None = integer(
        "incentive_first_year", "year", default=None, optional=True, minimum=1950, maximum=2200,
        help="First calendar year it is paid in; open if left out.",
    )  # fmt: skip
    last_year: int | None = integer(
        "incentive_last_year", "year", default=None, optional=True, minimum=1950, maximum=2200,
        help="Last calendar year it is paid in; open if left out.",
    )  # fmt: skip
    minimum_reduction: Number | None = number(
        "incentive_minimum_reduction", "1", default=None, optional=True, minimum=0, maximum=2,
        help="Emissions reduction against the reference below which nothing is paid.",
    )  # fmt: skip
    reference_intensity: Number = number(
        "incentive_reference_g_per_mj", "gCO2e/MJ", default=89.0, above=0, maximum=1000,
        help="Intensity that reductions and credits are counted against.",
    )  # fmt: skip
    rins_per_gallon: Number | None = number(
        "incentive_rins_per_gal", "RIN/gal", default=None, optional=True, minimum=0, maximum=10,
        help="RINs a gallon gives, the equivalence value.",
    )  # fmt: skip
    wage_rules_met: bool = flag(
        "incentive_wage_rules_met", default=True,
        help="Prevailing wage and apprenticeship rules of 45Z; a fifth of the credit is paid where they are not met.",
    )  # fmt: skip
    north_american: bool = flag(
        "incentive_north_american", default=True,
        help="Feedstock grown or collected in the United States, Canada or Mexico, which 45Z asks for from 2026.",
    )  # fmt: skip
    indexed: bool = flag(
        "incentive_indexed", default=False,
        help="Whether the amount follows general inflation, as market prices do and statutory amounts do not.",
    )  # fmt: skip
    made_in: str | None = text(
        "incentive_made_in", default=None, optional=True,
        help="ISO codes, separated by semicolons, of the countries the fuel must be made in; anywhere if left out.",
    )  # fmt: skip
