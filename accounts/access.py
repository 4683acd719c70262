"""A team as one who asks may deal with it, for the API and the pages alike."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework.generics import get_object_or_404

from accounts import services
from accounts.choices import Role
from accounts.models import Team
from accounts.permissions import OwnerManages


def locked_team(user: Any, key: object) -> Team:
    """A team of ``user``, locked until the transaction ends, with the role as it is then."""
    team = get_object_or_404(Team.objects.select_for_update(), pk=key)
    role = services.team_role(user, team)
    if role is None:
        raise Http404
    team.my_role = role
    return team


def managed_team(user: Any, key: object) -> Team:
    """``locked_team`` of an owner. Raises PermissionDenied for other members."""
    team = locked_team(user, key)
    if team.my_role != Role.OWNER:
        raise PermissionDenied(OwnerManages.message)
    return team
