"""Teams, and what a user may do in one.

Whoever calls has checked that the user may. Every change of roles is made under the lock of the team's row, and looks
at the owners after it has it: of two owners who leave at once one stays.
"""

from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, ProtectedError, QuerySet

from accounts.choices import Action, Kind, Role
from accounts.models import Membership, Team, User
from accounts.services.audit import Change, audit_entry
from config.database.written import write


class TeamRefusal(RuntimeError):  # noqa: N818 - says what it is, as Http404 does
    """What a team does not allow, whoever asks; ``code`` is for programs."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        super().__init__(text)


def personal_refusal() -> TeamRefusal:
    text = "This is a personal team: it has one member and goes with the account. Make a team to share projects."
    return TeamRefusal("personal-team", text)


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


@transaction.atomic(savepoint=False)
def team_create(*, user: User, name: str) -> Team:
    """A team that ``user`` owns, so far alone."""
    team = Team.objects.create(name=name)
    Membership.objects.create(user=user, team=team, role=Role.OWNER)
    _record(team, Action.CREATED, user=user)
    return team


@transaction.atomic(savepoint=False)
def team_rename(*, team: Team, name: str | None = None) -> Team:
    """Give a team another name; None leaves it as it is."""
    if name is None or name == team.name:
        return team
    before, team.name = team.name, name
    team.save(update_fields=["name"])
    _record(team, Action.CHANGED, [{"path": "name", "before": before, "after": name}])
    return team


@transaction.atomic
def team_delete(*, team: Team) -> None:
    """Delete a team that has no projects, with its memberships and invitations.

    Raises:
        TeamRefusal: it has projects, or is a personal one; nothing is changed then.
    """
    team = team_lock(team)
    if team.is_personal:
        raise personal_refusal()
    _record(team, Action.DELETED)
    try:
        team.delete()
    except ProtectedError:
        text = "The team still has projects: move them to another team, or delete them first."
        raise TeamRefusal("team-in-use", text) from None


@transaction.atomic
def member_add(*, team: Team, user: User, role: Role) -> Membership:
    """Make ``user`` a member at once, without an invitation; for staff.

    Raises:
        TeamRefusal: it is a personal team, or the user is a member already.
    """
    membership = _join(team_lock(team), user, role)
    member_audit(membership, Action.CREATED, after=role)
    return membership


@transaction.atomic
def member_accept(*, team: Team, user: User, role: Role) -> Membership:
    """``user`` joins by an invitation. A member stays what they are."""
    team = team_lock(team)
    member = _found(team, user.pk)
    if member is not None:
        return member
    membership = _join(team, user, role)
    member_audit(membership, Action.ACCEPTED, after=role)
    return membership


@transaction.atomic
def member_role_set(*, team: Team, member: UUID, role: Role) -> Membership:
    """Give a member another role.

    Raises:
        Membership.DoesNotExist: nobody of the team has that id.
        TeamRefusal: the team would be without an owner.
    """
    team = team_lock(team)
    membership = _get(team, member)
    if membership.role == role:
        return membership
    _keep_an_owner(team, membership)
    before, membership.role = membership.role, role
    membership.save(update_fields=["role"])
    member_audit(membership, Action.CHANGED, before=before, after=role)
    return membership


@transaction.atomic
def member_remove(*, team: Team, member: UUID) -> None:
    """End a membership: the next request of that user is refused what the team has.

    Raises:
        Membership.DoesNotExist, TeamRefusal: as in ``member_role_set``.
    """
    _end(team_lock(team), member, Action.DELETED)


@transaction.atomic
def team_leave(*, team: Team, user: User) -> None:
    """End one's own membership.

    Raises:
        Membership.DoesNotExist, TeamRefusal: as in ``member_role_set``.
    """
    _end(team_lock(team), user.pk, Action.LEFT)


@transaction.atomic
def team_hand_over(*, team: Team, user: User, to: UUID) -> None:
    """Make another member an owner, and the owner ``user`` an editor.

    Raises:
        Membership.DoesNotExist: one of the two is no member.
        TeamRefusal: it is a personal team, or ``to`` is the owner already.
    """
    team = team_lock(team)
    if to == user.pk:
        raise TeamRefusal("same-member", "You own the team already: name another member.")
    _get(team, to)
    member_role_set(team=team, member=to, role=Role.OWNER)
    member_role_set(team=team, member=user.pk, role=Role.EDITOR)


def teams_owned_alone(*, user: User) -> QuerySet[Team]:
    """The teams that would be without an owner, were ``user`` deleted; not the personal one, which goes too."""
    others = Membership.objects.filter(team=OuterRef("pk"), role=Role.OWNER).exclude(user=user)
    mine = Team.objects.filter(personal_of=None, memberships__user=user, memberships__role=Role.OWNER)
    return mine.filter(~Exists(others))


def team_lock(team: Team) -> Team:
    """The team's row, locked until the transaction ends; taken before any change of its members.

    Raises:
        Team.DoesNotExist: it has been deleted since it was read.
    """
    return Team.objects.select_for_update().get(pk=team.pk)


def _join(team: Team, user: User, role: Role) -> Membership:
    if team.is_personal:
        raise personal_refusal()
    if _found(team, user.pk) is not None:
        raise TeamRefusal("already-member", "They are a member of the team already.")
    return Membership.objects.create(team=team, user=user, role=role)


def _end(team: Team, member: UUID, action: Action) -> None:
    membership = _get(team, member)
    _keep_an_owner(team, membership)
    membership.delete()
    member_audit(membership, action, before=membership.role)


def _found(team: Team, user_id: UUID) -> Membership | None:
    return Membership.objects.select_related("user").filter(team=team, user=user_id).first()


def _get(team: Team, user_id: UUID) -> Membership:
    membership = _found(team, user_id)
    if membership is None:
        raise Membership.DoesNotExist
    return membership


def _keep_an_owner(team: Team, membership: Membership) -> None:
    """Raise where ``membership`` is the last owner's of a locked team, or of a personal one."""
    if team.is_personal:
        raise personal_refusal()
    if membership.role != Role.OWNER:
        return
    if not Membership.objects.filter(team=team, role=Role.OWNER).exclude(pk=membership.pk).exists():
        text = "A team needs an owner, and there is no other: hand it over first."
        raise TeamRefusal("last-owner", text)


def _record(
    team: Team, action: Action, changes: tuple[Change, ...] | list[Change] = (), user: User | None = None
) -> None:
    write(
        audit_entry(
            kind=Kind.TEAM, action=action, target=team.pk, label=team.name, team=team.pk, changes=changes, user=user
        )
    )


def member_audit(
    membership: Membership, action: Action, *, before: str | None = None, after: str | None = None
) -> None:
    """Tell what becomes of a membership, which has its user."""
    write(audit_entry(
        kind=Kind.MEMBER, action=action, target=membership.user_id, label=membership.user.display_name,
        team=membership.team_id, changes=[{"path": "role", "before": before, "after": after}],
    ))  # fmt: skip
