from collections.abc import Mapping
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers

from scenarios.engine.schema import inputs_schema


class InputsField(serializers.Field):
    """Inputs of a scenario as they are sent; the engine checks them where they are used."""

    default_error_messages = {"not_an_object": "Must be an object of inputs."}

    def to_internal_value(self, data: Any) -> Mapping[str, Any]:
        if not isinstance(data, Mapping):
            self.fail("not_an_object")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class InputsFieldExtension(OpenApiSerializerFieldExtension):
    target_class = InputsField

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return inputs_schema() if direction == "request" else {"type": "object", "additionalProperties": True}
