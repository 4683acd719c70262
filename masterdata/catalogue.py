"""The master data in memory: read once per process and master data version, immutable, looked up without queries."""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.db.models import BigIntegerField
from django.db.models.expressions import RawSQL

from config.database.prepared import prepared_cursor
from masterdata import models as md
from masterdata.choices import DesignParameter, MacrsConvention, ProductParameter
from masterdata.records import (
    CorsiaRecord,
    CountryRecord,
    DesignProduct,
    DesignRecord,
    DesignUtility,
    ExchangeRates,
    FeedstockRecord,
    Figure,
    IncentiveRecord,
    ItemRecord,
    PathwayRecord,
    ProductRecord,
    UtilityRecord,
    missing,
)

__all__ = [
    "Catalogue",
    "CorsiaRecord",
    "CountryRecord",
    "DesignRecord",
    "FeedstockRecord",
    "Figure",
    "IncentiveRecord",
    "PathwayRecord",
    "ProductRecord",
    "UtilityRecord",
    "current",
    "current_version",
    "read",
    "version_column",
]

# CORSIA regions every country lies in, after those of its own.
WORLDWIDE = ("Global", "any")

_VERSION = f'SELECT number FROM "{md.MasterDataVersion._meta.db_table}"'  # noqa: S608  a name of our own
_lock = threading.Lock()
_current: "Catalogue | None" = None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything the product computes with, at one master data version. Names and codes are matched without case."""

    version: int
    pathways: tuple[PathwayRecord, ...]
    feedstocks: tuple[FeedstockRecord, ...]
    products: tuple[ProductRecord, ...]
    utilities: tuple[UtilityRecord, ...]
    countries: tuple[CountryRecord, ...]
    designs: tuple[DesignRecord, ...]
    incentives: tuple[IncentiveRecord, ...]
    exchange_rates: ExchangeRates
    _index: Mapping[str, Mapping[str, Any]]
    _designs: Mapping[tuple[str, str], DesignRecord]
    _cost_indices: Mapping[tuple[str, int], Figure]
    _macrs: Mapping[tuple[str, int, int | None], tuple[Figure, ...]]
    _corsia: Mapping[tuple[str, str, str], CorsiaRecord]
    _references: Mapping[tuple[str, str], Figure]

    def pathway(self, name: str) -> PathwayRecord | None:
        return self._index["pathway"].get(name.casefold())

    def feedstock(self, name: str) -> FeedstockRecord | None:
        return self._index["feedstock"].get(name.casefold())

    def product(self, name: str) -> ProductRecord | None:
        return self._index["product"].get(name.casefold())

    def utility(self, name: str) -> UtilityRecord | None:
        return self._index["utility"].get(name.casefold())

    def country(self, name: str) -> CountryRecord | None:
        return self._index["country"].get(name.casefold())

    def incentive(self, name: str) -> IncentiveRecord | None:
        return self._index["incentive"].get(name.casefold())

    def design(self, pathway: str, feedstock: str) -> DesignRecord | None:
        """The design basis of a pathway on a feedstock, each by name or code."""
        on, of = self.pathway(pathway), self.feedstock(feedstock)
        return self._designs.get((on.code, of.code)) if on and of else None

    def cost_index(self, year: int, name: str = "CEPCI") -> Figure | None:
        """Annual average of the plant cost index."""
        return self._cost_indices.get((name, year))

    def macrs(
        self, property_class: int, convention: str = MacrsConvention.HALF_YEAR, quarter: int | None = None
    ) -> tuple[Figure, ...]:
        """Depreciation by year of life, as fractions of the cost; empty when there is no such table."""
        return self._macrs.get((str(convention), property_class, quarter), ())

    def corsia(self, pathway: str, feedstock: str, country: str, row: str | None = None) -> CorsiaRecord | None:
        """The CORSIA default value that serves a plant, or None: the country's own region first, then all others.

        ``row`` is one of ``corsia_rows``, without case, to be taken instead of the feedstock's own.
        """
        on, of, where = self.pathway(pathway), self.feedstock(feedstock), self.country(country)
        named = (row or (of.corsia_feedstock if of else "")).casefold()
        for pathway_row in on.corsia_pathways if on else ():
            feedstock_row = named.removesuffix(f" ({pathway_row})".casefold())
            for region in (*(where.corsia_regions if where else ()), *WORLDWIDE):
                if record := self._corsia.get((pathway_row, feedstock_row, region)):
                    return record
        return None

    def corsia_rows(self, pathway: str) -> tuple[str, ...]:
        """The feedstock rows the CORSIA table has for a pathway, in its order; empty where there is none.

        A row that stands under two pathways of the table carries the name of each: ``corn grain (ATJ ethanol)``.
        """
        on = self.pathway(pathway)
        rows = dict.fromkeys(
            (record.feedstock_row, pathway_row)
            for pathway_row in (on.corsia_pathways if on else ())
            for record in self._corsia.values()
            if record.pathway_row == pathway_row
        )
        count = Counter(name for name, _ in rows)
        return tuple(name if count[name] == 1 else f"{name} ({pathway_row})" for name, pathway_row in rows)

    def exchange_rate(self, currency: str) -> Figure:
        """US dollars per unit of the currency, the latest year there is; without a value when there is none."""
        if currency.upper() == "USD":
            return Figure(1.0, "USD/USD", "by definition", "confirmed")
        return self.exchange_rates.rates.get(currency.upper()) or missing(f"no exchange rate for {currency}")

    def reference(self, category: str, parameter: str) -> Figure:
        """A figure of the reference tables that has neither subject nor region; without a value when there is none."""
        return self._references.get((category, parameter)) or missing(f"no published {parameter}")


def current(version: int | None = None) -> Catalogue:
    """The catalogue of the present master data version: one query when this process has it already.

    No query then where the caller has just read the ``version`` with something else (``version_column``).
    """
    global _current
    if version is None:
        version = current_version()
    catalogue = _current
    if catalogue is None or catalogue.version != version:
        with _lock:
            catalogue = _current
            if catalogue is None or catalogue.version != version:
                catalogue = _current = read()
    return catalogue


def current_version() -> int:
    """The number every change of master data moves; 0 for an empty database."""
    # Asked by every calculation; put together as a query set this takes three times as long.
    with prepared_cursor() as cursor:
        cursor.execute(_VERSION)
        found = cursor.fetchone()
    return found[0] if found else 0


def version_column() -> RawSQL:
    """The same as a column of another statement."""
    return RawSQL(f"COALESCE(({_VERSION}), 0)", [], BigIntegerField())  # noqa: S611


def read() -> Catalogue:
    """The catalogue as the database has it now, past the one in memory."""
    while True:
        version = current_version()
        try:
            catalogue = _Reader().catalogue(version)
        except KeyError:
            # A design of an item that was not there yet when the items were read.
            if current_version() == version:
                raise
            continue
        # A writer may have committed between two of the queries: then the tables do not belong together.
        if current_version() == version:
            return catalogue


class _Reader:
    """Makes records of the tables, one query each."""

    def __init__(self) -> None:
        rates: dict[str, Figure] = {}
        for rate in md.ExchangeRate.objects.order_by("year"):
            rates[rate.currency] = _figure(rate)
        self.rates = ExchangeRates(MappingProxyType(rates))

    def catalogue(self, version: int) -> Catalogue:
        pathways = self._items(md.Pathway, PathwayRecord, "astm_annex", listed="corsia_pathways")
        feedstocks = self._items(md.Feedstock, FeedstockRecord, "corsia_feedstock", "corsia_note")
        products = self._items(md.Product, ProductRecord, "liquid_fuel")
        utilities = self._items(md.Utility, UtilityRecord, "unit")
        countries = self._items(md.Country, CountryRecord, listed="corsia_regions", published=True)
        incentives = tuple(self._incentive(row) for row in md.Incentive.objects.order_by("pk"))
        designs = self._designs(_by_id(pathways), _by_id(feedstocks), _by_id(products), _by_id(utilities))
        return Catalogue(
            version=version,
            pathways=pathways,
            feedstocks=feedstocks,
            products=products,
            utilities=utilities,
            countries=countries,
            designs=designs,
            incentives=incentives,
            exchange_rates=self.rates,
            _index={
                "pathway": _by_name(pathways),
                "feedstock": _by_name(feedstocks),
                "product": _by_name(products),
                "utility": _by_name(utilities),
                "country": _by_name(countries),
                "incentive": _by_name(incentives),
            },
            _designs={(design.pathway.code, design.feedstock.code): design for design in designs},
            _cost_indices={(row.name, row.year): _figure(row) for row in md.CostIndex.objects.all()},
            _macrs=self._macrs(),
            _corsia=self._corsia(),
            _references={
                (row.category, row.parameter): _figure(row)
                for row in md.ReferenceValue.objects.filter(subject="", region="").order_by("year", "pk")
            },
        )

    def _items(
        self, model: Any, record: Any, *names: str, listed: str = "", published: bool = False
    ) -> tuple[Any, ...]:
        """Records of one kind of item; ``listed`` is a field of names separated by semicolons."""
        owner = model._meta.model_name
        figures: dict[int, dict[str, Figure]] = {}
        for row in model._meta.get_field("figures").related_model.objects.order_by("pk"):
            figures.setdefault(getattr(row, f"{owner}_id"), {})[row.parameter] = _figure(row)
        records = []
        for row in model.objects.order_by("pk"):
            own = figures.get(row.pk, {})
            values = {name: getattr(row, name) for name in ("id", "code", "name", *names)}
            values["figures"] = MappingProxyType({name: self.rates.in_usd(figure) for name, figure in own.items()})
            if listed:
                values[listed] = _split(getattr(row, listed))
            if published:
                values["published"] = MappingProxyType(own)
            records.append(record(**values))
        return tuple(records)

    def _designs(
        self,
        pathways: Mapping[int, PathwayRecord],
        feedstocks: Mapping[int, FeedstockRecord],
        products: Mapping[int, ProductRecord],
        utilities: Mapping[int, UtilityRecord],
    ) -> tuple[DesignRecord, ...]:
        rows: dict[int, list[md.DesignFigure]] = {}
        for row in md.DesignFigure.objects.order_by("pk"):
            rows.setdefault(row.design_id, []).append(row)
        records = []
        for design in md.DesignDefault.objects.order_by("pk"):
            plant: dict[str, Figure] = {}
            yields: dict[int, Figure] = {}
            prices: dict[int, Figure] = {}
            consumptions: dict[int, Figure] = {}
            for row in rows.get(design.pk, []):
                figure = self.rates.in_usd(_figure(row))
                if row.utility_id is not None:
                    consumptions[row.utility_id] = figure
                elif row.product_id is None:
                    plant[row.parameter] = figure
                else:
                    (yields if row.parameter == DesignParameter.PRODUCT_YIELD else prices)[row.product_id] = figure
            records.append(
                DesignRecord(
                    pathway=pathways[design.pathway_id],
                    feedstock=feedstocks[design.feedstock_id],
                    source=design.source,
                    confidence=design.confidence,
                    note=design.note,
                    figures=MappingProxyType(plant),
                    products=tuple(
                        DesignProduct(
                            products[pk], figure, prices.get(pk) or products[pk].figure(ProductParameter.PRICE)
                        )
                        for pk, figure in yields.items()
                    ),
                    utilities=tuple(DesignUtility(utilities[pk], figure) for pk, figure in consumptions.items()),
                )
            )
        return tuple(records)

    def _incentive(self, row: md.Incentive) -> IncentiveRecord:
        same = (
            "id code name scheme region kind first_year last_year minimum_reduction reference_intensity"
            " rins_per_gallon indexed value_text"
        )
        return IncentiveRecord(
            **{name: getattr(row, name) for name in same.split()},
            country=_split(row.country),
            figure=self.rates.in_usd(_figure(row)),
        )

    def _macrs(self) -> dict[tuple[str, int, int | None], tuple[Figure, ...]]:
        tables: dict[tuple[str, int, int | None], list[Figure]] = {}
        for row in md.MacrsRate.objects.order_by("year"):
            tables.setdefault((row.convention, row.property_class, row.quarter), []).append(_figure(row))
        return {key: tuple(rates) for key, rates in tables.items()}

    def _corsia(self) -> dict[tuple[str, str, str], CorsiaRecord]:
        records: dict[tuple[str, str, str], CorsiaRecord] = {}
        # A later edition replaces an earlier one.
        for row in md.CorsiaValue.objects.order_by("year", "pk"):
            land_use_change = Figure(
                row.land_use_change, row.unit, row.land_use_change_source, row.land_use_change_confidence, row.note
            )
            core = Figure(row.core, row.unit, row.source, row.confidence, valid_from=row.valid_from)
            records[row.pathway, row.feedstock.casefold(), row.region] = CorsiaRecord(
                row.pathway, row.feedstock, row.region, core, land_use_change
            )
        return records


def _figure(row: Any) -> Figure:
    return Figure(row.value, row.unit, row.source, row.confidence, row.note, row.valid_from)


def _split(names: str) -> tuple[str, ...]:
    return tuple(filter(None, (name.strip() for name in names.split(";"))))


def _by_id(records: Iterable[ItemRecord]) -> dict[int, Any]:
    return {record.id: record for record in records}


def _by_name(records: Iterable[Any]) -> dict[str, Any]:
    """By name and by code; where one's name is another's code, the code wins."""
    index = {record.name.casefold(): record for record in records}
    return index | {record.code.casefold(): record for record in records}
