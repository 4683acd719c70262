"""The defaults of a scenario's inputs, from the master data."""

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from config.cache.memory import Memory
from masterdata.catalogue import Catalogue, current
from masterdata.choices import DesignParameter, FeedstockParameter, ProductParameter
from masterdata.records import CorsiaRecord, DesignRecord, Figure
from masterdata.services import design_defaults
from scenarios.engine import InputError, InputProblem
from scenarios.engine.incentive import AMOUNT_UNITS
from scenarios.engine.origins import Sourced
from scenarios.engine.parts import Part
from scenarios.engine.resolution import Key, Resolution, resolve
from scenarios.engine.units import factor

# What complete parts of inputs came to: of some two hundred scenarios that have none in common.
MOST_READ = 8 * 1024 * 1024
_BYTES_PER_VALUE = 400
_FEEDSTOCK = re.compile(r"feedstocks\[\d+\](\.feedstock)?")


@dataclass(frozen=True, slots=True)
class Examined:
    """Inputs with the defaults of one master data version: complete, or what is wrong with them."""

    resolution: Resolution | None
    problems: tuple[InputProblem, ...]
    masterdata_version: int


def inputs_examine(data: Mapping[str, Any], *, masterdata_version: int | None = None) -> Examined:
    """Complete ``data`` (wire form) with the defaults of the present master data, as far as that goes.

    ``masterdata_version``: their version, where the caller has just read it.
    """
    catalogue = current(masterdata_version)
    problems = [*_unknown_choices(catalogue, data), *_unknown_rows(catalogue, data)]
    defaults = CatalogueDefaults(catalogue, data)
    resolution = None
    try:
        resolution = resolve(_canonical(catalogue, data), defaults, _memory(catalogue, defaults))
    except InputError as error:
        found = _others(error.problems, problems, defaults)
        problems += [*_missing_design(defaults, found), *found]
    return Examined(None if problems else resolution, tuple(problems), catalogue.version)


def inputs_resolve(data: Mapping[str, Any], *, masterdata_version: int | None = None) -> tuple[Resolution, int]:
    """Complete inputs, and the master data version their defaults are of; see ``inputs_examine``.

    Raises:
        InputError: everything that is wrong or missing, by declared path.
    """
    found = inputs_examine(data, masterdata_version=masterdata_version)
    if found.resolution is None:
        raise InputError(found.problems)
    return found.resolution, found.masterdata_version


@dataclass(frozen=True, slots=True)
class _PartsRead:
    """What complete parts of inputs came to under one catalogue, by the names that choose their defaults."""

    catalogue: Catalogue
    parts: Memory[tuple[Hashable, Key], Part]


@dataclass(frozen=True, slots=True)
class _PartsOfDefaults:
    """The parts of those names."""

    names: Hashable
    parts: Memory[tuple[Hashable, Key], Part]

    def get(self, key: Key) -> Part | None:
        return self.parts.get((self.names, key))

    def put(self, key: Key, value: Part) -> None:
        self.parts.put((self.names, key), value)


_parts_read: _PartsRead | None = None


def _memory(catalogue: Catalogue, defaults: "CatalogueDefaults") -> _PartsOfDefaults:
    """What this process has read with these defaults; nothing of older master data, whatever its number."""
    global _parts_read
    known = _parts_read
    if known is None or known.catalogue is not catalogue:
        known = _parts_read = _PartsRead(catalogue, Memory(_size, limit=MOST_READ))
    return _PartsOfDefaults(defaults.names_chosen, known.parts)


def _size(part: Part) -> int:
    """About, with the key and what else belongs to a value."""
    return _BYTES_PER_VALUE * len(part.values)


def _missing_design(defaults: "CatalogueDefaults", found: Sequence[InputProblem]) -> Iterator[InputProblem]:
    """Says why so much is required: nobody published a design of this pathway on this feedstock."""
    if defaults.pathway is None or defaults.design is not None or all(p.code != "required" for p in found):
        return
    code = defaults.pathway.code
    known = ", ".join(d.feedstock.name for d in defaults.catalogue.designs if d.pathway.code == code)
    there = f"there is one on {known}" if known else "there is none on any feedstock"
    message = f"no design of {code} on this feedstock is published ({there}), so the values below have no default"
    yield InputProblem("feedstocks", "no_design", message)


