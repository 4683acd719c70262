"""What master data offers the rest of the product: a complete, sourced set of inputs to start from."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from masterdata.catalogue import Catalogue, current
from masterdata.choices import CountryParameter as Country
from masterdata.choices import DesignParameter as Design
from masterdata.choices import FeedstockParameter as Feedstock
from masterdata.choices import ProductParameter as Product
from masterdata.records import CountryRecord, DesignRecord, DesignUtility, Figure

FOSSIL_JET_PRICE = "refueleu-reference-price-conventional-jet-2024"


class UnknownName(LookupError):  # noqa: N818 - says what it is, as Http404 does
    """A name that master data does not have; ``known`` are those it has."""

    def __init__(self, field: str, name: str, known: Iterable[str]) -> None:
        self.field = field
        self.name = name
        self.known = tuple(known)
        super().__init__(self.message())

    def message(self) -> str:
        return f"There is no {self.field} {self.name!r}. There is: {', '.join(self.known)}."


class NoDesign(UnknownName):
    """The pathway has no design on this feedstock; ``known`` are the designs there are."""

    def message(self) -> str:
        return f"There is no design {self.name}. There is: {', '.join(self.known)}."


@dataclass(frozen=True, slots=True)
class Source:
    """Where a default comes from, and how far it can be trusted."""

    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class DesignDefaults:
    """Inputs of a new scenario, and the source of each by its path in them (``feedstocks[0].price``)."""

    inputs: dict[str, Any]
    sources: dict[str, Source]
    masterdata_version: int


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A value of the tree that is no figure: a choice, a name, a list."""

    value: Any
    source: str
    confidence: str = "confirmed"


def design_defaults(*, pathway: str, feedstock: str, country: str) -> DesignDefaults:
    """A complete set of inputs for a plant of ``pathway`` on ``feedstock`` in ``country``, each by name or code.

    Units are those of the scenario's fields (t/year, USD, USD per t or kWh, gCO2e per kg, kWh or MJ, fractions). What
    nobody published is None, with a source that says so. Raises UnknownName, or NoDesign, for the first name that is
    not there; see ``unknown_names`` for all of them.
    """
    catalogue = current()
    design, where = catalogue.design(pathway, feedstock), catalogue.country(country)
    if design is None or where is None:
        raise unknown_names(catalogue, pathway=pathway, feedstock=feedstock, country=country)[0]
    inputs: dict[str, Any] = {}
    sources: dict[str, Source] = {}
    for path, leaf in _leaves(_tree(catalogue, design, where)):
        _put(inputs, path, leaf.value)
        sources[_written(path)] = Source(leaf.source, str(leaf.confidence))
    return DesignDefaults(inputs, sources, catalogue.version)


def unknown_names(catalogue: Catalogue, *, pathway: str, feedstock: str, country: str) -> list[UnknownName]:
    """Everything wrong with the three names at once; empty when there are defaults for them."""
    errors = []
    on, of = catalogue.pathway(pathway), catalogue.feedstock(feedstock)
    if on is None:
        errors.append(UnknownName("pathway", pathway, (record.code for record in catalogue.pathways)))
    if of is None:
        errors.append(UnknownName("feedstock", feedstock, (record.name for record in catalogue.feedstocks)))
    if catalogue.country(country) is None:
        errors.append(UnknownName("country", country, (record.code for record in catalogue.countries)))
    if on and of and catalogue.design(pathway, feedstock) is None:
        known = (f"{design.pathway.code} on {design.feedstock.name}" for design in catalogue.designs)
        errors.append(NoDesign("feedstock", f"{on.code} on {of.name}", known))
    return errors


def _tree(catalogue: Catalogue, design: DesignRecord, country: CountryRecord) -> dict[str, Any]:
    feedstock = design.feedstock
    return {
        "pathway": _Leaf(design.pathway.code, "as asked for"),
        "country": _Leaf(country.code, "as asked for"),
        "plant": {
            "capacity": design.figure(Design.CAPACITY_REFERENCE),
            "load_hours": design.figure(Design.LOAD_HOURS),
            "reference_load_hours": design.figure(Design.LOAD_HOURS),
            "utilisation": _method(1.0, "12: no ramp"),
        },
        "feedstocks": [
            {
                "feedstock": _Leaf(feedstock.name, "as asked for"),
                "share": _method(1.0, "2: one feedstock"),
                "yield": design.figure(Design.FEEDSTOCK_YIELD),
                "price": feedstock.figure(Feedstock.PRICE),
                "carbon_intensity": feedstock.figure(Feedstock.CARBON_INTENSITY),
                "carbon_content": feedstock.figure(Feedstock.CARBON_CONTENT),
            }
        ],
        "utilities": [_utility(design, item, country) for item in design.utilities],
        "products": [
            {
                "product": _Leaf(item.product.name, design.source, design.confidence),
                "yield": item.yield_,
                "price": item.price,
                "lower_heating_value": item.product.figure(Product.LOWER_HEATING_VALUE),
                "carbon_content": item.product.figure(Product.CARBON_CONTENT),
                "density": item.product.figure(Product.DENSITY),
                "liquid_fuel": _Leaf(item.product.liquid_fuel, "by definition"),
            }
            for item in design.products
        ],
        "capital": {
            "tci_reference": design.figure(Design.TCI_REFERENCE),
            "capacity_reference": design.figure(Design.CAPACITY_REFERENCE),
            "scaling_exponent": design.figure(Design.SCALING_EXPONENT),
            "working_capital_ratio": design.figure(Design.WORKING_CAPITAL_RATIO),
            "location_factor": country.location_factor,
            "cost_year": _method(None, "6: no cost index unless asked for"),
            "reference_year": _method(None, "6: no cost index unless asked for"),
            "contingency": _method(0.0, "6"),
            "pioneer_factor": _method(1.0, "8: nth plant"),
        },
        "operating": {
            "indirect_opex_ratio": design.figure(Design.INDIRECT_OPEX_RATIO),
            "other_variable": _method(0.0, "9"),
        },
        "finance": _finance(catalogue, country),
        "carbon": _carbon(catalogue, design, country),
        "incentives": _method([], "29: none unless listed"),
    }


