"""The inputs of a scenario, declared once: names, units, bounds, symbols, help and the defaults of the method.

``None`` means not known. Sections refer to docs/method.md.
"""

from dataclasses import dataclass

from scenarios.engine.fields import Number, choice, flag, group, integer, items, number, series, text
from scenarios.engine.incentive import Incentive


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    capacity: Number = number(
        "capacity_t_per_y", "t/year", symbol="Q", above=0, maximum=1e9,
        help="Total liquid fuel a year at the reference load hours. Also takes volume, such as bbl/day.",
    )  # fmt: skip
    load_hours: Number = number(
        "load_hours_h_per_y", "h/year", symbol="H", above=0, maximum=8784, help="Hours a year the plant runs."
    )
    reference_load_hours: Number = number(
        "reference_load_hours_h_per_y", "h/year", symbol="H_ref", above=0, maximum=8784,
        help="Hours a year at which the capacity is stated.",
    )  # fmt: skip
    utilisation: Number | tuple[Number, ...] = series(
        "utilisation", "1", default=1.0, symbol="u", minimum=0, maximum=1, whole=True,
        help="One share of capacity for every year, or a ramp of shares from year 1; years after the ramp run in full.",
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedstock:
    feedstock: str = text("feedstock_name", help="Name or code of a feedstock of the master data.")
    share: Number = number(
        "feedstock_share", "1", default=1.0, symbol="s_i", minimum=0, maximum=1,
        help="Share of the fuel made from this feedstock; the shares sum to 1.",
    )  # fmt: skip
    yield_: Number = number(
        "feedstock_yield_t_per_t", "t/t", symbol="y_i", above=0, maximum=1000, help="Feedstock used per tonne of fuel."
    )
    price: Number | None = number(
        "feedstock_price_usd_per_t", "USD/t", symbol="p_i", optional=True, minimum=-1e6, maximum=1e6,
        help="Price at the gate; below zero for a gate fee.",
    )  # fmt: skip
    carbon_intensity: Number | None = number(
        "feedstock_carbon_intensity_g_per_kg", "gCO2e/kg", default=None, symbol="g_i", optional=True,
        minimum=-1e5, maximum=1e5, help="Greenhouse gas of growing, collecting and delivering the feedstock.",
    )  # fmt: skip
    carbon_content: Number | None = number(
        "feedstock_carbon_content_kg_per_kg", "kg/kg", default=None, symbol="C_i", optional=True,
        minimum=0, maximum=1, help="Mass share of carbon; 0 for a feedstock without carbon, such as water.",
    )  # fmt: skip
    corsia_row: str | None = text(
        "feedstock_corsia_row", default=None, optional=True,
        help="Row of the CORSIA table to use, where it has several for this feedstock (ethanol) or none.",
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Utility:
    utility: str = text("utility_name", help="Name or code of a utility of the master data.")
    unit: str = choice(
        "utility_unit", ("t", "kWh"), settable=False, help="What the utility is counted in; from the master data."
    )
    consumption: Number = number(
        "utility_consumption_unit_per_t", "{utility}/t", symbol="c_k", minimum=0, maximum=1e7,
        help="Use per tonne of fuel.",
    )  # fmt: skip
    price: Number | None = number(
        "utility_price_usd_per_unit", "USD/{utility}", symbol="p_k", optional=True, minimum=-1e6, maximum=1e6,
        help="Price at the gate.",
    )  # fmt: skip
    carbon_intensity: Number | None = number(
        "utility_carbon_intensity_g_per_unit", "gCO2e/{utility-fine}", default=None, symbol="g_k", optional=True,
        minimum=-1e6, maximum=1e6, help="Greenhouse gas per kg of a utility counted in t, per kWh of power.",
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    product: str = text("product_name", help="Name or code of a product of the master data.")
    yield_: Number = number(
        "product_yield_t_per_t", "t/t", symbol="w_j", minimum=0, maximum=1000,
        help="Product per tonne of liquid fuel; the yields of the liquid fuels sum to 1.",
    )  # fmt: skip
    price: Number | None = number(
        "product_price_usd_per_t", "USD/t", symbol="p_j", optional=True, minimum=-1e6, maximum=1e6,
        help="Selling price at the gate. Also takes volume, such as USD/gal, through the density.",
    )  # fmt: skip
    lower_heating_value: Number = number(
        "product_lower_heating_value_mj_per_kg", "MJ/kg", symbol="e_j", minimum=0, maximum=142,
        help="Energy content on the lower heating value.",
    )  # fmt: skip
    carbon_content: Number = number(
        "product_carbon_content_kg_per_kg", "kg/kg", symbol="C_j", minimum=0, maximum=1, help="Mass share of carbon."
    )
    density: Number | None = number(
        "product_density_t_per_m3", "t/m^3", default=None, symbol="ρ_j", optional=True, above=0, maximum=25,
        help="Density at 15 °C, for prices per litre and gallon.",
    )  # fmt: skip
    liquid_fuel: bool = flag(
        "product_is_liquid_fuel", default=True, help="Counts into the sum of yields; off for oxygen, char or power."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Capital:
    tci_reference: Number = number(
        "tci_reference_usd", "USD", symbol="TCI_ref", above=0, maximum=1e13,
        help="Total capital investment of the plant the estimate comes from, working capital included.",
    )  # fmt: skip
    capacity_reference: Number = number(
        "capacity_reference_t_per_y", "t/year", symbol="Q_ref", above=0, maximum=1e9, help="Capacity of that plant."
    )
    scaling_exponent: Number = number(
        "scaling_exponent", "1", symbol="n", minimum=0, maximum=2, help="Economy of scale; 0.6 is the six-tenths rule."
    )
    working_capital_ratio: Number = number(
        "working_capital_ratio",
        "1",
        default=0.0,
        symbol="ω",
        minimum=0,
        below=1,
        help="Working capital as share of TCI.",
    )
    location_factor: Number = number(
        "location_factor", "1", default=1.0, symbol="f_loc", above=0, maximum=10,
        help="Cost of building here against the US Gulf Coast.",
    )  # fmt: skip
    cost_year: int | None = integer(
        "cost_year", "year", default=None, optional=True, minimum=1950, maximum=2100,
        help="Year of money the result is wanted in; the CEPCI moves the estimate there.",
    )  # fmt: skip
    reference_year: int | None = integer(
        "capital_reference_year", "year", default=None, optional=True, minimum=1950, maximum=2100,
        help="Year of money the reference estimate is in.",
    )  # fmt: skip
    contingency: Number = number(
        "contingency", "1", default=0.0, symbol="κ", minimum=0, maximum=5, help="Share added to the estimate."
    )
    pioneer_factor: Number = number(
        "pioneer_factor", "1", default=1.0, symbol="f_1", above=0, maximum=10,
        help="First of a kind against nth plant; 1 is an nth plant.",
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class StartUp:
    months: Number = number(
        "startup_months", "month", default=0.0, symbol="m", minimum=0, maximum=120,
        help="First months of operation that run at the shares below.",
    )  # fmt: skip
    sales_share: Number = number(
        "startup_sales_share", "1", default=0.5, minimum=0, maximum=1, help="Share of sales during start-up."
    )
    variable_share: Number = number(
        "startup_variable_share",
        "1",
        default=0.75,
        minimum=0,
        maximum=2,
        help="Share of variable cost during start-up.",
    )
    fixed_share: Number = number(
        "startup_fixed_share", "1", default=1.0, minimum=0, maximum=2, help="Share of fixed cost during start-up."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Operating:
    indirect_opex_ratio: Number = number(
        "indirect_opex_ratio", "1/year", symbol="φ", minimum=0, maximum=1,
        help="Fixed cost a year (labour, maintenance, insurance, overheads) as share of TCI.",
    )  # fmt: skip
    other_variable: Number = number(
        "other_variable_usd_per_t", "USD/t", default=0.0, minimum=-1e6, maximum=1e6,
        help="Catalysts, chemicals, waste and the like per tonne of fuel.",
    )  # fmt: skip
    startup: StartUp = group(StartUp, help="Start-up in the first months of operation.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Depreciation:
    method: str = choice(
        "depreciation_method", ("straight_line", "macrs", "double_declining", "sum_of_years_digits", "none"),
        default="straight_line", help="How FCI is written off for tax.",
    )  # fmt: skip
    years: int | None = integer(
        "depreciation_years", "year", default=None, optional=True, minimum=1, maximum=100,
        help="Over how many years; the project's life if left out. MACRS knows 3, 5, 7, 10, 15 and 20.",
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    share: Number = number("debt_share", "1", default=0.0, minimum=0, maximum=1, help="Share of FCI that is borrowed.")
    interest: Number = number(
        "debt_interest_rate", "1", default=0.08, symbol="i", minimum=0, maximum=1, help="Yearly interest of the loan."
    )
    term: int = integer(
        "debt_term_years", "year", default=10, minimum=1, maximum=100, help="Years of level payments from year 1."
    )
    construction_interest: str = choice(
        "construction_interest", ("paid", "capitalised"), default="paid",
        help="Interest that falls due while building: paid by the owners, or added to the loan.",
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    products: Number = number(
        "products_escalation", "1", default=0.0, minimum=-0.99, maximum=1, help="Yearly real change of product prices."
    )
    feedstock: Number = number(
        "feedstock_escalation",
        "1",
        default=0.0,
        minimum=-0.99,
        maximum=1,
        help="Yearly real change of feedstock prices.",
    )
    utilities: Number = number(
        "utilities_escalation", "1", default=0.0, minimum=-0.99, maximum=1,
        help="Yearly real change of utility and other variable prices.",
    )  # fmt: skip
    fixed: Number = number(
        "fixed_escalation", "1", default=0.0, minimum=-0.99, maximum=1, help="Yearly real change of fixed cost."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Finance:
    discount_rate: Number = number(
        "discount_rate", "1", symbol="r", minimum=-0.99, maximum=10, help="Required return a year; 0.1 is 10 %."
    )
    rate_basis: str = choice(
        "rate_basis", ("real", "nominal"), default="real", help="Whether the discount rate is net of inflation."
    )
    inflation: Number = number(
        "inflation", "1", default=0.0, symbol="g", minimum=-0.99, maximum=10, help="General inflation a year."
    )
    lifetime: int = integer("lifetime_years", "year", symbol="N", minimum=1, maximum=100, help="Years of operation.")
    operation_start: int | None = integer(
        "operation_start_year", "year", default=None, optional=True, minimum=1950, maximum=2200,
        help="Calendar year of the first year of operation; incentives that are paid in certain years ask for it.",
    )  # fmt: skip
    construction_shares: tuple[Number, ...] = series(
        "construction_shares", "1", default=(1.0,), minimum=0, maximum=1,
        help="Share of FCI spent in each construction year; one year unless said otherwise.",
    )  # fmt: skip
    tax_rate: Number = number(
        "tax_rate", "1", default=0.0, symbol="τ", minimum=0, below=1, help="Corporate income tax."
    )
    loss_rule: str = choice(
        "loss_rule", ("carry_forward", "no_offset", "refund"), default="carry_forward",
        help="Tax losses reduce later income, are lost, or are refunded at once.",
    )  # fmt: skip
    depreciation: Depreciation = group(Depreciation, help="Write-off of FCI for tax.")
    debt: Debt = group(Debt, help="The loan.")
    escalation: Escalation = group(Escalation, help="Real price changes by group.")
    salvage_share: Number = number(
        "salvage_share", "1", default=0.0, minimum=0, maximum=1, help="Share of FCI received in the last year."
    )
    reference_year: str = choice(
        "npv_reference_year", ("end_of_construction", "start_of_construction"), default="end_of_construction",
        help="The year NPV refers to.",
    )  # fmt: skip
    convention: str = choice(
        "convention", ("standard", "biosteam", "annual_year_zero"), default="standard",
        help="The method's own rules, or those of BioSTEAM's TEA, or flows at the ends of years counted from a year 0"
        " before construction and tax paid a year late (OpenPyTEA), to reproduce the figures of those programs.",
    )  # fmt: skip
    basis: str = choice(
        "npv_basis", ("unlevered", "levered"), default="unlevered",
        help="Whether the project's or the owners' cash flow drives NPV and IRR.",
    )  # fmt: skip
    priced_product: str = text(
        "priced_product", default="Jet", help="The product whose minimum selling price is sought."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Carbon:
    process_intensity: Number | None = number(
        "process_intensity_g_per_mj", "gCO2e/MJ", default=None, optional=True, minimum=-1e4, maximum=1e4,
        help="Direct greenhouse gas of the conversion.",
    )  # fmt: skip
    transport_intensity: Number = number(
        "transport_intensity_g_per_mj", "gCO2e/MJ", default=0.0, minimum=-1e4, maximum=1e4,
        help="Transport and distribution of the fuel.",
    )  # fmt: skip
    land_use_change: Number = number(
        "land_use_change_g_per_mj", "gCO2e/MJ", default=0.0, minimum=-1e4, maximum=1e4,
        help="Land-use change of the actual value; a credit is negative.",
    )  # fmt: skip
    avoided: Number = number(
        "avoided_intensity_g_per_mj", "gCO2e/MJ", default=0.0, minimum=-1e4, maximum=1e4,
        help="Emissions avoided elsewhere, such as landfill methane; deducted.",
    )  # fmt: skip
    fossil_comparator: Number = number(
        "fossil_comparator_g_per_mj", "gCO2e/MJ", default=89.0, symbol="CI_fossil", above=0, maximum=1000,
        help="What the fuel replaces: 89 under CORSIA, 94 under RED.",
    )  # fmt: skip
    allocation: str = choice(
        "allocation", ("energy", "mass", "economic"), default="energy", help="How emissions are shared among products."
    )
    route: str = choice(
        "carbon_route", ("actual", "corsia_default"), default="actual",
        help="The value computed from the inputs, or the default of the CORSIA table.",
    )  # fmt: skip
    carbon_price: Number = number(
        "carbon_price_usd_per_t", "USD/tCO2e", default=0.0, minimum=0, maximum=1e5,
        help="Revenue per tonne avoided against the comparator.",
    )  # fmt: skip
    fossil_jet_price: Number | None = number(
        "fossil_jet_price_usd_per_t", "USD/t", default=None, optional=True, minimum=0, maximum=1e6,
        help="Price of fossil jet fuel, for the abatement cost.",
    )  # fmt: skip
    blend_share: Number | None = number(
        "blend_share", "1", default=None, optional=True, minimum=0, maximum=1, help="Wanted share of SAF in the blend."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What the pathway, the country and the years chosen bring along from the master data; not set by hand."""

    cost_index: Number | None = number(
        "cost_index", "1", default=None, optional=True, settable=False, help="CEPCI of the cost year."
    )
    cost_index_reference: Number | None = number(
        "cost_index_reference", "1", default=None, optional=True, settable=False, help="CEPCI of the reference year."
    )
    corsia_core: Number | None = number(
        "corsia_core_g_per_mj", "gCO2e/MJ", default=None, optional=True, settable=False,
        help="Core life-cycle value of the CORSIA table.",
    )  # fmt: skip
    corsia_land_use_change: Number | None = number(
        "corsia_land_use_change_g_per_mj", "gCO2e/MJ", default=None, optional=True, settable=False,
        help="Induced land-use change of the CORSIA table.",
    )  # fmt: skip
    blend_limit: Number | None = number(
        "blend_limit", "1", default=None, optional=True, settable=False,
        help="Most that the ASTM annex of the pathway allows in the blend.",
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioInputs:
    """All that a calculation depends on; two equal sets of inputs give equal results."""

    pathway: str | None = text(
        "pathway", default=None, optional=True, help="Code of the pathway; brings the design defaults."
    )
    country: str | None = text(
        "country", default=None, optional=True, help="ISO code of the country; brings power, tax and location factor."
    )
    plant: Plant = group(Plant, help="The plant.")
    feedstocks: tuple[Feedstock, ...] = items(Feedstock, help="What the fuel is made from.")
    utilities: tuple[Utility, ...] = items(Utility, default=(), help="Hydrogen, power and the like.")
    products: tuple[Product, ...] = items(Product, help="What the plant sells.")
    capital: Capital = group(Capital, help="Capital investment.")
    operating: Operating = group(Operating, help="Operating cost.")
    finance: Finance = group(Finance, help="Cash flow and return.")
    carbon: Carbon = group(Carbon, help="Carbon accounting.")
    incentives: tuple[Incentive, ...] = items(
        Incentive, default=(), help="The stack of incentives: credits, certificates, premiums and grants."
    )
    reference: Reference = group(Reference, settable=False, help="Values that come with the choices above.")
