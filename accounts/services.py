"""Making users and asking what they may do."""

from django.db import transaction

from accounts.choices import Role
from accounts.models import Membership, Team, User


@transaction.atomic
def user_create(*, email: str, password: str | None = None, name: str = "", **fields: bool) -> User:
    """A user and their personal team, or neither.

    ``password`` is taken as it is: whoever lets a person choose one validates it first. None leaves the account
    without a usable password. Raises ValueError without an address and IntegrityError when the address, whatever its
    case, is taken.
    """
    if not email:
        raise ValueError("A user needs an e-mail address")
    user = User(email=User.objects.normalize_email(email.strip()), name=name, **fields)
    user.set_password(password)
    user.save(force_insert=True)
    personal_team_create(user=user)
    return user


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


def user_update(*, user: User, name: str | None = None) -> User:
    """Change what a user may change about themselves; None leaves it as it is."""
    if name is not None and name != user.name:
        user.name = name
        user.save(update_fields=["name"])
    return user
