"""The data files of the project: which file holds which model, and how its rows are read and checked.

A file is CSV with a header. Its columns are fields of the model; a column that refers to another row holds that row's
code. Nothing here touches the database, so files can be checked before there is one.
"""

import csv
import hashlib
import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, FieldDoesNotExist, ValidationError
from django.db import models

from masterdata import models as md

DATA = Path(__file__).resolve().parent / "data"

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file: the model its rows become, the columns that name a row, and what refers to other files.

    ``references`` maps a foreign key to the file it points into and the columns that hold the other row's key.
    """

    name: str
    model: type[models.Model]
    key: tuple[str, ...]
    references: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)

    def column(self, name: str) -> Any:
        """The model's field of that name. Raises FieldDoesNotExist."""
        return self.model._meta.get_field(name)


def _figures(name: str, model: type[models.Model], owner: str, owners: str) -> DataFile:
    return DataFile(name, model, (owner, "parameter"), {owner: (owners, (owner,))})


_ON_A_DESIGN = {
    "design": ("designs.csv", ("pathway", "feedstock")),
    "product": ("products.csv", ("product",)),
    "utility": ("utilities.csv", ("utility",)),
}
_REFERENCE_KEY = ("category", "subject", "region", "year", "parameter")

# In the order in which they are loaded: a file comes after those it refers to.
FILES = (
    DataFile("pathways.csv", md.Pathway, ("code",)),
    DataFile("feedstocks.csv", md.Feedstock, ("code",)),
    DataFile("products.csv", md.Product, ("code",)),
    DataFile("utilities.csv", md.Utility, ("code",)),
    DataFile("countries.csv", md.Country, ("code",)),
    _figures("pathway_figures.csv", md.PathwayFigure, "pathway", "pathways.csv"),
    _figures("feedstock_figures.csv", md.FeedstockFigure, "feedstock", "feedstocks.csv"),
    _figures("product_figures.csv", md.ProductFigure, "product", "products.csv"),
    _figures("utility_figures.csv", md.UtilityFigure, "utility", "utilities.csv"),
    _figures("country_figures.csv", md.CountryFigure, "country", "countries.csv"),
    DataFile(
        "designs.csv",
        md.DesignDefault,
        ("pathway", "feedstock"),
        {"pathway": ("pathways.csv", ("pathway",)), "feedstock": ("feedstocks.csv", ("feedstock",))},
    ),
    DataFile(
        "design_figures.csv",
        md.DesignFigure,
        ("pathway", "feedstock", "parameter", "product", "utility"),
        _ON_A_DESIGN,
    ),
    DataFile("exchange_rates.csv", md.ExchangeRate, ("currency", "year")),
    DataFile("corsia_values.csv", md.CorsiaValue, ("pathway", "feedstock", "region", "year")),
    DataFile("cost_indices.csv", md.CostIndex, ("name", "year")),
    DataFile("macrs_rates.csv", md.MacrsRate, ("convention", "property_class", "quarter", "year")),
    DataFile("incentives.csv", md.Incentive, ("code",)),
    *(
        DataFile(f"reference/{path.name}", md.ReferenceValue, _REFERENCE_KEY)
        for path in sorted((DATA / "reference").glob("*.csv"))
    ),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file, and where: row 1 is the header; no row or column when all of it is."""

    file: str
    line: int
    column: str
    message: str

    def __str__(self) -> str:
        row = f", row {self.line}" if self.line else ""
        column = f", column {self.column}" if self.column else ""
        return f"{self.file}{row}{column}: {self.message}"


class DataFileError(Exception):
    """The files cannot be loaded; ``faults`` has everything that is wrong with them."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(map(str, faults)))


@dataclass(slots=True)
class Row:
    """One row of a file: its values by field, and the keys of the rows it refers to by foreign key."""

    line: int
    key: Key
    values: dict[str, Any]
    references: dict[str, Key | None]
    instance: models.Model


Rows = dict[Key, Row]


def fingerprints(folder: Path = DATA, files: tuple[DataFile, ...] = FILES) -> dict[str, str]:
    """SHA-256 of each file by name. Raises DataFileError when one is missing."""
    faults, digests = [], {}
    for file in files:
        try:
            digests[file.name] = hashlib.sha256((folder / file.name).read_bytes()).hexdigest()
        except OSError as error:
            faults.append(Fault(file.name, 0, "", error.strerror or "cannot be read"))
    if faults:
        raise DataFileError(faults)
    return digests


def read_all(folder: Path = DATA, files: tuple[DataFile, ...] = FILES) -> dict[str, Rows]:
    """Every file's rows by their key. Raises DataFileError with every fault of every file."""
    faults: list[Fault] = []
    loaded: dict[str, Rows] = {}
    for file in files:
        reader = _Reader(file, loaded, faults)
        loaded[file.name] = reader.read(folder / file.name)
    if faults:
        raise DataFileError(faults)
    return loaded


class _Reader:
    """Reads one file against those it refers to; notes faults and goes on."""

    def __init__(self, file: DataFile, loaded: Mapping[str, Rows], faults: list[Fault]) -> None:
        self.file = file
        self.loaded = loaded
        self.faults = faults
        self.referring = {column for _, columns in file.references.values() for column in columns}

    def fault(self, line: int, column: str, message: str) -> None:
        self.faults.append(Fault(self.file.name, line, column, message))

    def read(self, path: Path) -> Rows:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            self.fault(0, "", f"cannot be read: {error}")
            return {}
        table = csv.reader(io.StringIO(text, newline=""), strict=True)
        rows: Rows = {}
        try:
            header = next(table, [])
            if not self._accepts(header):
                return {}
            for cells in table:
                self._add(rows, table.line_num, header, cells)
        except csv.Error as error:
            self.fault(table.line_num, "", str(error))
        return rows

    def _accepts(self, header: list[str]) -> bool:
        before = len(self.faults)
        for column in header:
            if column not in self.referring and not self._has_field(column):
                self.fault(1, column, "is no column of this file")
            if header.count(column) > 1:
                self.fault(1, column, "is there twice")
        for column in sorted({*self.file.key, *self.referring, *self._required()} - set(header)):
            self.fault(1, column, "is missing")
        return len(self.faults) == before

    def _has_field(self, column: str) -> bool:
        try:
            self.file.column(column)
        except FieldDoesNotExist:
            return False
        return True

    def _required(self) -> Iterator[str]:
        for declared in self.file.model._meta.concrete_fields:
            optional = declared.blank or declared.has_default() or declared.primary_key
            if not optional and not isinstance(declared, models.ForeignKey):
                yield declared.name

    def _add(self, rows: Rows, line: int, header: list[str], cells: list[str]) -> None:
        if len(cells) != len(header):
            self.fault(line, "", f"has {len(cells)} cells where the header has {len(header)}")
            return
        before = len(self.faults)
        raw = dict(zip(header, (cell.strip() for cell in cells), strict=True))
        key = tuple(raw[column] for column in self.file.key)
        if key in rows:
            self.fault(line, self.file.key[0], f"{' / '.join(filter(None, key))} is in row {rows[key].line} already")
        row = Row(line, key, self._values(line, raw), self._references(line, raw), self.file.model())
        if len(self.faults) == before:
            self._validate(row)
        if len(self.faults) == before:
            rows[key] = row

    def _values(self, line: int, raw: Mapping[str, str]) -> dict[str, Any]:
        values = {}
        for column, text in raw.items():
            if column in self.referring and column not in self.file.references:
                continue
            declared = self.file.column(column)
            if isinstance(declared, models.ForeignKey):
                continue
            try:
                values[column] = _parse(declared, text)
            except ValueError as error:
                self.fault(line, column, str(error))
        return values

    def _references(self, line: int, raw: Mapping[str, str]) -> dict[str, Key | None]:
        references: dict[str, Key | None] = {}
        for name, (file, columns) in self.file.references.items():
            key = tuple(raw[column] for column in columns)
            if not any(key) and self.file.column(name).null:
                references[name] = None
            elif key in self.loaded.get(file, {}):
                references[name] = key
            else:
                self.fault(line, columns[0], f"{' / '.join(key)!r} is not in {file}")
        return references

    def _validate(self, row: Row) -> None:
        """Let the model judge the row, standing beside the unsaved rows it refers to."""
        for name, value in row.values.items():
            setattr(row.instance, name, value)
        for name, key in row.references.items():
            if key is not None:
                setattr(row.instance, name, self.loaded[self.file.references[name][0]][key].instance)
        try:
            row.instance.clean_fields(exclude=set(self.file.references))
            row.instance.clean()
        except ValidationError as error:
            for column, messages in error.message_dict.items():
                for message in messages:
                    self.fault(row.line, "" if column == NON_FIELD_ERRORS else column, message)


def _parse(declared: models.Field, text: str) -> Any:
    """The cell as the field's type. Raises ValueError with what was expected."""
    match declared:
        case models.BooleanField():
            if text not in {"true", "false"}:
                raise ValueError(f"must be true or false, not {text!r}")
            return text == "true"
        case models.CharField() | models.TextField():
            return text
    if not text:
        if declared.null:
            return None
        raise ValueError("may not be empty")
    match declared:
        case models.DateField():
            try:
                return date.fromisoformat(text)
            except ValueError:
                raise ValueError(f"must be a date like 2024-01-31, not {text!r}") from None
        case models.IntegerField():
            if not text.isdecimal():
                raise ValueError(f"must be a whole number, not {text!r}")
            return int(text)
        case models.FloatField():
            return _number(text)
    raise ValueError(f"columns of the kind {type(declared).__name__} cannot be read from a file")


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"must be a number, not {text!r}") from None
    if not math.isfinite(number):
        raise ValueError(f"must be a finite number, not {text!r}")
    return number
