"""The master data as people leaf through it: sections of figures, and a record for whatever has figures."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models

from masterdata.catalogue import current_version

_lock = threading.Lock()
_current: "Book | None" = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record is: the key of its section and its own, and what the link to it says."""

    section: str
    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Datum:
    """One figure as published; ``text`` where it is not a number.

    ``what`` it is a figure of is said within the record ``of``; ``facet`` is what a section is filtered by.
    ``dollars`` is money of another currency, or US dollars themselves, at the rates of the master data.
    """

    of: Place
    what: str
    value: float | None
    unit: str
    source: str
    confidence: str
    note: str = ""
    text: str = ""
    valid_from: date | None = None
    facet: str = ""
    dollars: tuple[float, str] | None = None
    words: str = ""

    @property
    def shown_unit(self) -> str:
        """The unit for the template tag: fractions are told in per cent."""
        return "%" if self.unit == "fraction" else self.unit or "1"

    @property
    def currency(self) -> str:
        """What it is money of, where it is."""
        return self.unit.partition("/")[0] if self.dollars else ""


@dataclass(frozen=True, slots=True)
class Fact:
    """What a record says of itself beside its figures, with a link where it names another record."""

    name: str
    text: str
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """What has a page of its own. Its history is that of ``rows``; ``model`` and ``pk`` lead to the admin."""

    place: Place
    subtitle: str
    data: tuple[Datum, ...]
    facts: tuple[Fact, ...] = ()
    used: tuple[Place, ...] = ()
    rows: tuple[tuple[type[models.Model], Mapping[str, Any]], ...] = ()
    model: type[models.Model] | None = None
    pk: int | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A table: ``of`` and ``what`` head its first two columns, ``facet`` names its filter."""

    key: str
    title: str
    about: str
    data: tuple[Datum, ...]
    count: int
    of: str = "Of"
    what: str = "Figure"
    facet: str = "Figure"
    model: type[models.Model] | None = None

    @property
    def facets(self) -> tuple[str, ...]:
        """What it can be filtered by, where there is a choice."""
        found = tuple(dict.fromkeys(datum.facet for datum in self.data if datum.facet))
        return found if len(found) > 1 else ()


@dataclass(frozen=True, slots=True)
class Book:
    """All of it at one version. ``updated_at`` is when that version came to be; None for an empty database."""

    version: int
    updated_at: datetime | None
    sections: Mapping[str, Section]
    records: Mapping[tuple[str, str], Record]

    def found(self, words: str) -> tuple[Datum, ...]:
        """Figures of all sections that ``words`` are found in, each once: some stand in two sections."""
        found = [datum for section in self.sections.values() for datum in matching(section.data, words=words)]
        return tuple({(datum.of, datum.what): datum for datum in reversed(found)}.values())[::-1]


def matching(data: Iterable[Datum], *, words: str = "", facet: str = "", confidence: str = "") -> tuple[Datum, ...]:
    """Figures in which every one of ``words`` occurs, without case, of that facet and confidence where one is asked."""
    asked = words.casefold().split()
    return tuple(
        datum
        for datum in data
        if (not facet or datum.facet == facet)
        and (not confidence or datum.confidence == confidence)
        and all(word in datum.words for word in asked)
    )


def current() -> Book:
    """The book of the present version: one query when this process has it already."""
    from masterdata.pages.reading import read  # which stands on this module

    global _current
    version = current_version()
    book = _current
    if book is None or book.version != version:
        with _lock:
            book = _current
            if book is None or book.version != version:
                book = _current = read()
    return book