def _others(
    found: Sequence[InputProblem], named: Sequence[InputProblem], defaults: "CatalogueDefaults"
) -> list[InputProblem]:
    """The problems of fields not named yet; what only a wrong choice leaves without a default is not their fault."""
    fields = {problem.field for problem in named}
    others = [problem for problem in found if problem.field not in fields]
    wrong = {problem.field for problem in [*named, *others] if defaults.depend_on(problem.field)}
    return [p for p in others if not wrong or p.field in wrong or p.code not in {"required", "empty"}]


def _unknown_choices(catalogue: Catalogue, data: Mapping[str, Any]) -> Iterator[InputProblem]:
    """The pathway and the country must be of the master data, and stand together."""
    chosen = {name: data.get(name) for name in ("pathway", "country")}
    records = {"pathway": catalogue.pathways, "country": catalogue.countries}
    for name, value in chosen.items():
        if isinstance(value, str) and _record(catalogue, name, value) is None:
            known = ", ".join(record.code for record in records[name])
            yield InputProblem(name, "unknown_name", f"{value[:80]!r} is not in the master data; there is {known}")
    for name, other in (("pathway", "country"), ("country", "pathway")):
        if chosen[name] is None and chosen[other] is not None:
            yield InputProblem(name, "required", f"goes together with the {other}")


def _unknown_rows(catalogue: Catalogue, data: Mapping[str, Any]) -> Iterator[InputProblem]:
    """A row of the CORSIA table that a feedstock names must be one of the pathway's."""
    pathway, feedstocks = _text(data.get("pathway")), data.get("feedstocks")
    listed = enumerate(feedstocks if isinstance(feedstocks, list) else [])
    rows = {index: item.get("corsiaRow") for index, item in listed if isinstance(item, Mapping)}
    if not any(rows.values()):
        return
    known = catalogue.corsia_rows(pathway)
    for index, row in rows.items():
        if isinstance(row, str) and row.strip().casefold() not in {name.casefold() for name in known}:
            there = f"there is {', '.join(known)}" if known else "there is none for this pathway"
            message = f"{row[:80]!r} is no row of the CORSIA table; {there}"
            yield InputProblem(f"feedstocks[{index}].corsia_row", "unknown_name", message)


def _record(catalogue: Catalogue, name: str, value: str) -> Any:
    return catalogue.pathway(value) if name == "pathway" else catalogue.country(value)


