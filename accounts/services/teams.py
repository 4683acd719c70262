"""Teams, and what a user may do in one."""

from django.db import transaction

from accounts.choices import Role
from accounts.models import Membership, Team, User


@transaction.atomic
def personal_team_create(*, user: User) -> Team:
    """The team a user starts with and owns alone."""
    room = Team._meta.get_field("name").max_length
    team = Team.objects.create(name=user.display_name[:room], personal_of=user)
    Membership.objects.create(user=user, team=team, role=Role.OWNER)
    return team


def personal_team(user: User) -> Team:
    return Team.objects.get(personal_of=user)


def team_role(user: User, team: Team) -> Role | None:
    """The role of ``user`` in ``team``; None for an outsider."""
    role = Membership.objects.filter(user=user, team=team).values_list("role", flat=True).first()
    return Role(role) if role else None
