"""The base of every resource: lists that refuse what they do not know, details with ETags, writes under the row lock.

A viewset says ``get_queryset`` (one shape per action), ``serializer_class``, and hands validated data to services in
``perform_create``, ``perform_update`` and ``perform_destroy``; the first two set ``serializer.instance``.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet
from django.urls import NoReverseMatch, reverse
from rest_framework import serializers, viewsets
from rest_framework.generics import get_object_or_404
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from config.http.cached import CachedMixin
from config.http.conditional import (
    ConditionalMixin,
    check_content_if_match,
    check_if_match,
    etag,
)
from config.http.filters import unknown_query
from config.http.lists import ListMixin
from config.http.problems import FieldError, ValidationProblem, field_errors
from config.http.rendering import NdjsonRenderer
from config.http.selection import selected, selection_of


class ReadOnlyModelViewSet(CachedMixin, ListMixin, ConditionalMixin, viewsets.ReadOnlyModelViewSet):
    def get_renderers(self) -> list[BaseRenderer]:
        renderers: list[BaseRenderer] = super().get_renderers()
        return [*renderers, NdjsonRenderer()] if self.action == "list" else renderers

    def etag_of(self, instance: Any) -> str | None:
        """The tag of what a detail shows; None where only its bytes tell (a row without ``version``)."""
        version = getattr(instance, "version", None)
        return None if version is None else etag(instance.pk, version)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """The list asked for. Raises ``ValidationProblem`` naming every query parameter at fault at once."""
        if self.detail:
            return queryset
        errors = unknown_query(self.request, self)
        for backend in self.filter_backends:
            try:
                queryset = backend().filter_queryset(self.request, queryset, self)
            except serializers.ValidationError as error:
                errors += field_errors(error.detail)
        errors += self._errors_of(lambda: selection_of(self.request, self.get_serializer()))
        window = getattr(self.paginator, "window", None)
        if window is not None:
            errors += self._errors_of(lambda: window(self.request))
        if errors:
            raise ValidationProblem(errors)
        return queryset

    @staticmethod
    def _errors_of(read: Callable[[], object]) -> tuple[FieldError, ...]:
        try:
            read()
        except ValidationProblem as problem:
            return problem.errors
        return ()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        media_type = request.accepted_renderer.media_type
        if media_type == NdjsonRenderer.media_type:
            return self.stream_response(request)
        if media_type == "application/json":
            return self.cached(request, self.page_response)
        return self.page_by_serializer()

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        return self.cached(request, lambda: self.detail_response(self.get_object()))

    def detail_response(self, instance: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        """One object with its ETag."""
        tag = self.etag_of(instance)
        html = getattr(self.request.accepted_renderer, "media_type", "") == "text/html"
        serializer = self.get_serializer(instance)
        is_read = self.request.method in {"GET", "HEAD"}
        data = selected(serializer.data, selection_of(self.request, serializer)) if is_read else serializer.data
        if tag is None or html:
            return Response(data, status=status, headers=headers)
        return Response(data, status=status, headers={**(headers or {}), "ETag": tag})


class ModelViewSet(ReadOnlyModelViewSet, viewsets.ModelViewSet):
    """Reads, and writes that take the row's lock before they look at ``If-Match``."""

    def get_locked_object(self) -> Any:
        """The object of this URL, locked until the transaction ends, once its permissions and ``If-Match`` hold."""
        instance = self.locked(self.kwargs[self.lookup_url_kwarg or self.lookup_field])
        self.check_object_permissions(self.request, instance)
        tag = self.etag_of(instance)
        if tag is not None:
            check_if_match(self.request, tag)
        elif "HTTP_IF_MATCH" in self.request.META:
            check_content_if_match(self.request, self.get_serializer(instance).data)
        return instance

    def locked(self, key: Any) -> Any:
        """The object of this key in the shape of a detail, locked. Raises Http404."""
        queryset: QuerySet[Any] = self.get_queryset().select_for_update(of=("self",))
        return get_object_or_404(queryset, **{self.lookup_field: key})

    def fresh(self, instance: Model) -> Any:
        """What was just written, read back in the shape of a detail.

        Raises Http404 where it is no longer theirs to see: their membership, or their account, has ended meanwhile.
        """
        return get_object_or_404(self.get_queryset(), pk=instance.pk)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            self.perform_create(serializer)
            instance = self.fresh(_written(serializer))
        return self.detail_response(instance, status=201, headers=self.location_of(instance))

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        data = request.data  # a body that cannot be read must not hold a lock
        with transaction.atomic():
            instance = self.get_locked_object()
            serializer = self.get_serializer(instance, data=data, partial=kwargs.get("partial", False))
            serializer.is_valid(raise_exception=True)
            self.perform_update(serializer)
            instance = self.fresh(_written(serializer))
        return self.detail_response(instance)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with transaction.atomic():
            self.perform_destroy(self.get_locked_object())
        return Response(status=204)

    def location_of(self, instance: Any) -> dict[str, str]:
        """``Location`` of a new object; empty for a nested route, whose objects live under another name."""
        try:
            return {"Location": reverse(f"{self.basename}-detail", args=[instance.pk])}
        except NoReverseMatch:
            return {}


def _written(serializer: BaseSerializer) -> Model:
    instance = serializer.instance
    if not isinstance(instance, Model):
        raise TypeError("perform_create and perform_update must set serializer.instance")
    return instance
