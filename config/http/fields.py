"""Serializer fields stricter than the framework's, and fields that are made of several columns."""

import math
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers


class FiniteFloatField(serializers.FloatField):
    """A finite number: neither true and false nor "nan" and "inf", which the framework's own field lets pass."""

    default_error_messages = {"not_finite": _("Must be a finite number.")}

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool):
            self.fail("invalid")
        value = super().to_internal_value(data)
        if not math.isfinite(value):
            self.fail("not_finite")
        return value


class OfColumns:
    """Mixed into a field that shows what ``from_columns`` makes of ``columns`` of its object.

    So a list shows it from the columns alone (config/http/wire.py) and a detail from the object, by one function.
    ``parts`` are the names within, for a field that shows an object.
    """

    columns: tuple[str, ...]
    parts: tuple[str, ...] = ()

    def from_columns(self, *values: Any) -> Any:
        raise NotImplementedError

    def to_representation(self, value: Any) -> Any:
        return self.from_columns(*(getattr(value, column) for column in self.columns))
