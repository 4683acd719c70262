from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request


class StaffWrites(BasePermission):
    """Everybody who is signed in reads; staff write."""

    message = "Master data is written by staff."

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.method in SAFE_METHODS or bool(request.user.is_staff)