def _utility(design: DesignRecord, item: DesignUtility, country: CountryRecord) -> dict[str, Any]:
    return {
        "utility": _Leaf(item.utility.name, design.source, design.confidence),
        "consumption": item.consumption,
        "price": item.utility.price_in(country),
        "carbon_intensity": item.utility.intensity_in(country),
    }


def _finance(catalogue: Catalogue, country: CountryRecord) -> dict[str, Any]:
    return {
        "discount_rate": catalogue.reference("nrel_nth_plant_convention", "discount_rate_real"),
        "rate_basis": _method("real", "16: the default rate is a real one"),
        "inflation": _method(0.0, "16"),
        "lifetime": _whole(catalogue.reference("scenario_default", "lifetime")),
        "construction_shares": _method([1.0], "12: one construction year"),
        "tax_rate": country.figure(Country.CORPORATE_TAX),
        "loss_rule": _method("carry_forward", "15"),
        "depreciation": {
            "method": _method("straight_line", "13"),
            "years": _method(None, "13: the lifetime unless given"),
        },
        "debt": {
            "share": _method(0.0, "14: no debt unless given"),
            "interest": catalogue.reference("scenario_default", "debt_interest"),
            "term": _whole(catalogue.reference("scenario_default", "debt_term")),
            "construction_interest": _method("paid", "14"),
        },
        "escalation": {group: _method(0.0, "16") for group in ("products", "feedstock", "utilities", "fixed")},
        "salvage_share": _method(0.0, "17"),
        "reference_year": _method("end_of_construction", "11-12: NPV refers to the last construction year"),
        "basis": _method("unlevered", "14: the project's flow"),
    }


def _carbon(catalogue: Catalogue, design: DesignRecord, country: CountryRecord) -> dict[str, Any]:
    jet = catalogue.incentive(FOSSIL_JET_PRICE)
    return {
        "process_intensity": design.figure(Design.PROCESS_INTENSITY),
        "transport_intensity": _method(0.0, "24: none unless given"),
        "land_use_change": _method(0.0, "24: none unless given"),
        "avoided": _method(0.0, "24: none unless given"),
        "fossil_comparator": catalogue.reference("corsia_constant", "fossil jet life-cycle baseline"),
        "allocation": _method("energy", "24"),
        "route": _route(catalogue, design, country),
        "carbon_price": _method(0.0, "10"),
        "fossil_jet_price": jet.figure if jet else _Leaf(None, "no published price", "unconfirmed"),
        "blend_share": _method(None, "27: checked when given"),
    }


def _route(catalogue: Catalogue, design: DesignRecord, country: CountryRecord) -> _Leaf:
    """The actual value where all of its parts are known, else the CORSIA default where there is a complete one."""
    parts = [
        design.figure(Design.PROCESS_INTENSITY),
        design.feedstock.figure(Feedstock.CARBON_INTENSITY),
        *(item.utility.intensity_in(country) for item in design.utilities),
    ]
    if all(part.value is not None for part in parts):
        return _method("actual", "26: every part of the actual value is known")
    default = catalogue.corsia(design.pathway.code, design.feedstock.name, country.code)
    if default and default.total is not None:
        return _method("corsia_default", "26: parts of the actual value are unknown")
    return _method("actual", "26: there is no default value")


def _method(value: Any, section: str) -> _Leaf:
    """A convention of the method, by the number of its formula."""
    return _Leaf(value, f"SAFAPAC method {section}")


def _whole(figure: Figure) -> _Leaf:
    value = None if figure.value is None else int(figure.value)
    return _Leaf(value, figure.source, figure.confidence)


type _Path = tuple[str | int, ...]


def _leaves(tree: Any, path: _Path = ()) -> Iterator[tuple[_Path, Any]]:
    if isinstance(tree, dict):
        for name, branch in tree.items():
            yield from _leaves(branch, (*path, name))
    elif isinstance(tree, list):
        for index, branch in enumerate(tree):
            yield from _leaves(branch, (*path, index))
    else:
        yield path, tree


def _put(inputs: dict[str, Any], path: _Path, value: Any) -> None:
    place: Any = inputs
    for step, following in pairwise(path):
        fresh: Any = [] if isinstance(following, int) else {}
        if isinstance(step, int):
            if step == len(place):
                place.append(fresh)
            place = place[step]
        else:
            place = place.setdefault(step, fresh)
    place[path[-1]] = value


def _written(path: _Path) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")
