"""Links that show one project, read-only, to whoever has them: made, found, noted when used, revoked.

Owners and editors make them: who writes a project can hand its numbers on in any case, and a link, unlike a mail, ends,
is listed, is told in the audit, and can be revoked by any of them.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.choices import Action, Kind
from accounts.models import User
from accounts.services import audit_entry
from config.database.written import write
from projects.models import Project, ShareLink
from projects.services import team_of

LONGEST = timedelta(days=366)
MOST_LIVE = 50
TOO_MANY = f"A project may have {MOST_LIVE} links that are good: revoke one first."
# How exactly it is known when a link was last used.
USE_NOTED_EVERY = timedelta(minutes=1)


class TooManyLinks(RuntimeError):  # noqa: N818 - says what it is, as Http404 does
    """A project has ``MOST_LIVE`` links that are good already."""


@transaction.atomic
def share_link_create(*, project: Project, user: User, name: str, expires_at: datetime) -> tuple[ShareLink, str]:
    """A link and its token, which is nowhere else from then on.

    Raises:
        TooManyLinks: nothing is made then.
    """
    Project.objects.select_for_update(of=("self",)).only("pk").get(pk=project.pk)
    if ShareLink.objects.filter(project=project).live().count() >= MOST_LIVE:
        raise TooManyLinks
    token = secrets.token_urlsafe(32)
    link = ShareLink.objects.create(
        project=project, name=name, digest=digest_of(token), created_by=user, expires_at=expires_at
    )
    _record(link, Action.CREATED, [{"path": "expiresAt", "before": None, "after": expires_at.isoformat()}], user)
    return link, token


@transaction.atomic
def share_link_revoke(*, link: ShareLink) -> None:
    """Let a link lead nowhere from the next request on; a second time changes nothing."""
    if ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=Now()):
        _record(link, Action.REVOKED)


def share_link_find(*, token: str) -> ShareLink | None:
    """The link with this token, with its project, while it is good."""
    found = ShareLink.objects.live().filter(digest=digest_of(token)).select_related("project")
    return found.first()


def share_link_used(*, link: ShareLink) -> None:
    """Note that a link was used, at most once a minute."""
    since = timezone.now() - USE_NOTED_EVERY
    if link.last_used_at is None or link.last_used_at < since:
        unnoted = Q(last_used_at=None) | Q(last_used_at__lt=since)
        ShareLink.objects.filter(unnoted, pk=link.pk).update(last_used_at=Now())


def digest_of(token: str) -> str:
    """What is kept of a token: 256 bits of chance need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def _record(link: ShareLink, action: Action, changes: tuple | list = (), user: User | None = None) -> None:
    write(audit_entry(
        kind=Kind.SHARE_LINK, action=action, target=link.pk, label=link.name, team=team_of(link.project_id),
        project=link.project_id, changes=changes, user=user,
    ))  # fmt: skip
