"""Files made up to do harm, uploaded to the master data and to pages that take none: refused in words, nothing kept."""

import io
import itertools
import re
import tracemalloc
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import escape

from config.spreadsheets import escaped, unescaped
from masterdata import models as md
from masterdata.admin import MasterDataAdmin
from masterdata.loading import masterdata_load
from masterdata.uploads import GONE, MOST_ROWS, NO_TEXT, NO_WORKBOOK
from scenarios.pages.cash_flow import Column, Table, as_csv
from tests.factories import user_make
from tests.fixtures import browser_of

pytestmark = pytest.mark.django_db

AT = "/admin/masterdata/feedstockfigure/"
LIMIT = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
XLSX, CSV = "0", "1"
HEADER = "feedstock,parameter,value,unit,source,confidence,valid_from,note\n"
ROW = "tallow,price,1234.5,USD/t,a test,derived,,\n"


@pytest.fixture(autouse=True)
def _rows(db: None) -> None:
    masterdata_load()


@pytest.fixture
def desk() -> Client:
    return browser_of(user_make(is_staff=True, is_superuser=True))


def upload(desk: Client, content: bytes, kind: str = XLSX, name: str = "figures.xlsx") -> Any:
    return desk.post(f"{AT}import/", {"import_file": SimpleUploadedFile(name, content), "format": kind})


def price() -> float:
    return md.FeedstockFigure.objects.get(feedstock__code="tallow", parameter="price").value


def kept() -> list[str]:
    return list(cache.iter_keys("django-import-export-*"))


def refused(page: Any, words: str) -> None:
    assert page.status_code == 200
    assert "confirm_form" not in page.context
    assert escape(words) in page.text
    assert kept() == []
    assert price() != 1234.5


def workbook(**parts: bytes) -> bytes:
    """A workbook of two rows, with parts of it replaced or added."""
    book = openpyxl.Workbook()
    for line in (HEADER, ROW):
        book.active.append(line.strip().split(","))
    content = io.BytesIO()
    book.save(content)
    made = io.BytesIO()
    with zipfile.ZipFile(content) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, parts.get("sheet", old.read(part)) if part.endswith("sheet1.xml") else old.read(part))
        if "added" in parts:
            new.writestr("xl/media/image1.png", parts["added"])
    return made.getvalue()


def sheet(rows: str, before: str = "") -> bytes:
    xml = '<?xml version="1.0"?>{}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    return f"{xml.format(before)}<sheetData>{rows}</sheetData></worksheet>".encode()


