"""A project as one who asks may deal with it, for the API and the pages alike."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from rest_framework.generics import get_object_or_404

from accounts.choices import WRITING_ROLES
from accounts.permissions import RoleAllows
from projects.models import Project


def writable_project(user: Any, key: UUID) -> Project:
    """A project that ``user`` may write. Raises Http404 for strangers and PermissionDenied for viewers."""
    project = get_object_or_404(Project.objects.visible_to(user), pk=key)
    if project.my_role not in WRITING_ROLES:
        raise PermissionDenied(RoleAllows.message)
    return project
