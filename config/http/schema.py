"""The OpenAPI description: problems, entity tags and conditional headers, which every operation has."""

from typing import Any

from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.permissions import AllowAny

from config.http.naming import camel
from config.http.problems import PROBLEM_MEDIA_TYPE
from config.http.rendering import NdjsonRenderer
from config.http.selection import DESCRIPTION, FIELDS

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
CHANGES = frozenset({"PUT", "PATCH", "DELETE"})


class FieldErrorSerializer(serializers.Serializer):
    """What is wrong with one field."""

    field = serializers.CharField(help_text="Path of the field on the wire, as in feedstocks[0].price.")
    code = serializers.CharField(help_text="What a program can branch on.")
    message = serializers.CharField(help_text="What a person can read.")


class ProblemSerializer(serializers.Serializer):
    """A problem after RFC 9457; ``errors`` names every field at fault."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    requestId = serializers.CharField(allow_null=True)  # noqa: N815
    errors = FieldErrorSerializer(many=True)  # type: ignore[assignment]


class AutoSchema(SpectacularSchema):
    def get_override_parameters(self) -> list[Any]:
        return [*self._conditional_parameters(), *self._selection_parameters()]

    def _selection_parameters(self) -> list[Any]:
        is_selectable = getattr(self.view, "is_selectable", False)
        if not is_selectable or getattr(self.view, "action", None) not in {"list", "retrieve"}:
            return []
        return [OpenApiParameter(FIELDS, OpenApiTypes.STR, OpenApiParameter.QUERY, description=DESCRIPTION)]

    def _conditional_parameters(self) -> list[Any]:
        if self.method in CHANGES and self._is_conditional():
            description = "ETag that the change stands on; another version answers 412."
            return [OpenApiParameter("If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, description=description)]
        if self.method == "GET" and self._is_conditional():
            description = "ETag that the reader has; the same version answers 304."
            return [
                OpenApiParameter("If-None-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, description=description)
            ]
        return []

    def get_operation_id(self) -> str:
        return camel(super().get_operation_id())

    def _is_conditional(self) -> bool:
        from config.http.conditional import ConditionalMixin  # the view stack itself imports this class by settings

        return isinstance(self.view, ConditionalMixin)

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)  # type: ignore[arg-type]
        if direction != "response":
            return bodies
        self._describe_lines(bodies.get("200", {}).get("content", {}))
        for code, description in self._problem_codes().items():
            if code not in bodies:
                problem = self._get_response_for_code(ProblemSerializer, code, [PROBLEM_MEDIA_TYPE])
                bodies[code] = {**problem, "description": description}
        if self.method == "GET" and self._is_conditional():
            bodies.setdefault("304", {"description": "The reader has it already."})
        return bodies

    def _describe_lines(self, content: dict[str, Any]) -> None:
        """A streamed list is its items, one a line, and no page."""
        if NdjsonRenderer.media_type in content:
            view: Any = self.view
            item = self.resolve_serializer(view.get_serializer(), "response")
            content[NdjsonRenderer.media_type] = {"schema": item.ref}

    def _problem_codes(self) -> dict[str, str]:
        codes = {"429": "Too many requests.", "500": "Broken on our side."}
        is_open = any(isinstance(permission, AllowAny) for permission in self.view.get_permissions())
        if self.method in WRITES or not is_open:
            codes["401"] = "Not signed in, or not by valid credentials."
        if "{" in self.path:
            codes["404"] = "Not there, or not visible to the user."
        if self.method in WRITES:
            codes |= {"403": "Not allowed to this user.", "409": "In conflict with what exists."}
        if self.method in {"POST", "PUT", "PATCH"}:
            codes |= {"400": "Invalid.", "413": "Body too large.", "415": "Not JSON."}
        elif self._is_list_view():
            codes |= {"400": "Invalid query.", "404": "No such page."}
        elif hasattr(self.view, "extra_query_names") or self._selection_parameters():
            codes["400"] = "Invalid query."
        if self.method in CHANGES and self._is_conditional():
            codes["412"] = "Changed since it was read."
        return dict(sorted(codes.items()))
