"""Inviting an address into a team.

An invitation is bound to the address it was sent to: the owner has decided who may come, and a mail that is passed on
does not decide it anew. It says nothing of whether the address has an account: the mail is the same, and what its
reader lacks, signing in or registering, its page tells.
"""

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.choices import Action, Kind, Role
from accounts.letters import Message, composes, site_link
from accounts.models import Invitation, Letter, Membership, Team, User
from accounts.services.audit import audit_entry
from accounts.services.letters import is_one_too_many, letter_post
from accounts.services.mailed_tokens import digest_of, invalid_token
from accounts.services.teams import TeamRefusal, member_accept, personal_refusal, team_lock
from config.database.written import write

INVITATION = "invitation"
LIFETIME = timedelta(days=7)
# Between one mail and the next to the same address.
PAUSE = timedelta(minutes=5)
MOST_WAITING = 200


class OtherAddress(RuntimeError):  # noqa: N818 - says what it is, as Http404 does
    """The invitation is for another address than that of the user."""


class TooSoon(RuntimeError):  # noqa: N818
    """The last mail went out a moment ago; ``seconds`` until the next may."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"its mail has just been sent: try again in {seconds} seconds")


@transaction.atomic
def invitation_create(*, team: Team, user: User, email: str, role: Role) -> Invitation:
    """Invite ``email`` into ``team`` in the name of ``user``, an owner; one that has run out is replaced.

    Raises:
        TeamRefusal: a personal team, a member's address, one that is invited already, or too many that are.
    """
    team, email = team_lock(team), email.strip()
    if team.is_personal:
        raise personal_refusal()
    if Membership.objects.filter(team=team, user__email__iexact=email).exists():
        raise TeamRefusal("already-member", "Somebody with this address is a member of the team.")
    waiting = Invitation.objects.filter(team=team)
    waiting.filter(expires_at__lte=timezone.now()).delete()
    if waiting.filter(email__iexact=email).exists():
        raise TeamRefusal("already-invited", "This address is invited already: send that invitation again.")
    if waiting.count() >= MOST_WAITING:
        raise TeamRefusal("too-many-invitations", f"At most {MOST_WAITING} invitations may be waiting.")
    invitation = Invitation.objects.create(
        team=team, email=email, role=role, invited_by=user, expires_at=timezone.now() + LIFETIME
    )
    _send(invitation)
    _record(invitation, Action.CREATED)
    return invitation


@transaction.atomic
def invitation_resend(*, invitation: Invitation) -> Invitation:
    """Send the mail once more, with another link, which is good for a week.

    Raises:
        TooSoon: the last one has just been sent.
        Invitation.DoesNotExist: it was used or taken back meanwhile.
    """
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    left = invitation.asked_at + PAUSE - timezone.now()
    if left > timedelta():
        raise TooSoon(int(left.total_seconds()) + 1)
    invitation.asked_at = timezone.now()
    invitation.expires_at = invitation.asked_at + LIFETIME
    invitation.save(update_fields=["asked_at", "expires_at"])
    _send(invitation)
    _record(invitation, Action.RESENT)
    return invitation


@transaction.atomic
def invitation_revoke(*, invitation: Invitation) -> None:
    """Take an invitation back: its link leads nowhere from then on."""
    deleted, _ = Invitation.objects.filter(pk=invitation.pk).delete()
    if deleted:
        _record(invitation, Action.REVOKED)


def invitation_find(*, token: str) -> Invitation:
    """The invitation that a link leads to, with its team.

    Raises:
        ValidationError: of ``token``.
    """
    found = Invitation.objects.live().filter(digest=digest_of(token)).select_related("team", "invited_by").first()
    if found is None:
        raise invalid_token()
    return found


@transaction.atomic
def invitation_accept(*, user: User, token: str) -> Membership:
    """``user`` joins the team that the link leads to, which works once. A member stays what they are.

    Raises:
        ValidationError: of ``token``.
        OtherAddress: it was sent to another address.
    """
    found = invitation_find(token=token)
    # The team before its invitation, as whoever invites.
    team = team_lock(found.team)
    invitation = Invitation.objects.select_for_update().filter(pk=found.pk, digest=digest_of(token)).first()
    if invitation is None:
        raise invalid_token()
    if invitation.email.lower() != user.email.lower():
        raise OtherAddress
    invitation.delete()
    return member_accept(team=team, user=user, role=Role(invitation.role))


def invitations_purge() -> None:
    """Forget those that ran out a month ago; until then they can be sent again."""
    Invitation.objects.filter(expires_at__lt=timezone.now() - timedelta(days=30)).delete()


def _send(invitation: Invitation) -> None:
    letter_post(kind=INVITATION, address=invitation.email, context={"invitation": str(invitation.pk)})


@composes(INVITATION)
@transaction.atomic
def _letter(letter: Letter) -> Message | None:
    found = Invitation.objects.select_related("team", "invited_by").select_for_update(of=("self",))
    invitation = found.filter(pk=letter.context["invitation"]).first()
    if invitation is None or is_one_too_many(letter):
        return None
    token = secrets.token_urlsafe(32)
    invitation.digest = digest_of(token)
    invitation.save(update_fields=["digest"])
    by = invitation.invited_by
    return Message(
        to=invitation.email,
        subject="You are invited to a team on SAFAPAC",
        template="invitation",
        values={
            "team": invitation.team.name,
            "name": by.display_name if by else "",
            "address": by.email if by else "",
            "role": invitation.get_role_display().lower(),
            "link": site_link("invitation", token=token),
        },
    )


def _record(invitation: Invitation, action: Action) -> None:
    write(audit_entry(
        kind=Kind.INVITATION, action=action, target=invitation.pk, label=invitation.email, team=invitation.team_id,
        changes=[{"path": "role", "before": None, "after": invitation.role}],
    ))  # fmt: skip
