"""Files that staff upload to the master data: read within bounds, refused in words, and forgotten when refused.

A workbook is a zip of XML: a few hundred bytes can stand for gigabytes, in the archive or in the table. So it is looked
at before it is unpacked, unpacked under a count, and read row by row.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

import tablib
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from import_export.admin import ImportExportMixin
from import_export.formats import base_formats
from import_export.forms import ConfirmImportForm
from import_export.tmp_storages import CacheStorage

# The largest table of ours has some 600 rows and 15 columns, and unpacks to under a megabyte.
MOST_ROWS = 5_000
MOST_COLUMNS = 60
MOST_PARTS = 200
MOST_UNPACKED = 20_000_000
# An element takes four bytes in a part and some three hundred once it is read: 150 MB at worst, for a moment.
MOST_ELEMENTS = 500_000
_PIECE = 65_536
# No workbook has a DTD of its own, and one can make a line of XML stand for gigabytes. In UTF-8 and UTF-16.
_DOCTYPES = [word.encode(coding) for word in ("<!DOCTYPE", "<!ENTITY") for coding in ("ascii", "utf-16le", "utf-16be")]


class UploadRefusedError(Exception):
    """Why a file is not taken in, in words for who uploaded it."""


NO_WORKBOOK = "This is not an XLSX workbook: choose the format that the file has."
NO_TEXT = "This is not a CSV file in UTF-8: choose the format that the file has."
GONE = "The uploaded file is not kept any more: upload it again."


class XLSX(base_formats.XLSX):
    """The first sheet of a workbook; values, not formulas."""

    def create_dataset(self, in_stream: bytes | None) -> tablib.Dataset:
        if in_stream is None:
            raise UploadRefusedError(GONE)
        try:
            with ZipFile(io.BytesIO(in_stream)) as archive:
                _look_at(archive)
            return _dataset(_rows_of_sheet(in_stream))
        except UploadRefusedError:
            raise
        except Exception as error:
            # Whatever the reader makes of a file made up to confuse it.
            raise UploadRefusedError(NO_WORKBOOK) from error


class CSV(base_formats.CSV):
    """Comma-separated text in UTF-8."""

    def create_dataset(self, in_stream: bytes | None) -> tablib.Dataset:
        if in_stream is None:
            raise UploadRefusedError(GONE)
        try:
            text = in_stream.decode("utf-8-sig")
            if "\0" in text:
                raise UploadRefusedError(NO_TEXT)
            return _dataset(csv.reader(io.StringIO(text, newline="")))
        except (UnicodeDecodeError, csv.Error) as error:
            raise UploadRefusedError(NO_TEXT) from error


def _look_at(archive: ZipFile) -> None:
    """Refuse an archive by its directory, and then by what it really unpacks to."""
    parts = archive.infolist()
    if len(parts) > MOST_PARTS:
        raise UploadRefusedError(f"The workbook has {len(parts)} parts, and may have {MOST_PARTS}.")
    if any(part.compress_type not in (ZIP_STORED, ZIP_DEFLATED) or part.flag_bits & 1 for part in parts):
        raise UploadRefusedError(NO_WORKBOOK)
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise _too_much()
    unpacked = elements = 0
    for part in parts:
        with archive.open(part) as file:
            tail = b""
            while piece := file.read(_PIECE):
                unpacked += len(piece)
                elements += piece.count(b"<")
                if unpacked > MOST_UNPACKED or elements > MOST_ELEMENTS:
                    raise _too_much()
                if any(word in tail + piece for word in _DOCTYPES):
                    raise UploadRefusedError(NO_WORKBOOK)
                tail = piece[-20:]


def _too_much() -> UploadRefusedError:
    return UploadRefusedError(
        f"The workbook unpacks to more than {MOST_UNPACKED // 1_000_000} MB, which no table of ours has."
    )


def _rows_of_sheet(content: bytes) -> Iterator[Sequence[Any]]:
    """Rows as they are, however wide the sheet says that it is: it would be filled up with empty cells."""
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    try:
        sheet = book.active
        if sheet is None:
            raise BadZipFile("no sheet")
        sheet.reset_dimensions()
        # One more than may be, and nothing of what a row number in the billions would make up before it.
        yield from sheet.iter_rows(max_row=MOST_ROWS + 2, values_only=True)
    finally:
        book.close()


def _dataset(rows: Iterator[Sequence[Any]]) -> tablib.Dataset:
    """Headings and rows of the same width, blank ones at the end left out."""
    dataset = tablib.Dataset()
    headings = _without_blanks(next(rows, ()))
    if len(headings) > MOST_COLUMNS:
        raise UploadRefusedError(f"The file has {len(headings)} columns, and may have {MOST_COLUMNS}.")
    dataset.headers = headings
    blanks = 0
    for number, row in enumerate(rows, start=2):
        if number > MOST_ROWS + 1:
            raise UploadRefusedError(f"The file has more than {MOST_ROWS} rows: upload it in parts.")
        cells = _without_blanks(row)
        if len(cells) > len(headings):
            raise UploadRefusedError(f"Row {number} has more cells than there are headings.")
        if not cells:
            blanks += 1
            continue
        for _ in range(blanks):
            dataset.append([""] * len(headings))
        blanks = 0
        dataset.append([*cells, *[""] * (len(headings) - len(cells))])
    return dataset


def _without_blanks(row: Sequence[Any]) -> list[Any]:
    cells = list(row)
    while cells and cells[-1] in (None, ""):
        cells.pop()
    return cells


class UploadStorage(CacheStorage):
    """Between upload and confirmation: a folder would be another host's when there are several."""

    CACHE_LIFETIME = 3600


