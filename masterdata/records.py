"""The records of the catalogue: immutable, and each figure with its source and confidence."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from masterdata.choices import Confidence, CountryParameter, PathwayParameter, UtilityParameter

# The utility that a country has a price and a carbon intensity of its own for.
ELECTRICITY = "electricity"
# Three capitals that are no currency: a certificate of the US Renewable Fuel Standard.
RIN = "RIN"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as published; ``value`` is None where nobody published one, and then ``source`` says so."""

    value: float | None
    unit: str
    source: str
    confidence: str
    note: str = ""
    valid_from: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRecord:
    """What is addressed by name or code. ``figures`` are in US dollars where they are money."""

    id: int
    code: str
    name: str
    figures: Mapping[str, Figure]

    def figure(self, parameter: str) -> Figure:
        """The figure, or one without a value that says what is missing."""
        return self.figures.get(parameter) or missing(f"no published {parameter.replace('_', ' ')} of {self.name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PathwayRecord(ItemRecord):
    astm_annex: str
    corsia_pathways: tuple[str, ...]

    @property
    def blend_limit(self) -> Figure:
        """Highest share of the fuel in a blend, % by volume."""
        return self.figure(PathwayParameter.BLEND_LIMIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedstockRecord(ItemRecord):
    corsia_feedstock: str
    corsia_note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRecord(ItemRecord):
    liquid_fuel: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UtilityRecord(ItemRecord):
    """``unit`` is what it is counted in; its carbon intensity is per kg where that is t, per kWh for power."""

    unit: str

    def price_in(self, country: "CountryRecord | None") -> Figure:
        """The price; of electricity the country's own where there is one."""
        return self._local(country, CountryParameter.ELECTRICITY_PRICE) or self.figure(UtilityParameter.PRICE)

    def intensity_in(self, country: "CountryRecord | None") -> Figure:
        """The carbon intensity; of electricity the grid's of the country where it is known."""
        grid = self._local(country, CountryParameter.GRID_CARBON_INTENSITY)
        return grid or self.figure(UtilityParameter.CARBON_INTENSITY)

    def _local(self, country: "CountryRecord | None", parameter: str) -> Figure | None:
        return country.figures.get(parameter) if country and self.code == ELECTRICITY else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryRecord(ItemRecord):
    """``published`` has the figures in the currency they were published in."""

    corsia_regions: tuple[str, ...]
    published: Mapping[str, Figure]

    @property
    def location_factor(self) -> Figure:
        """Capital cost against the US Gulf Coast; 1 where no factor is published."""
        if factor := self.figures.get(CountryParameter.LOCATION_FACTOR):
            return factor
        return Figure(1.0, "x US Gulf Coast", "no published factor: US Gulf Coast basis", Confidence.UNCONFIRMED)


@dataclass(frozen=True, slots=True)
class DesignProduct:
    """A product of a design, t per t of fuel, at the design's own price or else the product's."""

    product: ProductRecord
    yield_: Figure
    price: Figure


@dataclass(frozen=True, slots=True)
class DesignUtility:
    """A utility of a design, in the utility's unit per t of fuel."""

    utility: UtilityRecord
    consumption: Figure


@dataclass(frozen=True, slots=True)
class DesignRecord:
    """The design basis of a pathway on a feedstock; ``figures`` are those of the plant as a whole."""

    pathway: PathwayRecord
    feedstock: FeedstockRecord
    source: str
    confidence: str
    note: str
    figures: Mapping[str, Figure]
    products: tuple[DesignProduct, ...]
    utilities: tuple[DesignUtility, ...]

    def figure(self, parameter: str) -> Figure:
        """The figure, or one without a value that says what is missing."""
        named = f"{self.pathway.code} on {self.feedstock.name}"
        return self.figures.get(parameter) or missing(f"no published {parameter.replace('_', ' ')} of {named}")


@dataclass(frozen=True, slots=True)
class CorsiaRecord:
    """A CORSIA default value, gCO2e/MJ; the land-use change may have no value, and then there is no total."""

    pathway_row: str
    feedstock_row: str
    region: str
    core: Figure
    land_use_change: Figure

    @property
    def total(self) -> float | None:
        """Core value and land-use change together, gCO2e/MJ."""
        if self.core.value is None or self.land_use_change.value is None:
            return None
        return self.core.value + self.land_use_change.value


@dataclass(frozen=True, slots=True, kw_only=True)
class IncentiveRecord:
    """A figure of a policy instrument, with its text where it is not one number.

    With a ``kind`` it can be an item of a scenario's incentive stack, paid from ``first_year`` to ``last_year`` (None:
    open) at ``figure``, in US dollars per what the kind is counted in. ``minimum_reduction`` is a fraction of
    ``reference_intensity``, gCO2e/MJ (None: what the engine takes); ``country`` has the ISO codes of the countries
    where the fuel must be made, none for anywhere.
    """

    id: int
    code: str
    name: str
    scheme: str
    region: str
    kind: str
    first_year: int | None
    last_year: int | None
    minimum_reduction: float | None
    reference_intensity: float | None
    rins_per_gallon: float | None
    indexed: bool
    country: tuple[str, ...]
    figure: Figure
    value_text: str

    @property
    def is_stackable(self) -> bool:
        return bool(self.kind)


@dataclass(frozen=True, slots=True)
class ExchangeRates:
    """US dollars per unit of a currency, the latest year of each."""

    rates: Mapping[str, Figure] = field(default_factory=dict)

    def in_usd(self, figure: Figure) -> Figure:
        """The figure in US dollars, with the rate named in its source; as it is when it is no foreign money.

        A converted figure is "derived", unless it was unconfirmed to begin with.
        """
        currency, slash, per = figure.unit.partition("/")
        if not (len(currency) == 3 and currency.isalpha() and currency.isupper()) or currency in {"USD", RIN}:
            return figure
        unit = f"USD{slash}{per}"
        rate = self.rates.get(currency)
        if rate is None or rate.value is None or figure.value is None:
            return replace(figure, value=None, unit=unit, source=f"no exchange rate for {currency}: {figure.source}")
        source = f"{figure.source}: {figure.value:g} {figure.unit} at {rate.value:g} {rate.unit} ({rate.source})"
        unconfirmed = figure.confidence == Confidence.UNCONFIRMED
        confidence = Confidence.UNCONFIRMED if unconfirmed else Confidence.DERIVED
        return replace(figure, value=figure.value * rate.value, unit=unit, source=source, confidence=confidence.value)


def missing(reason: str, unit: str = "") -> Figure:
    """A figure nobody published."""
    return Figure(None, unit, reason, Confidence.UNCONFIRMED.value)