def _canonical(catalogue: Catalogue, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """``data`` with the pathway and the country by their codes."""
    if not isinstance(data, Mapping):
        return data
    changed = {}
    for name in ("pathway", "country"):
        record = _record(catalogue, name, data[name]) if isinstance(data.get(name), str) else None
        if record is not None:
            changed[name] = record.code
    return {**data, **changed}


@lru_cache(maxsize=512)
def _design_values(version: int, pathway: str, feedstock: str, country: str) -> Mapping[str, Sourced]:
    """The values of a design by path; ``version`` keeps those of older master data apart."""
    found = design_defaults(pathway=pathway, feedstock=feedstock, country=country)
    values = {}
    for path, source in found.sources.items():
        if path in {"pathway", "country"}:
            continue  # chosen by the user, who is their origin
        value = _at(found.inputs, path)
        # As the engine reads a list that is sent, so that the two can be compared.
        value = tuple(value) if isinstance(value, list) else value
        values[path] = Sourced(value, source.source, source.confidence)
    return values


def _at(tree: Any, path: str) -> Any:
    for part in path.replace("[", ".").replace("]", "").split("."):
        tree = tree[int(part)] if part.isdigit() else tree[part]
    return tree


def _sourced(figure: Figure) -> Sourced:
    return Sourced(figure.value, figure.source, figure.confidence)


class CatalogueDefaults:
    """Defaults of the pathway, feedstock and country that ``data`` names, from one state of the master data."""

    def __init__(self, catalogue: Catalogue, data: Mapping[str, Any]) -> None:
        self.catalogue = catalogue
        given = data if isinstance(data, Mapping) else {}
        self.pathway = catalogue.pathway(_text(given.get("pathway")))
        self.country = catalogue.country(_text(given.get("country")))
        self.feedstocks = given.get("feedstocks")
        self.design = self._design(self.feedstocks)
        self.values: Mapping[str, Sourced] = {}
        if self.design is not None and self.country is not None:
            names = (self.design.pathway.code, self.design.feedstock.code, self.country.code)
            self.values = _design_values(catalogue.version, *names)

    @property
    def names_chosen(self) -> tuple[str | None, ...]:
        """What all defaults follow from, in one catalogue."""
        feedstock = self.design.feedstock if self.design else None
        return tuple(record.code if record else None for record in (self.pathway, feedstock, self.country))

    def depend_on(self, path: str) -> bool:
        """Whether a fault in ``path`` is one of a choice that brings defaults: until it is right there are none."""
        if path in {"pathway", "country"}:
            return True
        is_choice = path == "feedstocks" or _FEEDSTOCK.fullmatch(path) is not None
        return is_choice and self.pathway is not None and self.design is None and self.feedstocks is not None

    def _design(self, feedstocks: Any) -> DesignRecord | None:
        """The design of the first feedstock that has one; of the pathway's first where none is named."""
        if self.pathway is None:
            return None
        if feedstocks is None:
            of_pathway = (design for design in self.catalogue.designs if design.pathway.code == self.pathway.code)
            return next(of_pathway, None)
        names = (
            [item.get("feedstock") for item in feedstocks if isinstance(item, Mapping)]
            if isinstance(feedstocks, list)
            else []
        )
        designs = (self.catalogue.design(self.pathway.code, _text(name)) for name in names)
        return next((design for design in designs if design is not None), None)

    def value(self, path: str) -> Sourced | None:
        return self.values.get(path)

    def items(self, group: str) -> Sequence[str]:
        if self.design is None or group == "incentives":
            return ()
        if group == "feedstocks":
            return (self.design.feedstock.name,)
        if group == "utilities":
            return tuple(item.utility.name for item in self.design.utilities)
        return tuple(item.product.name for item in self.design.products)

    def names(self, group: str) -> Sequence[str]:
        return tuple(record.name for record in getattr(self.catalogue, group))

    def item(self, group: str, name: str) -> Mapping[str, Sourced] | None:
        found = {
            "feedstocks": self._feedstock,
            "utilities": self._utility,
            "products": self._product,
            "incentives": self._incentive,
        }
        return found[group](name)

    def _incentive(self, name: str) -> Mapping[str, Sourced]:
        """The terms of a known incentive; any other name is the user's own, whose terms nobody knows."""
        record = self.catalogue.incentive(name)
        if record is None or not record.is_stackable:
            return {"incentive": Sourced(name, "", "")}
        terms = {
            "incentive": record.name,
            "kind": record.kind,
            "first_year": record.first_year,
            "last_year": record.last_year,
            "minimum_reduction": record.minimum_reduction,
            "reference_intensity": record.reference_intensity,
            "rins_per_gallon": record.rins_per_gallon,
            "indexed": record.indexed,
            "made_in": ";".join(record.country) or None,
        }
        figure = record.figure
        found = {
            key: Sourced(value, figure.source, figure.confidence) for key, value in terms.items() if value is not None
        }
        if figure.value is not None:
            # A tonne of a credit is one of CO2 equivalents.
            of_emissions = AMOUNT_UNITS[record.kind].endswith("CO2e")
            unit = figure.unit.replace("/t", "/tCO2e") if of_emissions else figure.unit.replace("fraction", "1")
            amount = figure.value * factor(unit, AMOUNT_UNITS[record.kind])
            found["amount"] = Sourced(amount, figure.source, figure.confidence)
        return found

    def _feedstock(self, name: str) -> Mapping[str, Sourced] | None:
        record = self.catalogue.feedstock(name)
        if record is None:
            return None
        found = {
            "feedstock": Sourced(record.name, "Master data", "confirmed"),
            "price": _sourced(record.figure(FeedstockParameter.PRICE)),
            "carbon_intensity": _sourced(record.figure(FeedstockParameter.CARBON_INTENSITY)),
            "carbon_content": _sourced(record.figure(FeedstockParameter.CARBON_CONTENT)),
        }
        design = self.catalogue.design(self.pathway.code, record.code) if self.pathway else None
        if design is not None:
            found["yield"] = _sourced(design.figure(DesignParameter.FEEDSTOCK_YIELD))
        return found

    def _utility(self, name: str) -> Mapping[str, Sourced] | None:
        record = self.catalogue.utility(name)
        if record is None:
            return None
        found = {
            "utility": Sourced(record.name, "Master data", "confirmed"),
            "unit": Sourced(record.unit, "Master data", "confirmed"),
            "price": _sourced(record.price_in(self.country)),
            "carbon_intensity": _sourced(record.intensity_in(self.country)),
        }
        used = next((u for u in self.design.utilities if u.utility.code == record.code), None) if self.design else None
        if used is not None:
            found["consumption"] = _sourced(used.consumption)
        return found

    def _product(self, name: str) -> Mapping[str, Sourced] | None:
        record = self.catalogue.product(name)
        if record is None:
            return None
        found = {
            "product": Sourced(record.name, "Master data", "confirmed"),
            "price": _sourced(record.figure(ProductParameter.PRICE)),
            "lower_heating_value": _sourced(record.figure(ProductParameter.LOWER_HEATING_VALUE)),
            "carbon_content": _sourced(record.figure(ProductParameter.CARBON_CONTENT)),
            "density": _sourced(record.figure(ProductParameter.DENSITY)),
            "liquid_fuel": Sourced(record.liquid_fuel, "Master data", "confirmed"),
        }
        made = next((p for p in self.design.products if p.product.code == record.code), None) if self.design else None
        if made is not None:
            found |= {"yield": _sourced(made.yield_), "price": _sourced(made.price)}
        return found

    def reference(self, chosen: Mapping[str, Any]) -> Mapping[str, Sourced]:
        found = {}
        for name, year in (("cost_index", "cost_year"), ("cost_index_reference", "reference_year")):
            figure = self.catalogue.cost_index(chosen[f"capital.{year}"]) if chosen.get(f"capital.{year}") else None
            if figure is not None:
                found[name] = _sourced(figure)
        if self.pathway is not None:
            limit = self.pathway.blend_limit
            if limit.value is not None:
                found["blend_limit"] = Sourced(limit.value / 100, limit.source, limit.confidence)
            found |= self._corsia(chosen)
        return found

    def _corsia(self, chosen: Mapping[str, Any]) -> Mapping[str, Sourced]:
        """The table's values, weighted by the shares of the feedstocks; nothing where one of them is missing."""
        if self.pathway is None or self.country is None:
            return {}
        rows: list[tuple[Any, CorsiaRecord | None]] = []
        while f"feedstocks[{len(rows)}].feedstock" in chosen:
            at = f"feedstocks[{len(rows)}]"
            row, name = chosen.get(f"{at}.corsia_row"), chosen[f"{at}.feedstock"]
            record = self.catalogue.corsia(self.pathway.code, name, self.country.code, row)
            rows.append((chosen.get(f"{at}.share"), record))
        if not rows or any(record is None or share is None for share, record in rows):
            return {}
        found = {}
        for name, part in (("corsia_core", "core"), ("corsia_land_use_change", "land_use_change")):
            figures = [(share, getattr(record, part)) for share, record in rows]
            if all(figure.value is not None for _, figure in figures):
                value = sum(share * figure.value for share, figure in figures)
                sources = "; ".join(dict.fromkeys(figure.source for _, figure in figures))
                confidence = figures[0][1].confidence if len(figures) == 1 else "derived"
                found[name] = Sourced(value, sources, confidence)
        return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