def lying(content: bytes) -> bytes:
    """The same archive, whose directory and headers say that its largest part unpacks to a hundred bytes."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = max(part.file_size for part in archive.infolist())
    return content.replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little"))


def recompressed(content: bytes, method: int) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", method) as new:
        for part in old.namelist():
            new.writestr(part, old.read(part))
    return made.getvalue()


def many_parts() -> bytes:
    made = io.BytesIO(workbook())
    with zipfile.ZipFile(made, "a") as archive:
        for number in range(300):
            archive.writestr(f"xl/{number}", b"")
    return made.getvalue()


ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
LAUGHS = f'<!DOCTYPE x [<!ENTITY a0 "{"ha" * 50}">{ENTITIES}]>'


def cell(text: str) -> str:
    return f'<c t="inlineStr"><is><t>{text}</t></is></c>'


# What each is, how large it unpacks or reads, and the words for it.
BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "300 MB of nothing": (lambda: workbook(added=b"\0" * 300_000_000), "unpacks to more than"),
    "300 MB that the directory denies": (lambda: lying(workbook(added=b"\0" * 300_000_000)), NO_WORKBOOK),
    "a row of five million cells": (lambda: workbook(sheet=sheet(f"<row>{'<c/>' * 4_700_000}</row>")), "unpacks to"),
    "300 parts": (many_parts, "309 parts"),
    "another compression": (lambda: recompressed(workbook(), zipfile.ZIP_LZMA), NO_WORKBOOK),
    "entities of entities": (lambda: workbook(sheet=sheet(f"<row>{cell('&a8;')}</row>", LAUGHS)), NO_WORKBOOK),
    "the same in UTF-16": (
        lambda: workbook(sheet=sheet(f"<row>{cell('&a8;')}</row>", LAUGHS).decode().encode("utf-16")), NO_WORKBOOK),
    "a file of the server": (
        lambda: workbook(sheet=sheet(f"<row>{cell('&x;')}</row>", '<!DOCTYPE x [<!ENTITY x SYSTEM "/etc/passwd">]>')),
        NO_WORKBOOK),
    "a row far below": (
        lambda: workbook(sheet=sheet(f'<row r="1">{cell("feedstock")}</row><row r="2000000000">{cell("x")}</row>')),
        "more than 5000 rows"),
    "a cell far to the right": (
        lambda: workbook(sheet=sheet('<row r="1"><c r="ZZZ1" t="inlineStr"><is><t>x</t></is></c></row>')),
        "18278 columns"),
    "a size that nothing has": (
        lambda: workbook(
            sheet=sheet("").replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')), "No valid data"),
    "a cell beyond the headings": (
        lambda: workbook(sheet=sheet(f'<row r="1">{cell("a")}</row><row r="2"><c r="ZZZ2"><v>1</v></c></row>')),
        "Row 2 has more cells than there are headings."),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_small_workbook_that_would_become_large(desk: Client, name: str) -> None:
    make, words = BOMBS[name]
    content = make()
    assert len(content) < LIMIT
    desk.get(f"{AT}import/")

    tracemalloc.start()
    page = upload(desk, content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    refused(page, words)
    assert peak < 30_000_000


# The format it comes as, what it is, and the words for it.
PRETENDERS: dict[str, tuple[str, bytes, str]] = {
    "text as a workbook": (XLSX, (HEADER + ROW).encode(), NO_WORKBOOK),
    "the first bytes of one": (XLSX, b"PK\x03\x04 not really", NO_WORKBOOK),
    "a document": (XLSX, b"%PDF-1.7 not at all", NO_WORKBOOK),
    "a workbook cut short": (XLSX, workbook()[:-200], NO_WORKBOOK),
    "a workbook as text": (CSV, workbook(), NO_TEXT),
    "UTF-16": (CSV, (HEADER + ROW).encode("utf-16"), NO_TEXT),
    "text with a null": (CSV, (HEADER + ROW.replace("a test", "a\0test")).encode(), NO_TEXT),
    "an endless cell": (CSV, f'{HEADER}"{"x" * 200_000}'.encode(), NO_TEXT),
    "too many rows": (CSV, HEADER.encode() + ROW.encode() * (MOST_ROWS + 1), "more than 5000 rows"),
    "too many columns": (CSV, b"," * 500_000 + b"x", "500001 columns"),
    "a cell too many": (CSV, (HEADER + ROW.strip() + ",1\n").encode(), "Row 2 has more cells"),
    "a page": (CSV, b"<html><script>alert(1)</script>", "No valid data to import"),
    "nothing": (CSV, b"", "The submitted file is empty."),
}


@pytest.mark.parametrize("name", PRETENDERS)
def test_file_that_is_not_what_it_says(desk: Client, name: str) -> None:
    kind, content, words = PRETENDERS[name]

    refused(upload(desk, content, kind, "figures.csv" if kind == CSV else "figures.xlsx"), words)


def test_archive_without_a_workbook_is_none(desk: Client) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("../../../../tmp/evil.py", "x = 1")

    refused(upload(desk, made.getvalue()), NO_WORKBOOK)


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd.csv", "..\\..\\figures.csv", "/etc/cron.d/figures.csv", "a/../../b.csv", "x\0.csv"]
)
def test_name_that_leads_elsewhere_is_only_a_name(desk: Client, name: str, tmp_path: Any, settings: Any) -> None:
    settings.MEDIA_ROOT = settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    quoted = name.replace("\\", "\\\\")
    body = (
        f'--b\r\nContent-Disposition: form-data; name="format"\r\n\r\n{CSV}\r\n'
        f'--b\r\nContent-Disposition: form-data; name="import_file"; filename="{quoted}"\r\n\r\n{HEADER}{ROW}\r\n'
        "--b--\r\n"
    )

    page = desk.generic("POST", f"{AT}import/", body.encode(), "multipart/form-data; boundary=b")

    form = page.context["confirm_form"].initial
    assert not re.search(r"[/\\\0]", form["original_file_name"])
    assert re.fullmatch("[0-9a-f]{32}", form["import_file_name"])
    assert list(tmp_path.iterdir()) == []


def test_name_is_shown_as_text(desk: Client) -> None:
    page = upload(desk, (HEADER + ROW).encode(), CSV, '"><img src=x onerror=alert(1)>.csv')

    assert "confirm_form" in page.context
    assert "<img" not in page.text


@pytest.mark.parametrize("path", [f"{AT}import/", "/login", "/projects/new"])
@pytest.mark.parametrize("size", [LIMIT, 30 * LIMIT])
def test_form_beyond_the_limit_is_not_read(desk: Client, path: str, size: int) -> None:
    class Body(io.BytesIO):
        given = 0

        def read(self, size: int | None = -1) -> bytes:
            Body.given += size or 0
            return super().read(size)

    body = b'--b\r\nContent-Disposition: form-data; name="import_file"; filename="x.csv"\r\n\r\n' + b"x" * size
    answer = desk.post(
        path,
        CONTENT_TYPE="multipart/form-data; boundary=b", CONTENT_LENGTH=str(len(body)), **{"wsgi.input": Body(body)},
    )  # fmt: skip

    assert (answer.status_code, Body.given) == (413, 0)
    assert "larger than the 976.6\xa0KB" in answer.text
    assert kept() == []


def test_form_of_many_files_is_refused(desk: Client) -> None:
    files = {f"file{number}": SimpleUploadedFile("x", b"x") for number in range(200)}

    assert desk.post("/login", files).status_code == 400


TAMPERED = {
    "format": ["99", "-1", "abc", ""],
    "import_file_name": ["0" * 32, "../../etc/passwd", "", "*", "0" * 31 + "\n"],
    "resource": ["7", "x"],
    "original_file_name": [""],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field in TAMPERED for value in TAMPERED[field]])
def test_confirmation_that_was_tampered_with(desk: Client, field: str, value: str) -> None:
    form = upload(desk, (HEADER + ROW).encode(), CSV).context["confirm_form"].initial

    answer = desk.post(f"{AT}process_import/", {**form, field: value}, follow=True)

    assert answer.status_code == 200
    assert GONE in answer.text
    assert price() != 1234.5


def test_file_confirmed_as_what_it_was_not_uploaded_as(desk: Client) -> None:
    form = upload(desk, (HEADER + ROW).encode(), CSV).context["confirm_form"].initial

    answer = desk.post(f"{AT}process_import/", {**form, "format": XLSX}, follow=True)

    assert NO_WORKBOOK in answer.text
    assert price() != 1234.5


@pytest.mark.parametrize("kind", [XLSX, CSV])
def test_what_is_in_order_is_taken_in_and_then_forgotten(desk: Client, kind: str) -> None:
    content = workbook() if kind == XLSX else (HEADER + ROW).encode()
    form = upload(desk, content, kind).context["confirm_form"].initial
    assert len(kept()) == 1

    desk.post(f"{AT}process_import/", form)

    assert (price(), kept()) == (1234.5, [])


def test_only_two_formats_come_in_and_go_out() -> None:
    for formats in (MasterDataAdmin.import_formats, MasterDataAdmin.export_formats):
        assert [one().get_title() for one in formats] == ["xlsx", "csv"]


@pytest.mark.parametrize(
    ("rights", "export", "import_"),
    [
        (None, 302, 302),
        ([], 403, 403),
        (["view_feedstockfigure"], 200, 403),
        (["change_feedstockfigure"], 200, 403),
        (["add_feedstockfigure"], 403, 403),
        (["add_feedstockfigure", "change_feedstockfigure"], 200, 200),
        (["add_feedstock", "change_feedstock"], 403, 403),
    ],
)
def test_who_may_export_and_who_import(rights: list[str] | None, export: int, import_: int) -> None:
    user = user_make(is_staff=rights is not None)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights or []))
    browser = browser_of(user)

    assert browser.get(f"{AT}export/").status_code == export
    assert browser.get(f"{AT}import/").status_code == import_
    assert upload(browser, (HEADER + ROW).encode(), CSV).status_code == import_
    confirmed = browser.post(f"{AT}process_import/", {"import_file_name": "0" * 32, "format": CSV})
    assert confirmed.status_code == (302 if import_ == 200 else import_)
    assert price() != 1234.5


def test_text_comes_back_as_it_was_and_no_piece_of_it_is_a_formula() -> None:
    """All texts of up to five of these characters, however a spreadsheet cuts them."""
    for length in range(6):
        for letters in itertools.product("=';\n-1a＝", repeat=length):
            text = "".join(letters)
            out = escaped(text)
            assert unescaped(out) == text
            if not re.fullmatch(r"[+-]?\d*\.?\d+", text):
                assert not [piece for piece in re.split(r"[;\t\r\n]", out) if piece[:1] in tuple("=+-@＝")]


def test_name_in_the_cash_flow_is_text(settings: Any) -> None:
    from config.figures import DOLLARS

    column = Column('Incentive: x;=HYPERLINK("http://x");y\n=1+1', [-1.5], -1.5)

    text = as_csv(Table("unlevered", [2025], [column], DOLLARS, 1.0, "USD"))

    assert not [piece for piece in re.split("[;\n]", text) if piece.startswith("=")]
    assert "2025,-1.5" in text


def test_character_that_no_workbook_holds_does_not_break_the_export(desk: Client) -> None:
    md.FeedstockFigure.objects.filter(feedstock__code="tallow").update(note="a\x0bb")
    form = desk.get(f"{AT}export/").context["form"]
    fields = {name: "on" for name in form.fields if name not in {"format", "resource", "export_items"}}

    answer = desk.post(f"{AT}export/", {"format": XLSX, **fields})

    assert answer.status_code == 200
    cells = [cell for row in openpyxl.load_workbook(io.BytesIO(answer.content)).active.values for cell in row]
    assert "a�b" in cells
