"""Making the book of the master data's tables: a query or two each, whatever the number of rows."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from django.db.models import Model
from django.utils.text import capfirst, slugify

from config.figures import rounded
from masterdata import models as md
from masterdata.choices import DesignParameter, MacrsConvention
from masterdata.models.tables import Published
from masterdata.pages.book import Book, Datum, Fact, Place, Record, Section
from masterdata.pages.labels import design_label, design_place, incentive_terms, without_figures
from masterdata.records import ExchangeRates, Figure

KINDS = {"grid": "Electricity grids", "corsia": "CORSIA", "utility": "Utilities", "hydrogen": "Hydrogen"}


def read() -> Book:
    """The book as the database has it now, all of it of one version whoever writes meanwhile."""
    while True:
        before = md.MasterDataVersion.objects.first()
        sections, records = _Reader().all()
        after = md.MasterDataVersion.objects.first()
        if _number(before) == _number(after):
            return Book(
                version=_number(after),
                updated_at=after.updated_at if after else None,
                sections=MappingProxyType({section.key: section for section in sections}),
                records=MappingProxyType({(one.place.section, one.place.key): one for one in records}),
            )


def _number(version: md.MasterDataVersion | None) -> int:
    return version.number if version else 0


class _Reader:
    """Reads each table once."""

    def __init__(self) -> None:
        self.rate_rows = list(md.ExchangeRate.objects.order_by("currency", "-year"))
        latest = {row.currency: row for row in reversed(self.rate_rows)}
        self.rates = ExchangeRates({code: Figure(row.value, row.unit, "", "") for code, row in latest.items()})
        self.records: list[Record] = []
        self.designs = list(md.DesignDefault.objects.for_detail().order_by("pk"))
        self.uses: dict[tuple[str, int], dict[Place, None]] = defaultdict(dict)
        for design in self.designs:
            place = design_place(design)
            self.uses["pathways", design.pathway_id][place] = None
            self.uses["feedstocks", design.feedstock_id][place] = None
            for row in design.figures.all():
                for section, key in (("products", row.product_id), ("utilities", row.utility_id)):
                    if key is not None:
                        self.uses[section, key][place] = None

    def all(self) -> tuple[list[Section], list[Record]]:
        corsia = self._corsia()
        references = self._references()
        sections = [
            self._items(
                "pathways",
                md.Pathway,
                "Ways of making the fuel that ASTM D7566 or D1655 admits, each with its limit in a blend.",
                lambda item: [
                    Fact("ASTM annex", item.astm_annex),
                    Fact("CORSIA pathways", item.corsia_pathways.replace(";", ", ")),
                ],
            ),
            self._design_section(),
            self._items(
                "feedstocks",
                md.Feedstock,
                "What the fuel is made from: price, carbon intensity, carbon content.",
                lambda item: [Fact("Row of the CORSIA table", item.corsia_feedstock), Fact("Note", item.corsia_note)],
            ),
            self._items(
                "products",
                md.Product,
                "What a plant sells: price, heating value, carbon content, density.",
                lambda item: [
                    Fact("Liquid fuel", "yes: counted in the fuel yield" if item.liquid_fuel else "no: a by-product")
                ],
            ),
            self._items(
                "utilities",
                md.Utility,
                "What a plant uses beside its feedstock: price and carbon intensity.",
                lambda item: [Fact("Counted in", item.unit)],
            ),
            self._items(
                "countries",
                md.Country,
                "Where a plant stands: tax, grid, electricity price, location factor.",
                lambda item: [Fact("Regions of the CORSIA table", item.corsia_regions.replace(";", ", "))],
            ),
        ]
        by_key = {section.key: section for section in sections}
        prices = [
            replace(datum, facet=by_key[key].title)
            for key in ("feedstocks", "products", "utilities", "countries", "designs")
            for datum in by_key[key].data
            if datum.dollars is not None and "price" in datum.what
        ]
        about = "Every price of the sections above in one table, as published and in your currency."
        sections += [
            Section("prices", "Prices", about, tuple(prices), len(prices), facet="Kind"),
            self._carbon_factors(by_key, corsia, references),
            self._incentives(),
            self._cost_indices(),
            self._exchange_rates(),
            self._depreciation(),
            references,
        ]
        self._uses_of_currencies()
        return sections, self.records

    def _items(self, key: str, model: type[Model], about: str, facts: Callable[[Any], list[Fact]]) -> Section:
        """A section of items with figures, and their records."""
        figures: Any = model._meta.get_field("figures").related_model
        owner = str(model._meta.model_name)
        data: list[Datum] = []
        manager: Any = model._default_manager
        for item in manager.for_list().order_by("pk"):
            place = Place(key, item.code, item.name)
            own = tuple(self._datum(row, place, row.get_parameter_display()) for row in item.figures.all())
            data += own or [without_figures(place)]
            self.records.append(
                Record(
                    place,
                    item.code,
                    own,
                    facts=tuple(fact for fact in facts(item) if fact.text),
                    used=tuple(self.uses[key, item.pk]),
                    rows=((model, {"id": item.pk}), (figures, {f"{owner}_id": item.pk})),
                    model=model,
                    pk=item.pk,
                )
            )
        count = len({datum.of for datum in data})
        title = capfirst(str(model._meta.verbose_name_plural))
        of = capfirst(str(model._meta.verbose_name))
        return Section(key, title, about, tuple(data), count, of=of, model=model)

    def _design_section(self) -> Section:
        data: list[Datum] = []
        for design in self.designs:
            place = design_place(design)
            own = [self._design_datum(row, place) for row in design.figures.all()]
            data += own
            facts = (
                Fact("Pathway", "", (Place("pathways", design.pathway.code, design.pathway.name),)),
                Fact("Feedstock", "", (Place("feedstocks", design.feedstock.code, design.feedstock.name),)),
                Fact("Basis", f"{design.source} ({design.confidence})"),
                Fact("Note", design.note),
            )
            self.records.append(
                Record(
                    place,
                    "Design basis",
                    tuple(own),
                    facts=tuple(fact for fact in facts if fact.text or fact.places),
                    rows=((md.DesignDefault, {"id": design.pk}), (md.DesignFigure, {"design_id": design.pk})),
                    model=md.DesignDefault,
                    pk=design.pk,
                )
            )
        about = "What a plant of a pathway on a feedstock looks like before anybody knows better."
        return Section("designs", "Designs", about, tuple(data), len(self.designs), of="Design", model=md.DesignDefault)

    def _design_datum(self, row: md.DesignFigure, place: Place) -> Datum:
        datum = self._datum(row, place, design_label(row), facet=capfirst(row.get_parameter_display()))
        # A fraction by its unit, and nothing that anybody tells in per cent.
        return replace(datum, unit="") if row.parameter == DesignParameter.SCALING_EXPONENT else datum

    def _corsia(self) -> list[Datum]:
        """Both parts of each CORSIA value, and a record for each row of the table."""
        feedstocks = defaultdict(list)
        for one in md.Feedstock.objects.exclude(corsia_feedstock="").order_by("pk"):
            feedstocks[one.corsia_feedstock.casefold()].append(Place("feedstocks", one.code, one.name))
        found: list[Datum] = []
        for row in md.CorsiaValue.objects.order_by("pk"):
            title = f"{row.pathway}: {row.feedstock}"
            place = Place("carbon-factors", f"corsia-{row.pk}", title)
            core = self._datum(row, place, "core life-cycle value", value=row.core)
            luc = replace(
                self._datum(row, place, "induced land-use change", value=row.land_use_change),
                source=row.land_use_change_source,
                confidence=row.land_use_change_confidence,
            )
            own = tuple(
                replace(datum, what=f"{datum.what}, {row.region}, edition of {row.year}", facet=KINDS["corsia"])
                for datum in (core, luc)
            )
            found += own
            facts = (Fact("Region", row.region), Fact("Edition", str(row.year)))
            self.records.append(
                Record(
                    place,
                    "CORSIA default life-cycle value",
                    own,
                    facts=facts,
                    used=tuple(feedstocks[row.feedstock.casefold()]),
                    rows=((md.CorsiaValue, {"id": row.pk}),),
                    model=md.CorsiaValue,
                    pk=row.pk,
                )
            )
        return found

    def _carbon_factors(self, by_key: dict[str, Section], corsia: list[Datum], references: Section) -> Section:
        def intensities(data: Iterable[Datum], kind: str) -> Iterator[Datum]:
            yield from (replace(datum, facet=kind) for datum in data if "carbon intensity" in datum.what)

        known = {datum.of.key for datum in intensities(by_key["countries"].data, "")}
        grids = [
            datum
            for datum in references.data
            if datum.facet == "Grid emission factor" and datum.of.title.partition(" ")[0] not in known
        ]
        hydrogen = [
            datum
            for datum in references.data
            if datum.facet == "Hydrogen ci" and datum.what.partition(",")[0] == "carbon intensity"
        ]
        data = [
            *corsia,
            *intensities(by_key["feedstocks"].data, "Feedstocks"),
            *intensities(by_key["utilities"].data, KINDS["utility"]),
            *intensities(by_key["countries"].data, KINDS["grid"]),
            *(replace(datum, facet=KINDS["grid"]) for datum in grids),
            *(replace(datum, facet=KINDS["hydrogen"]) for datum in hydrogen),
        ]
        about = "Life-cycle values of CORSIA, intensities of feedstocks, utilities, electricity grids and hydrogen."
        return Section(
            "carbon-factors", "Carbon factors", about, tuple(data), len(data), facet="Kind", model=md.CorsiaValue
        )

    def _incentives(self) -> Section:
        data = []
        for row in md.Incentive.objects.order_by("pk"):
            place = Place("incentives", row.code, row.name)
            own = self._datum(row, place, row.scheme, value=row.value, facet=row.scheme)
            data.append(own)
            facts = incentive_terms(row)
            rows = ((md.Incentive, {"id": row.pk}),)
            self.records.append(Record(place, row.scheme, (own,), facts, rows=rows, model=md.Incentive, pk=row.pk))
        about = "Credits, certificates, allowances and grants; those with a kind can be stacked in a scenario."
        return Section(
            "incentives",
            "Incentives",
            about,
            tuple(data),
            len(data),
            of="Incentive",
            what="Scheme",
            facet="Scheme",
            model=md.Incentive,
        )

    def _cost_indices(self) -> Section:
        data = self._by_year("cost-indices", md.CostIndex.objects.order_by("name", "-year"), "name", "plant cost index")
        about = "Annual averages that bring the cost of a plant from one year's money to another's."
        return Section(
            "cost-indices", "Cost indices", about, tuple(data), len(data), of="Index", what="Year", model=md.CostIndex
        )

    def _exchange_rates(self) -> Section:
        data = self._by_year("exchange-rates", self.rate_rows, "currency", "exchange rate, annual average")
        about = "US dollars to one unit of a currency. Amounts are shown in your currency at the latest of them."
        return Section(
            "exchange-rates",
            "Exchange rates",
            about,
            tuple(data),
            len(data),
            of="Currency",
            what="Year",
            model=md.ExchangeRate,
        )

    def _by_year(self, key: str, rows: Iterable[Any], name: str, subtitle: str) -> list[Datum]:
        """Figures of one series each, a record a series."""
        series: dict[str, list[Datum]] = defaultdict(list)
        for row in rows:
            title = getattr(row, name)
            datum = self._datum(row, Place(key, slugify(title).upper(), title), str(row.year), is_money=False)
            series[title].append(datum)
        model = md.CostIndex if name == "name" else md.ExchangeRate
        for title, data in series.items():
            self.records.append(Record(data[0].of, capfirst(subtitle), tuple(data), rows=((model, {name: title}),)))
        return [datum for data in series.values() for datum in data]

    def _depreciation(self) -> Section:
        tables: dict[tuple[str, int, int | None], list[md.MacrsRate]] = defaultdict(list)
        for row in md.MacrsRate.objects.order_by("convention", "property_class", "quarter", "year"):
            tables[row.convention, row.property_class, row.quarter].append(row)
        told = []
        for (convention, years, quarter), rows in tables.items():
            when = f", quarter {quarter}" if quarter else ""
            label = f"{MacrsConvention(convention).label} convention{when}"
            key = f"{years}-years-{slugify(convention.replace('_', '-'))}{f'-{quarter}' if quarter else ''}"
            place = Place("depreciation", key, f"{years}-year property")
            own = tuple(self._datum(row, place, f"year {row.year}") for row in rows)
            text = ", ".join(f"{rounded(row.value * 100)}" for row in rows[:6]) + (" …" if len(rows) > 6 else "") + " %"
            first = self._datum(rows[0], place, label, facet=capfirst(str(MacrsConvention(convention).label)))
            told.append(replace(first, value=None, text=text, unit=""))
            which = {"convention": convention, "property_class": years, "quarter": quarter}
            self.records.append(Record(place, f"MACRS, {label}", own, rows=((md.MacrsRate, which),)))
        about = "Shares of its cost by which a property is depreciated in each year, as the tax tables give them."
        return Section(
            "depreciation",
            "Depreciation tables",
            about,
            tuple(told),
            len(told),
            of="Property",
            what="Convention",
            facet="Convention",
            model=md.MacrsRate,
        )

    def _references(self) -> Section:
        data = []
        for row in md.ReferenceValue.objects.order_by("pk"):
            subject = " ".join(filter(None, (row.subject, row.region))) or row.parameter
            place = Place("references", str(row.pk), subject)
            what = ", ".join(filter(None, (row.parameter, row.year)))
            kind = capfirst(row.category.replace("_", " "))
            own = self._datum(row, place, what, value=row.value, facet=kind)
            data.append(own)
            rows = ((md.ReferenceValue, {"id": row.pk}),)
            self.records.append(Record(place, kind, (own,), rows=rows, model=md.ReferenceValue, pk=row.pk))
        about = "Published values that the product shows or checks itself against."
        return Section(
            "references",
            "Published references",
            about,
            tuple(data),
            len(data),
            facet="Kind",
            model=md.ReferenceValue,
        )

    def _datum(self, row: Any, of: Place, what: str, *, is_money: bool = True, **values: Any) -> Datum:
        values.setdefault("value", getattr(row, "value", None))
        text = row.value_text if isinstance(row, Published) else ""
        converted = self.rates.in_usd(Figure(values["value"], row.unit, "", "")) if is_money else None
        is_dollars = converted is not None and converted.value is not None and converted.unit.partition("/")[0] == "USD"
        dollars = (converted.value, converted.unit) if converted is not None and is_dollars else None
        datum = Datum(
            of=of,
            what=what,
            unit=row.unit,
            source=row.source,
            confidence=row.confidence,
            note=row.note,
            valid_from=row.valid_from,
            text=text,
            dollars=dollars,  # type: ignore[arg-type]
            facet=values.pop("facet", "") or capfirst(what),
            **values,
        )
        searched = (of.title, of.key, what, datum.unit, datum.source, datum.note, datum.text, datum.facet)
        return replace(datum, words=" ".join(searched).casefold())

    def _uses_of_currencies(self) -> None:
        """A rate is used by whatever was published in its currency."""
        published: dict[str, dict[Place, None]] = defaultdict(dict)
        for record in self.records:
            for datum in record.data:
                published[datum.currency][record.place] = None
        self.records = [
            replace(record, used=tuple(published.get(record.place.title, {})))
            if record.place.section == "exchange-rates"
            else record
            for record in self.records
        ]
