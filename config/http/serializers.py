"""Serializers that speak camelCase at declared fields only, and refuse what they do not know.

Renaming happens where the fields are made, so schema, forms, errors and bodies all agree, and keys inside free-form
JSON (``H2``) are never touched.
"""

from collections.abc import Mapping
from copy import copy
from functools import cache
from typing import Any

from django.db import models
from rest_framework import serializers
from rest_framework.request import Request

from config.http.fields import FiniteFloatField
from config.http.naming import camel
from config.http.problems import MOST_NAMED


@cache
def _standing(serializer_class: type[serializers.Serializer]) -> serializers.Serializer:
    serializer = serializer_class()
    _ = serializer.fields  # made once, and shared by its copies
    return serializer


def sent(
    request: Request, serializer_class: type[serializers.Serializer], *, context: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What the body of a request says. Raises ValidationError naming every fault of it.

    Without a context it is read by a copy of one serializer: each serializer and field that is made counts itself on
    its class, after which Python looks up anew whatever it knew of all classes of fields.
    """
    if context is None:
        serializer = copy(_standing(serializer_class))
        serializer.initial_data = request.data
    else:
        serializer = serializer_class(data=request.data, context=context)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


class _Wire(serializers.Serializer):
    default_error_messages = {
        "unknown": "There is no such field here.",
        "read_only": "May not be written.",
    }

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # The framework looks for validate_<name of the field>, and fields go by their wire name.
        for name in [name for name in vars(cls) if name.startswith("validate_")]:
            wire = "validate_" + camel(name.removeprefix("validate_"))
            if wire != name:
                setattr(cls, wire, vars(cls)[name])

    def get_fields(self) -> dict[str, serializers.Field]:
        return {camel(name): _renamed(field, name) for name, field in super().get_fields().items()}

    def to_internal_value(self, data: Any) -> Any:
        refused = self._refused(data) if isinstance(data, Mapping) else {}
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            raise serializers.ValidationError({**refused, **error.detail}) from None  # type: ignore[dict-item]
        if refused:
            raise serializers.ValidationError(refused)
        return value

    def _refused(self, data: Mapping[str, Any]) -> dict[str, list[serializers.ErrorDetail]]:
        fields = self.fields
        refused: dict[str, list[serializers.ErrorDetail]] = {}
        shown: Mapping[str, Any] | None = None
        for key in data:
            if len(refused) >= MOST_NAMED:
                break
            if key not in fields:
                refused[key] = self._fault("unknown")
            elif fields[key].read_only:
                # A client may send back what it has read; anything else would be a forgery.
                shown = self._shown() if shown is None else shown
                if key not in shown or shown[key] != data[key]:
                    refused[key] = self._fault("read_only")
        return refused

    def _shown(self) -> Mapping[str, Any]:
        return {} if self.instance is None else self.to_representation(self.instance)

    def _fault(self, code: str) -> list[serializers.ErrorDetail]:
        return [serializers.ErrorDetail(str(self.error_messages[code]), code=code)]


def _renamed(field: serializers.Field, name: str) -> serializers.Field:
    if camel(name) != name:
        if isinstance(field, serializers.SerializerMethodField):
            field.method_name = field.method_name or f"get_{name}"
        elif field.source is None:
            field.source = name
    return field


class WireSerializer(_Wire):
    """A serializer whose fields are declared in snake_case and travel in camelCase.

    A key that is unknown, or read-only and different from what is stored, is an error naming the key.
    """


class WireModelSerializer(_Wire, serializers.ModelSerializer):
    """``WireSerializer`` over a model; float columns take finite numbers only."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.FloatField: FiniteFloatField,
    }
