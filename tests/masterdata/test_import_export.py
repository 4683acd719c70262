"""Import and export: what goes out comes back the same, and a spreadsheet cannot be made to run anything."""

import csv
import io
import math
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
import tablib
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test import Client
from django.urls import reverse

from accounts.models import User
from config.spreadsheets import escaped, unescaped
from masterdata import models as md
from masterdata.datafiles import DATA, FILES
from masterdata.resources import KEYS, RESOURCES
from tests.factories import user_make

pytestmark = pytest.mark.django_db

# Places in the list of formats: XLSX, CSV.
XLSX, CSV = "0", "1"
FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\tx", "'=1", '=HYPERLINK("http://x")']


def url(model: type[models.Model], page: str) -> str:
    return reverse(f"admin:masterdata_{model._meta.model_name}_{page}")


@pytest.fixture
def keeper() -> User:
    return user_make(is_staff=True, is_superuser=True)


@pytest.fixture
def desk(keeper: User) -> Client:
    client = Client()
    client.force_login(keeper)
    return client


def exported(desk: Client, model: type[models.Model], kind: str) -> bytes:
    """A file of all rows, as the export page makes it."""
    form = desk.get(url(model, "export")).context["form"]
    fields = {name: "on" for name in form.fields if name not in {"format", "resource", "export_items"}}
    response = desk.post(url(model, "export"), {"format": kind, **fields})
    assert response.status_code == 200
    return response.content


def cells(content: bytes, kind: str) -> list[list[Any]]:
    if kind == CSV:
        return list(csv.reader(io.StringIO(content.decode())))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    return [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)]


def packed(rows: list[list[Any]], kind: str) -> bytes:
    if kind == CSV:
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        return text.getvalue().encode()
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def imported(desk: Client, model: type[models.Model], rows: list[list[Any]], kind: str) -> Any:
    """Upload, and confirm where the page offers it; what the first page said."""
    name = "figures.csv" if kind == CSV else "figures.xlsx"
    upload = SimpleUploadedFile(name, packed(rows, kind))
    page = desk.post(url(model, "import"), {"import_file": upload, "format": kind})
    assert page.status_code == 200
    if "confirm_form" in page.context:
        response = desk.post(url(model, "process_import"), page.context["confirm_form"].initial)
        assert response.status_code == 302
    return page


@pytest.mark.parametrize("kind", [XLSX, CSV], ids=["xlsx", "csv"])
@pytest.mark.parametrize("model", KEYS)
def test_what_is_exported_is_imported_unchanged(
    model: type[models.Model], kind: str, desk: Client, version: Callable[[], int]
) -> None:
    rows = cells(exported(desk, model, kind), kind)
    assert len(rows) == model._default_manager.count() + 1
    before = (version(), model.history.count())

    page = imported(desk, model, rows, kind)

    result = page.context["result"]
    assert not result.has_errors()
    assert not result.has_validation_errors()
    assert result.totals["skip"] == len(rows) - 1
    assert (version(), model.history.count()) == before


@pytest.mark.parametrize("kind", [XLSX, CSV], ids=["xlsx", "csv"])
def test_new_prices_come_in_by_file(kind: str, desk: Client, keeper: User, version: Callable[[], int]) -> None:
    rows = cells(exported(desk, md.FeedstockFigure, kind), kind)
    columns = {name: place for place, name in enumerate(rows[0])}
    tallow = next(row for row in rows if row[:2] == ["tallow", "price"])
    tallow[columns["value"]] = 655.25
    tallow[columns["source"]] = "Argus"
    added = ["TALLOW", "carbon_intensity", 12.5, "gCO2e/kg", "LCA of a supplier", "unconfirmed", "2026-01-31", ""]
    before = version()

    page = imported(desk, md.FeedstockFigure, [*rows, added], kind)

    assert page.context["result"].totals["update"] == 1
    price = md.FeedstockFigure.objects.get(feedstock__code="tallow", parameter="price")
    assert (price.value, price.source) == (655.25, "Argus")
    new = md.FeedstockFigure.objects.get(feedstock__code="tallow", parameter="carbon_intensity")
    assert (new.value, str(new.valid_from)) == (12.5, "2026-01-31")
    entry = price.history.first()
    assert (entry.history_user, entry.history_change_reason) == (keeper, "import")
    assert version() > before


