"""Master data: figures with a source, a confidence and a history."""

from masterdata.models.base import Item, ItemFigure, Sourced
from masterdata.models.designs import DesignDefault, DesignFigure
from masterdata.models.factors import CarbonFactor
from masterdata.models.incentives import Incentive
from masterdata.models.items import (
    Country,
    CountryFigure,
    Feedstock,
    FeedstockFigure,
    Pathway,
    PathwayFigure,
    Product,
    ProductFigure,
    Utility,
    UtilityFigure,
)
from masterdata.models.tables import CorsiaValue, CostIndex, ExchangeRate, MacrsRate, ReferenceValue
from masterdata.models.versions import LoadedFile, LoadedRow, MasterDataVersion

__all__ = [
    "CarbonFactor",
    "CorsiaValue",
    "CostIndex",
    "Country",
    "CountryFigure",
    "DesignDefault",
    "DesignFigure",
    "ExchangeRate",
    "Feedstock",
    "FeedstockFigure",
    "Incentive",
    "Item",
    "ItemFigure",
    "LoadedFile",
    "LoadedRow",
    "MacrsRate",
    "MasterDataVersion",
    "Pathway",
    "PathwayFigure",
    "Product",
    "ProductFigure",
    "ReferenceValue",
    "Sourced",
    "Utility",
    "UtilityFigure",
]
