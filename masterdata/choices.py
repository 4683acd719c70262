"""The words of the master data: how far a figure can be trusted, and which figures each kind of item has."""

from django.db import models


class Confidence(models.TextChoices):
    """How far a figure can be trusted; every figure says it beside its source."""

    CONFIRMED = "confirmed", "confirmed"
    SECONDARY = "secondary", "secondary"
    UNCONFIRMED = "unconfirmed", "unconfirmed"
    DERIVED = "derived", "derived"


class PathwayParameter(models.TextChoices):
    BLEND_LIMIT = "blend_limit", "blend limit"


class FeedstockParameter(models.TextChoices):
    PRICE = "price", "price"
    CARBON_INTENSITY = "carbon_intensity", "carbon intensity"
    CARBON_CONTENT = "carbon_content", "carbon content"


class ProductParameter(models.TextChoices):
    PRICE = "price", "price"
    LOWER_HEATING_VALUE = "lower_heating_value", "lower heating value"
    CARBON_CONTENT = "carbon_content", "carbon content"
    DENSITY = "density", "density"


class UtilityParameter(models.TextChoices):
    PRICE = "price", "price"
    CARBON_INTENSITY = "carbon_intensity", "carbon intensity"


class CountryParameter(models.TextChoices):
    CORPORATE_TAX = "corporate_tax", "corporate tax"
    GRID_CARBON_INTENSITY = "grid_carbon_intensity", "grid carbon intensity"
    ELECTRICITY_PRICE = "electricity_price", "electricity price"
    LOCATION_FACTOR = "location_factor", "location factor"


class DesignParameter(models.TextChoices):
    """Figures of a design basis; the last three belong to one product or one utility of it."""

    TCI_REFERENCE = "tci_reference", "total capital investment at the reference capacity"
    CAPACITY_REFERENCE = "capacity_reference", "reference capacity"
    SCALING_EXPONENT = "scaling_exponent", "scaling exponent"
    LOAD_HOURS = "load_hours", "load hours"
    WORKING_CAPITAL_RATIO = "working_capital_ratio", "working capital to TCI"
    INDIRECT_OPEX_RATIO = "indirect_opex_ratio", "indirect OPEX to TCI"
    PROCESS_INTENSITY = "process_intensity", "process carbon intensity"
    FEEDSTOCK_YIELD = "feedstock_yield", "feedstock per fuel"
    PRODUCT_YIELD = "product_yield", "product per fuel"
    PRODUCT_PRICE = "product_price", "product price"
    UTILITY_CONSUMPTION = "utility_consumption", "utility per fuel"


class UtilityUnit(models.TextChoices):
    """What a utility is counted in; its carbon intensity is per kg where that is a tonne, per kWh for power."""

    TONNE = "t", "t"
    KILOWATT_HOUR = "kWh", "kWh"


class MacrsConvention(models.TextChoices):
    HALF_YEAR = "half_year", "half-year"
    MID_QUARTER = "mid_quarter", "mid-quarter"


class IncentiveKind(models.TextChoices):
    """How an item of a scenario's incentive stack is paid (method 29)."""

    PER_VOLUME = "per_volume", "per volume of fuel"
    US_45Z = "us_45z", "US 45Z clean fuel production credit"
    US_40B = "us_40b", "US 40B blender's credit"
    RIN = "rin", "RINs of the US Renewable Fuel Standard"
    LCFS = "lcfs", "credits of a low-carbon fuel standard"
    ETS = "ets", "allowances of an emissions trading system"
    MANDATE_CERTIFICATE = "mandate_certificate", "certificates of a production mandate"
    PRICE_PREMIUM = "price_premium", "premium on the price of the fuel"
    CAPITAL_GRANT = "capital_grant", "capital grant"
    CAPITAL_GRANT_SHARE = "capital_grant_share", "capital grant as a share of the investment"
    US_45Q = "us_45q", "US 45Q carbon sequestration credit"
    US_45V = "us_45v", "US 45V clean hydrogen credit"
