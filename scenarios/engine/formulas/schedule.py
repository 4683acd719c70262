"""What happens in which year (method.md 12-14, 16): running, prices, depreciation and the loan.

A series "by year" is a list over the years of operation 1 ... N; one "by construction year" covers -(m-1) ... 0.
"""

from collections.abc import Sequence

from scenarios.engine.formula import formula
from scenarios.engine.formulas.operating import capital_recovery_factor_per_y
from scenarios.engine.numeric import Value, maximum, minimum, scaled, total, where
from scenarios.engine.tables import MACRS_HALF_YEAR


@formula("Utilisation by year", "1", "the ramp, then 1; 1 throughout where one share is given", source="method 12")
def utilisation_by_year(utilisation: Value | tuple[Value, ...], lifetime_years: int) -> list[Value]:
    ramp = list(utilisation) if isinstance(utilisation, tuple) else []
    return ramp[:lifetime_years] + [1.0] * (lifetime_years - len(ramp))


def _startup_by_year(months: Value, share: Value, year_months: Value, years: int) -> list[Value]:
    """(m·share + 12 - m)/12 in the year that holds m of the start-up months."""
    if isinstance(months, float) and months == 0:
        return [1.0] * years
    factors: list[Value] = []
    for year in range(years):
        inside = minimum(maximum(months - year_months * year, 0.0), year_months)
        factors.append((inside * share + (year_months - inside)) / year_months)
    return factors


@formula(
    "Sales factor by year",
    "1",
    "utilisation × (start-up months × start-up share + other months) / 12",
    source="method 12",
)
def sales_factor_by_year(
    utilisation_by_year: Sequence[Value],
    startup_months: Value,
    startup_sales_share: Value,
    months_of_period: float,
    lifetime_years: int,
) -> list[Value]:
    """Share of a full year's sales."""
    startup = _startup_by_year(startup_months, startup_sales_share, months_of_period, lifetime_years)
    return [scaled(run, start) for run, start in zip(utilisation_by_year, startup, strict=True)]


@formula(
    "Variable cost factor by year", "1", "utilisation × (start-up months × start-up share + other months) / 12",
    source="method 12",
)  # fmt: skip
def variable_factor_by_year(
    utilisation_by_year: Sequence[Value],
    startup_months: Value,
    startup_variable_share: Value,
    months_of_period: float,
    lifetime_years: int,
) -> list[Value]:
    """Share of a full year's variable cost."""
    startup = _startup_by_year(startup_months, startup_variable_share, months_of_period, lifetime_years)
    return [scaled(run, start) for run, start in zip(utilisation_by_year, startup, strict=True)]


@formula("Fixed cost factor by year", "1", "(start-up months × start-up share + other months) / 12", source="method 12")
def fixed_factor_by_year(
    startup_months: Value, startup_fixed_share: Value, months_of_period: float, lifetime_years: int
) -> list[Value]:
    return _startup_by_year(startup_months, startup_fixed_share, months_of_period, lifetime_years)


def _index_by_year(inflation: Value, escalation: Value, years: int) -> list[Value]:
    if isinstance(inflation, float) and isinstance(escalation, float) and inflation == 0 and escalation == 0:
        return [1.0] * years
    growth = (1 + inflation) * (1 + escalation)
    index = [growth]
    for _ in range(years - 1):
        index.append(index[-1] * growth)
    return index


_INDEX_WORDS = "((1 + inflation) × (1 + escalation))^year"


@formula("Product price index", "1", _INDEX_WORDS, source="method 16")
def products_index_by_year(inflation: Value, products_escalation: Value, lifetime_years: int) -> list[Value]:
    return _index_by_year(inflation, products_escalation, lifetime_years)


@formula("Feedstock price index", "1", _INDEX_WORDS, source="method 16")
def feedstock_index_by_year(inflation: Value, feedstock_escalation: Value, lifetime_years: int) -> list[Value]:
    return _index_by_year(inflation, feedstock_escalation, lifetime_years)


@formula("Utility price index", "1", _INDEX_WORDS, source="method 16")
def utilities_index_by_year(inflation: Value, utilities_escalation: Value, lifetime_years: int) -> list[Value]:
    return _index_by_year(inflation, utilities_escalation, lifetime_years)