HEADER = ["feedstock", "parameter", "value", "unit", "source", "confidence", "valid_from", "note"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["tallow", "price", "abc", "USD/t", "x", "derived", "", ""], "could not convert string to float"),
        (["tallow", "price", "nan", "USD/t", "x", "derived", "", ""], "The value must be a finite number."),
        (["tallow", "price", "1", "USD/kg", "x", "derived", "", ""], "The unit must be a currency code/t"),
        (["tallow", "price", "1", "USD/t", "", "derived", "", ""], "This field cannot be blank."),
        (["tallow", "price", "1", "USD/t", "x", "certain", "", ""], "is not a valid choice."),
        (["tallow", "price", "", "USD/t", "x", "derived", "", ""], "This field cannot be null."),
        (["whale", "price", "1", "USD/t", "x", "derived", "", ""], "There is no feedstock &#x27;whale&#x27;."),
        (["tallow", "price", "1", "USD/t", "x", "derived", "31/01/2026", ""], "Value could not be parsed"),
    ],
)
def test_bad_row_is_told_and_the_good_ones_wait(
    row: list[str], message: str, desk: Client, version: Callable[[], int]
) -> None:
    good = ["ethanol", "price", "555", "USD/t", "x", "derived", "", ""]
    before = version()

    page = imported(desk, md.FeedstockFigure, [HEADER, good, row], CSV)

    assert "confirm_form" not in page.context
    assert message in page.content.decode()
    assert version() == before
    assert md.FeedstockFigure.objects.get(feedstock__code="ethanol", parameter="price").value == 520


def test_file_that_is_no_workbook_is_told(desk: Client, version: Callable[[], int]) -> None:
    before = version()

    upload = SimpleUploadedFile("figures.xlsx", b"PK not really")
    page = desk.post(url(md.FeedstockFigure, "import"), {"import_file": upload, "format": XLSX})

    assert page.status_code == 200
    assert page.context["form"].errors["import_file"]
    assert version() == before


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("kind", [XLSX, CSV], ids=["xlsx", "csv"])
def test_formula_goes_out_as_text_and_comes_back_itself(text: str, kind: str, desk: Client) -> None:
    figure = md.FeedstockFigure.objects.get(feedstock__code="tallow", parameter="price")
    md.FeedstockFigure.objects.filter(pk=figure.pk).update(note=text)

    content = exported(desk, md.FeedstockFigure, kind)

    rows = cells(content, kind)
    shown = next(row for row in rows if row[:2] == ["tallow", "price"])[-1]
    assert shown == f"'{text}"
    if kind == XLSX:
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    page = imported(desk, md.FeedstockFigure, rows, kind)
    assert page.context["result"].totals["skip"] == len(rows) - 1
    figure.refresh_from_db()
    assert figure.note == text


@pytest.mark.parametrize("cell", ["-13.8", "+5", "1e-9", -42.6, None, "plain", "it's", "'quoted'"])
def test_cell_that_is_no_formula_is_left_alone(cell: Any) -> None:
    assert escaped(cell) == cell
    assert unescaped(escaped(cell)) == cell


def test_negative_number_stays_a_number(desk: Client) -> None:
    rows = cells(exported(desk, md.CorsiaValue, CSV), CSV)
    place = rows[0].index("land_use_change")

    assert {"-42.6", "-23.3", "-19.0"} <= {row[place] for row in rows}


def test_missing_land_use_change_goes_out_empty(desk: Client) -> None:
    rows = cells(exported(desk, md.CorsiaValue, XLSX), XLSX)
    place = rows[0].index("land_use_change")

    assert [row[place] for row in rows if row[1] == "camelina oilseed"] == [""]
    assert [row[place] for row in rows if row[1] == "used cooking oil"] == [0]


@pytest.mark.parametrize(
    "file", [file for file in FILES if not file.name.startswith("reference/")], ids=lambda f: f.name
)
def test_data_files_of_the_project_can_be_imported(file, version: Callable[[], int]) -> None:
    dataset = tablib.Dataset().load((DATA / file.name).read_text(encoding="utf-8"), format="csv")
    before = version()

    result = RESOURCES[file.model]().import_data(dataset, raise_errors=True)

    assert result.totals["skip"] == len(dataset)
    assert version() == before


def test_exported_number_has_all_its_digits(desk: Client) -> None:
    rows = cells(exported(desk, md.ReferenceValue, CSV), CSV)
    place = rows[0].index("value")

    exact = next(row[place] for row in rows if row[4].startswith("cellulosic ethanol MESP"))
    assert math.isclose(float(exact), 0.6588136420152624, rel_tol=0)
