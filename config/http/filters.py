"""Query parameters of lists: search, ordering and filters under their wire names, and nothing unknown."""

import difflib
from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend, FilterSet
from rest_framework import filters, serializers
from rest_framework.request import Request

from config.http.naming import camel
from config.http.problems import FieldError
from config.http.selection import FIELDS

SEARCH = "search"
ORDERING = "ordering"


class WireFilterSet(FilterSet):
    """A filter set whose filters are declared in snake_case and asked for in camelCase."""

    @classmethod
    def get_filters(cls) -> dict[str, Any]:
        return {camel(name): declared for name, declared in super().get_filters().items()}


class FilterBackend(DjangoFilterBackend):
    """The filters of the view's ``filterset_class``; without one in the query it costs nothing."""

    def filter_queryset(self, request: Request, queryset: QuerySet, view: Any) -> QuerySet:
        filterset = getattr(view, "filterset_class", None)
        if filterset is None or filterset.base_filters.keys().isdisjoint(request.query_params):
            return queryset
        return super().filter_queryset(request, queryset, view)


class SearchFilter(filters.SearchFilter):
    """``?search=`` over the view's ``search_fields``: every word must be found in one of them, without case."""

    search_param = SEARCH

    def get_search_terms(self, request: Request) -> list[str]:
        try:
            return list(super().get_search_terms(request))
        except serializers.ValidationError as error:
            raise serializers.ValidationError({SEARCH: error.detail}) from None

    def query_names(self, view: Any) -> set[str]:
        return {SEARCH} if getattr(view, "search_fields", None) else set()

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        if not self.query_names(view):
            return []
        named = ", ".join(camel(field.lstrip("^=@$")) for field in view.search_fields)
        return [{"name": SEARCH, "in": "query", "description": f"Words to find in: {named}.", "schema": _STRING}]


class OrderingFilter(filters.BaseFilterBackend):
    """``?ordering=-updatedAt,name`` over the view's ``ordering_fields``, else the view's ``ordering``.

    The primary key comes last, so that rows which are equal otherwise keep their page.
    """

    def query_names(self, view: Any) -> set[str]:
        return {ORDERING} if getattr(view, "ordering_fields", None) else set()

    def filter_queryset(self, request: Request, queryset: QuerySet, view: Any) -> QuerySet:
        asked = request.query_params.get(ORDERING, "") if self.query_names(view) else ""
        terms = self._terms(asked, view) if asked else list(getattr(view, "ordering", None) or ())
        return queryset.order_by(*terms, "pk") if terms else queryset

    def _terms(self, asked: str, view: Any) -> list[str]:
        known = {camel(field): field for field in view.ordering_fields}
        terms, unknown = [], []
        for term in asked.split(","):
            name = term.strip()
            field = known.get(name.removeprefix("-"))
            if field is None:
                unknown.append(name)
            else:
                terms.append(f"-{field}" if name.startswith("-") else field)
        if unknown:
            message = f"Cannot order by {', '.join(unknown)}; only by {', '.join(sorted(known))}."
            raise serializers.ValidationError({ORDERING: [message]}, code="invalid_choice")
        return terms

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        if not self.query_names(view):
            return []
        named = ", ".join(camel(field) for field in view.ordering_fields)
        description = f"Comma-separated, a minus for descending: {named}."
        return [{"name": ORDERING, "in": "query", "description": description, "schema": _STRING}]


_STRING = {"type": "string"}


def query_names(view: Any) -> set[str]:
    """Every query parameter that a list view takes."""
    names = set(getattr(view, "extra_query_names", ()))
    if getattr(view, "is_selectable", False):
        names.add(FIELDS)
    names |= set(getattr(getattr(view, "paginator", None), "query_names", ()))
    filterset = getattr(view, "filterset_class", None)
    if filterset is not None:
        names |= set(filterset.base_filters)
    for backend in view.filter_backends:
        if hasattr(backend, "query_names"):
            names |= backend().query_names(view)
    return names


def unknown_query(request: Request, view: Any) -> list[FieldError]:
    """An error for each query parameter that the view does not take: a typo must not pass for "no filter"."""
    allowed = query_names(view)
    errors = []
    for name in request.query_params:
        if name not in allowed:
            close = difflib.get_close_matches(name, allowed, n=1)
            hint = f"Did you mean {close[0]}? " if close else ""
            known = f"This list takes: {', '.join(sorted(allowed))}." if allowed else "This list takes no parameters."
            errors.append(FieldError(name, "unknown", hint + known))
    return errors
