from typing import Any
from uuid import UUID

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers

from accounts.models import Team
from config.http.fields import OfColumns


class MyTeamField(OfColumns, serializers.Field):
    """One of the user's own teams: written as its id, read as ``{id, name}``.

    A team the user is no member of "does not exist", whether or not it does; what was read may be sent back.
    """

    columns = parts = ("id", "name")
    default_error_messages = {
        "invalid": "Must be the id of one of your teams.",
        "does_not_exist": "You have no such team.",
    }

    def to_internal_value(self, data: Any) -> Team:
        if isinstance(data, dict):
            data = data.get("id")
        try:
            key = UUID(data)
        except (ValueError, TypeError, AttributeError):
            self.fail("invalid")
        team = Team.objects.visible_to(self.context["request"].user).filter(pk=key).first()
        if team is None:
            self.fail("does_not_exist")
        return team

    def from_columns(self, key: UUID, name: str) -> dict[str, Any]:
        return {"id": str(key), "name": name}


class MyTeamFieldExtension(OpenApiSerializerFieldExtension):
    target_class = MyTeamField

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        key = {"type": "string", "format": "uuid"}
        if direction == "request":
            return key
        return {"type": "object", "required": ["id", "name"], "properties": {"id": key, "name": {"type": "string"}}}