@formula("Fixed cost index", "1", _INDEX_WORDS, source="method 16")
def fixed_index_by_year(inflation: Value, fixed_escalation: Value, lifetime_years: int) -> list[Value]:
    return _index_by_year(inflation, fixed_escalation, lifetime_years)


@formula("General price index", "1", "(1 + inflation)^year", source="method 16")
def general_index_by_year(inflation: Value, lifetime_years: int) -> list[Value]:
    return _index_by_year(inflation, 0.0, lifetime_years)


@formula("Depreciation shares", "1", "share of FCI by year under the chosen method", source="method 13; IRS Pub. 946")
def depreciation_share_by_year(
    depreciation_method: str, depreciation_years: int | None, lifetime_years: int, convention: str
) -> list[float]:
    """Share of FCI written off in each year of operation; years past the project's life are cut off.

    BioSTEAM's double declining never changes to straight line, so that part of FCI is never written off.
    """
    years = depreciation_years or lifetime_years
    if depreciation_method == "double_declining" and convention == "biosteam":
        rate = min(2 / years, 1.0)
        shares = [rate * (1 - rate) ** year for year in range(years)][:lifetime_years]
    else:
        shares = _DEPRECIATION[depreciation_method](years)[:lifetime_years]
    return shares + [0.0] * (lifetime_years - len(shares))


def _double_declining(years: int) -> list[float]:
    """2/n of the book value, or straight line over the years left when that is more; ends at zero."""
    book, shares = 1.0, []
    for year in range(years):
        share = max(book * 2 / years, book / (years - year))
        shares.append(min(share, book))
        book -= shares[-1]
    return shares


_DEPRECIATION = {
    "straight_line": lambda years: [1.0 / years] * years,
    "macrs": lambda years: list(MACRS_HALF_YEAR[years]),
    "double_declining": _double_declining,
    "sum_of_years_digits": lambda years: [2 * (years - year) / (years * (years + 1)) for year in range(years)],
    "none": lambda years: [],
}


@formula("Depreciable capital", "USD", "FCI - capital grants", source="method 13, 29; IAS 20.24")
def depreciable_usd(fci_usd: Value, capital_grant_usd: Value) -> Value:
    return fci_usd - capital_grant_usd


@formula("Depreciation", "USD", "depreciable capital × share of the year", source="method 13")
def depreciation_by_year_usd(depreciable_usd: Value, depreciation_share_by_year: Sequence[float]) -> list[Value]:
    shares: dict[float, Value] = {}
    return [shares.setdefault(share, depreciable_usd * share) for share in depreciation_share_by_year]


@formula(
    "Book value at the end", "USD",
    "depreciable capital × (1 - sum of depreciation shares), 0 without depreciation or in the conventions of others",
    source="method 17",
)  # fmt: skip
def closing_book_value_usd(
    depreciable_usd: Value, depreciation_share_by_year: Sequence[float], depreciation_method: str, convention: str
) -> Value:
    """What the last year writes off; nothing where nothing is depreciated, or in the conventions of others."""
    left = 1.0 - total(depreciation_share_by_year)
    if depreciation_method == "none" or convention != "standard" or abs(left) < 1e-12:
        return depreciable_usd * 0.0
    return depreciable_usd * left


@formula("Salvage", "USD", "salvage share × FCI", source="method 17")
def salvage_usd(salvage_share: Value, fci_usd: Value) -> Value:
    return salvage_share * fci_usd


@formula("Fixed capital by construction year", "USD", "FCI × construction share", source="method 12")
def fixed_capital_by_construction_year_usd(fci_usd: Value, construction_shares: Sequence[Value]) -> list[Value]:
    return [scaled(fci_usd, share) for share in construction_shares]


@formula("Loan drawn by construction year", "USD", "debt share × fixed capital of the year", source="method 14")
def loan_drawn_by_construction_year_usd(
    debt_share: Value, fixed_capital_by_construction_year_usd: Sequence[Value]
) -> list[Value]:
    return [debt_share * spent for spent in fixed_capital_by_construction_year_usd]


