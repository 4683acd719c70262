"""Deleting an account, and what becomes of what its teams have: nothing is deleted that nobody said was to be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from accounts.choices import Action, Role, TeamEnd
from accounts.letters import Message, composes
from accounts.models import Letter, Membership, Team, User
from accounts.services.letters import letter_post
from accounts.services.passwords import password_confirm
from accounts.services.teams import member_audit
from accounts.services.users import administrator_keep

DELETED = "account_deleted"


class Holdings(Protocol):
    """What another app keeps for teams, such as projects."""

    def count(self, *, teams: Sequence[UUID]) -> Mapping[UUID, int]:
        """How many each team has; teams without any may be left out."""

    def move(self, *, source: Team, target: Team) -> None:
        """Give everything that ``source`` has to ``target``."""

    def delete(self, *, team: Team) -> None:
        """Delete everything that the team has."""


_holdings: list[Holdings] = []


def register_holdings(holdings: Holdings) -> None:
    """Have ``holdings`` asked when a team ends with its only owner. Call from ``AppConfig.ready``."""
    if holdings not in _holdings:
        _holdings.append(holdings)


@dataclass(frozen=True, kw_only=True)
class Stake:
    """A team that only this user owns, what it has, and who could own it."""

    team: Team
    count: int
    others: tuple[User, ...]

    @property
    def is_asked(self) -> bool:
        """Whether something is lost unless somebody says what becomes of it."""
        return self.count > 0 or bool(self.others)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What becomes of one team; ``to`` is the new owner, or the team that gets what it has."""

    end: TeamEnd
    to: UUID | None = None


def deletion_stakes(*, user: User) -> list[Stake]:
    """The teams that would be without an owner, personal one included."""
    owner = Q(role=Role.OWNER)
    another = Membership.objects.filter(owner, team=OuterRef("pk")).exclude(user=user)
    mine = Membership.objects.filter(owner, team=OuterRef("pk"), user=user)
    teams = list(
        Team.objects.filter(Exists(mine), ~Exists(another)).order_by(
            F("personal_of").asc(nulls_last=True), "name", "id"
        )
    )
    keys = [team.pk for team in teams]
    counts: dict[UUID, int] = dict.fromkeys(keys, 0)
    for holdings in _holdings:
        for key, number in holdings.count(teams=keys).items():
            counts[key] += number
    others: dict[UUID, list[User]] = {key: [] for key in keys}
    members = Membership.objects.filter(team__in=keys, user__is_active=True).exclude(user=user).select_related("user")
    for member in members.order_by("user__name", "user__email"):
        others[member.team_id].append(member.user)
    return [Stake(team=team, count=counts[team.pk], others=tuple(others[team.pk])) for team in teams]


def deletion_targets(*, user: User, stakes: Sequence[Stake]) -> list[Team]:
    """Teams that could get what another team has: the user writes there, and they go on without the user."""
    ending = [stake.team.pk for stake in stakes if stake.team.is_personal or not stake.others]
    writable = Team.objects.writable_by(user).exclude(pk__in=ending)
    return list(writable.order_by("name", "id"))


@transaction.atomic
def account_delete(*, user: User, password: str, choices: Mapping[UUID, Choice]) -> None:
    """Delete ``user`` with sign-ins, keys and memberships, once it is said what becomes of each team owned alone.

    A team without other members and without anything in it ends unasked.

    Raises:
        ValidationError: of ``password``; of ``teams``: one is missing, is not to be chosen for, or goes to somebody
            or something that cannot have it; or of all, as in ``administrator_keep``. Nothing has changed then.
    """
    administrator_keep(user=user)
    user = User.objects.select_for_update().get(pk=user.pk)
    password_confirm(user=user, password=password)
    # Whoever changes these teams or their members waits, and whoever did is seen.
    list(Team.objects.select_for_update(of=("self",)).filter(memberships__user=user).order_by("pk"))
    stakes = deletion_stakes(user=user)
    _refuse(user, stakes, choices)
    for stake in stakes:
        _end(stake, choices.get(stake.team.pk, Choice(end=TeamEnd.DELETE)))
    for membership in Membership.objects.filter(user=user, team__personal_of=None).select_related("user"):
        member_audit(membership, Action.LEFT, before=membership.role)
    letter_post(kind=DELETED, address=user.email, context={"to": user.email, "name": user.name})
    user.delete()


def _refuse(user: User, stakes: Sequence[Stake], choices: Mapping[UUID, Choice]) -> None:
    targets = {team.pk for team in deletion_targets(user=user, stakes=stakes)}
    targets -= {key for key, choice in choices.items() if choice.end != TeamEnd.HAND_OVER}
    faults = []
    known = {stake.team.pk: stake for stake in stakes}
    for key in choices.keys() - known.keys():
        faults.append(ValidationError(f"{key} is no team that only you own.", code="unknown_team"))
    for key, stake in known.items():
        choice = choices.get(key)
        name = stake.team.name
        if choice is None:
            if stake.is_asked:
                faults.append(ValidationError(f"Say what becomes of {name}.", code="required"))
        elif choice.end == TeamEnd.HAND_OVER and choice.to not in {other.pk for other in stake.others}:
            faults.append(ValidationError(f"{name} can only go to one of its other members.", code="no_member"))
        elif choice.end == TeamEnd.MOVE and choice.to not in targets:
            message = f"What {name} has can only move to a team that stays, and in which you write."
            faults.append(ValidationError(message, code="no_target"))
    if faults:
        raise ValidationError({"teams": faults})


def _end(stake: Stake, choice: Choice) -> None:
    team = stake.team
    if choice.end == TeamEnd.HAND_OVER:
        heir = Membership.objects.select_related("user").get(team=team, user=cast(UUID, choice.to))
        before, heir.role = heir.role, Role.OWNER
        heir.save(update_fields=["role"])
        member_audit(heir, Action.CHANGED, before=before, after=heir.role)
        if team.is_personal:
            # It is nobody's own any more, and would else go with the user.
            team.personal_of = None
            team.save(update_fields=["personal_of"])
        return
    if stake.is_asked:
        for holdings in _holdings:
            if choice.end == TeamEnd.MOVE:
                holdings.move(source=team, target=Team.objects.get(pk=cast(UUID, choice.to)))
            else:
                holdings.delete(team=team)
    # What was added to it meanwhile is protected, and stops all of this.
    team.delete()


@composes(DELETED)
def _deleted_letter(letter: Letter) -> Message | None:
    values = {"name": letter.context["name"]}
    return Message(
        to=letter.context["to"], subject="Your SAFAPAC account is deleted", template="account_deleted", values=values
    )
