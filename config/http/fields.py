"""Serializer fields stricter than the framework's."""

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
