"""Leafing through the master data: its sections, a section's figures, a record, and what became of it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from masterdata.choices import Confidence
from masterdata.pages import book
from masterdata.pages.book import Datum, Record, Section
from masterdata.pages.changes import MOST, changes_of

ROWS = 100
LONGEST_SEARCH = 200


@login_required
@require_GET
def index_page(request: HttpRequest) -> HttpResponse:
    """The sections, and a search through all of them."""
    current = book.current()
    words = _words(request)
    found = current.found(words) if words else ()
    context = {
        "sections": list(current.sections.values()),
        "table": _table(request, found) if words else None,
        "words": words,
        "is_mixed": True,
        "keep": _admin_index(request),
    }
    return _page(request, "index", "rows", current, context)


@login_required
@require_GET
def section_page(request: HttpRequest, section: str) -> HttpResponse:
    """One section as a table, searched and filtered."""
    current = book.current()
    shown = current.sections.get(section)
    if shown is None:
        raise Http404
    asked = {"words": _words(request), "facet": request.GET.get("kind", ""), "confidence": _confidence(request)}
    context = {
        "section_shown": shown,
        "table": _table(request, book.matching(shown.data, **asked)),
        "confidences": Confidence.values,
        "keep": _admin_list(request, shown),
        **asked,
    }
    return _page(request, "section", "rows", current, context)


@login_required
@require_GET
def record_page(request: HttpRequest, section: str, key: str) -> HttpResponse:
    """All figures of a record, what it says of itself, and where it is used."""
    current = book.current()
    record = _record(current, section, key)
    context = {
        "record": record,
        "section_shown": current.sections[section],
        "keep": _admin_record(request, record),
        "has_notes": any(datum.note for datum in record.data),
    }
    return _page(request, "record", "record", current, context)


@login_required
@require_GET
def history_page(request: HttpRequest, section: str, key: str) -> HttpResponse:
    """Who changed a record and its figures."""
    current = book.current()
    record = _record(current, section, key)
    changes = changes_of(record)
    context = {
        "record": record,
        "section_shown": current.sections[section],
        "changes": changes,
        "most": MOST if len(changes) == MOST else None,
    }
    return _page(request, "history", "history", current, context)


def _page(request: HttpRequest, name: str, part: str, current: book.Book, context: dict[str, Any]) -> HttpResponse:
    """The page, or the part of it that htmx asks for."""
    template = part if request.htmx else name  # type: ignore[attr-defined]
    context = {"section": "master-data", "book": current, **context}
    answer = render(request, f"masterdata/{template}.html", context)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


def _table(request: HttpRequest, data: tuple[Datum, ...]) -> dict[str, Any]:
    """One page of rows, and the query that leads to the others."""
    page = Paginator(data, ROWS).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    return {"page": page, "query": query.urlencode()}


def _record(current: book.Book, section: str, key: str) -> Record:
    record = current.records.get((section, key))
    if record is None:
        raise Http404
    return record


def _words(request: HttpRequest) -> str:
    return request.GET.get("q", "").strip()[:LONGEST_SEARCH]


def _confidence(request: HttpRequest) -> str:
    asked = request.GET.get("confidence", "")
    return asked if asked in Confidence.values else ""


def _may_keep(request: HttpRequest, model: type[Model]) -> bool:
    user = request.user
    return bool(user.is_staff and user.has_perm(f"masterdata.change_{model._meta.model_name}"))


def _admin_index(request: HttpRequest) -> str:
    user = request.user
    may = user.is_staff and user.has_module_perms("masterdata")
    return reverse("admin:app_list", args=["masterdata"]) if may else ""


def _admin_list(request: HttpRequest, section: Section) -> str:
    if section.model is None or not _may_keep(request, section.model):
        return ""
    return reverse(f"admin:masterdata_{section.model._meta.model_name}_changelist")


def _admin_record(request: HttpRequest, record: Record) -> str:
    if record.model is not None and _may_keep(request, record.model):
        return reverse(f"admin:masterdata_{record.model._meta.model_name}_change", args=[record.pk])
    return ""