class ConfirmForm(ConfirmImportForm):
    """What comes back from the page was a form of ours, until somebody changed it."""

    import_file_name = forms.RegexField(re.compile(r"[0-9a-f]{32}\Z"), widget=forms.HiddenInput())
    format = forms.ChoiceField(widget=forms.HiddenInput())
    resource = forms.ChoiceField(choices=[("0", "")], widget=forms.HiddenInput(), required=False)

    def __init__(self, *args: Any, formats: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["format"].choices = [(str(index), "") for index in range(len(formats))]


class BoundedImportMixin(ImportExportMixin):
    """The library's import, which takes a file and a confirmation for what they should be, made to doubt them."""

    import_formats = [XLSX, CSV]
    export_formats = [base_formats.XLSX, base_formats.CSV]
    tmp_storage_class = UploadStorage
    confirm_form_class = ConfirmForm

    def get_confirm_form_kwargs(self, request: HttpRequest, import_form: Any = None) -> dict[str, Any]:
        return {**super().get_confirm_form_kwargs(request, import_form), "formats": self.get_import_formats()}

    def add_data_read_fail_error_to_form(self, form: Any, e: Exception) -> None:
        if not isinstance(e, UploadRefusedError):
            raise e
        form.add_error("import_file", str(e))

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response: Any = super().import_action(request, **kwargs)
        context = response.context_data
        if "confirm_form" not in context and (form := context["form"]).is_bound:
            # Looked at and not to be taken in: nobody will ask for it.
            upload = getattr(form, "cleaned_data", {}).get("import_file") or form.files.get("import_file")
            if name := getattr(upload, "tmp_storage_name", None):
                UploadStorage(name=name).remove()
        return response

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        is_ours = request.method == "POST" and self.has_import_permission(request)
        try:
            if not is_ours or self.create_confirm_form(request).is_valid():
                return super().process_import(request, **kwargs)
            words = GONE
        except UploadRefusedError as error:
            words = str(error)
        messages.error(request, words)
        return HttpResponseRedirect(reverse("admin:{}_{}_import".format(*self.get_model_info())))