@formula(
    "Loan balance before each construction year", "USD",
    "what was drawn in earlier years, with its interest where that is capitalised", source="method 14",
)  # fmt: skip
def loan_balance_by_construction_year_usd(
    loan_drawn_by_construction_year_usd: Sequence[Value], debt_interest_rate: Value, construction_interest: str
) -> list[Value]:
    balances: list[Value] = []
    balance = loan_drawn_by_construction_year_usd[0] * 0.0
    for drawn in loan_drawn_by_construction_year_usd:
        balances.append(balance)
        grown = balance * (1 + debt_interest_rate) if construction_interest == "capitalised" else balance
        balance = grown + drawn
    return balances


@formula(
    "Interest paid while building",
    "USD",
    "loan balance × interest (in BioSTEAM the year's own draw), 0 where it is capitalised",
    source="method 14",
)
def construction_interest_paid_usd(
    loan_balance_by_construction_year_usd: Sequence[Value],
    loan_drawn_by_construction_year_usd: Sequence[Value],
    debt_interest_rate: Value,
    construction_interest: str,
    convention: str,
) -> list[Value]:
    """Paid by the owners; neither deducted nor part of FCI. BioSTEAM charges each draw once, in its own year."""
    rate = debt_interest_rate * 0.0 if construction_interest == "capitalised" else debt_interest_rate
    own_draw = convention == "biosteam"
    charged = loan_drawn_by_construction_year_usd if own_draw else loan_balance_by_construction_year_usd
    return [owed * rate for owed in charged]


@formula(
    "Loan at the start of operation", "USD", "last balance (with interest where capitalised) + last draw",
    source="method 14", symbol="L",
)  # fmt: skip
def opening_loan_usd(
    loan_balance_by_construction_year_usd: Sequence[Value],
    loan_drawn_by_construction_year_usd: Sequence[Value],
    debt_interest_rate: Value,
    construction_interest: str,
) -> Value:
    balance = loan_balance_by_construction_year_usd[-1]
    grown = balance * (1 + debt_interest_rate) if construction_interest == "capitalised" else balance
    return grown + loan_drawn_by_construction_year_usd[-1]


@formula("Level loan payment", "USD", "L × i / (1 - (1+i)^-term), L/term where i is 0", source="method 14")
def loan_payment_usd(opening_loan_usd: Value, debt_interest_rate: Value, debt_term_years: int) -> Value:
    return opening_loan_usd * capital_recovery_factor_per_y(debt_interest_rate, debt_term_years, 1.0)


@formula("Principal by year", "USD", "level payment / (1 + i)^(term - year + 1)", source="method 14")
def principal_by_year_usd(
    loan_payment_usd: Value, debt_interest_rate: Value, debt_term_years: int, lifetime_years: int
) -> list[Value]:
    """Found backwards from the last payment.

    A balance carried forward grows its rounding with (1+i)^year: at 100 % over 60 years it would never be repaid.
    """
    step = 1 / (1 + debt_interest_rate)
    principal: list[Value] = []
    for _ in range(debt_term_years):
        principal.append((principal[-1] if principal else loan_payment_usd) * step)
    return principal[::-1][:lifetime_years] + [0.0] * (lifetime_years - debt_term_years)


@formula(
    "Interest by year", "USD", "level payment - principal: the rate on the balance left", source="method 14"
)  # fmt: skip
def interest_by_year_usd(
    loan_payment_usd: Value, principal_by_year_usd: Sequence[Value], debt_term_years: int
) -> list[Value]:
    paid, unpaid = principal_by_year_usd[:debt_term_years], principal_by_year_usd[debt_term_years:]
    return [loan_payment_usd - principal for principal in paid] + [0.0] * len(unpaid)


@formula("Deductible debt service by year", "USD", "interest; in BioSTEAM principal too", source="method 14")
def deductible_service_by_year_usd(
    interest_by_year_usd: Sequence[Value], principal_by_year_usd: Sequence[Value], convention: str
) -> list[Value]:
    if convention != "biosteam":
        return list(interest_by_year_usd)
    return [due + repaid for due, repaid in zip(interest_by_year_usd, principal_by_year_usd, strict=True)]


@formula("Nominal discount rate", "1", "(1 + r)(1 + g) - 1 for a real rate, r for a nominal one", source="method 16")
def nominal_discount_rate(discount_rate: Value, rate_basis: str, inflation: Value) -> Value:
    if rate_basis == "nominal":
        return discount_rate
    # Without inflation the real rate itself, to the last digit.
    return where(inflation == 0, discount_rate, (1 + discount_rate) * (1 + inflation) - 1)
