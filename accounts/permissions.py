"""What a role allows: viewers read, editors write, owners manage."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission, IsAuthenticated
from rest_framework.request import Request

from accounts.choices import WRITING_ROLES, Role


class RoleAllows(BasePermission):
    """Reads for every member, writes for those whose role writes.

    The object says the role as ``my_role``, which its queryset's ``visible_to`` annotates; who has none never sees
    the object at all.
    """

    message = "Your role in the team only lets you read."

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        return request.method in SAFE_METHODS or obj.my_role in WRITING_ROLES


class OwnerManages(BasePermission):
    """Reads for every member, whatever else for owners; the object says the role as ``my_role``."""

    message = "Only owners of the team may do this."

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        return request.method in SAFE_METHODS or obj.my_role == Role.OWNER


class IsPerson(IsAuthenticated):
    """For what only the person may do: an API key neither makes keys nor changes the account it belongs to."""

    message = "Only a person who is signed in may do this, not an API key."

    def has_permission(self, request: Request, view: Any) -> bool:
        return super().has_permission(request, view) and getattr(request.user, "api_key_id", None) is None
