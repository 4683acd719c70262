"""What a role allows: viewers read, editors write, owners manage."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.choices import WRITING_ROLES


class RoleAllows(BasePermission):
    """Reads for every member, writes for those whose role writes.

    The object says the role as ``my_role``, which its queryset's ``visible_to`` annotates; who has none never sees
    the object at all.
    """

    message = "Your role in the team only lets you read."

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        return request.method in SAFE_METHODS or obj.my_role in WRITING_ROLES
