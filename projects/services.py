"""Making, changing, copying and deleting projects."""

from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

from django.db import transaction
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from accounts.choices import Action, Kind
from accounts.models import Team, User
from accounts.services.audit import Change, audit_entry, changes_between
from accounts.snapshots import team_tag
from config.cache import versions
from config.database.written import write
from projects.models import Project, ShareLink

CHANGEABLE = frozenset({"name", "description", "stage", "progress", "team"})
COPY_SUFFIX = " (copy)"


class Duplication(Protocol):
    """What another app does for its own rows when a project is copied."""

    def __call__(self, *, source: Project, copy: Project, user: User) -> None: ...


_duplications: list[Duplication] = []


def on_duplicate[F: Duplication](function: F) -> F:
    """Have ``function(source=, copy=, user=)`` called within the transaction that copies a project.

    Register from ``AppConfig.ready``; a second registration of the same function changes nothing.
    """
    if function not in _duplications:
        _duplications.append(function)
    return function


def project_create(*, user: User, team: Team, name: str, **fields: Any) -> Project:
    """A project of ``team`` made by ``user``, whose right to do so the caller has checked."""
    _refuse_unknown(fields)
    return _create(user=user, team=team, name=name, **fields)


@transaction.atomic(savepoint=False)
def _create(*, copy_of: str | None = None, user: User, team: Team, **fields: Any) -> Project:
    project = Project.objects.create(team=team, created_by=user, **fields)
    changes = changes_between({}, _shown(project) if copy_of is None else {"copyOf": copy_of})
    _record(project, Action.CREATED, changes, team=team.pk, user=user)
    return project


@transaction.atomic(savepoint=False)
def project_update(*, project: Project, **changes: Any) -> Project:
    """Apply ``changes``; the version moves whether or not a value differs.

    The caller holds the lock of ``project``, from a read in the same transaction.
    """
    _refuse_unknown(changes)
    before, left = _shown(project), project.team
    if "team" in changes:
        versions.replace(team_tag(left.pk))  # which loses it
    for name, value in changes.items():
        setattr(project, name, value)
    project.version += 1
    project.save(update_fields=[*changes, "version", "updated_at"])
    if changed := changes_between(before, _shown(project)):
        _record(project, Action.CHANGED, changed, team=project.team_id)
    if project.team_id != left.pk:
        # The other team has not decided to show it to anybody.
        ShareLink.objects.filter(project=project, revoked_at=None).update(revoked_at=Now())
        _record_move(project, left)
    return project


def _shown(project: Project) -> dict[str, Any]:
    """What the audit tells of a project; that it goes to another team is an entry of its own."""
    return {name: getattr(project, name) for name in ("name", "description", "stage", "progress")}


def _record(
    project: Project, action: Action, changes: Sequence[Change], *, team: UUID, user: User | None = None
) -> None:
    write(audit_entry(
        kind=Kind.PROJECT, action=action, target=project.pk, label=project.name, team=team, project=project.pk,
        changes=changes, user=user,
    ))  # fmt: skip


def _record_move(project: Project, left: Team) -> None:
    """For both teams; the project's own audit, which goes with it, tells it once."""
    changes = [{"path": "team", "before": left.name, "after": project.team.name}]
    _record(project, Action.MOVED, changes, team=project.team_id)
    write(
        audit_entry(
            kind=Kind.PROJECT, action=Action.MOVED, target=project.pk, label=project.name, team=left.pk, changes=changes
        )
    )


def team_of(project_id: UUID) -> RawSQL:
    """The team of a project within another statement, for who knows its id alone."""
    return RawSQL(  # noqa: S611
        f'(SELECT team_id FROM "{Project._meta.db_table}" WHERE id = %s)',  # noqa: S608  the name of our own table
        [project_id],
        Team._meta.pk,
    )


@transaction.atomic
def project_duplicate(*, project: Project, user: User, team: Team, name: str | None = None) -> Project:
    """A copy of ``project`` in ``team``, with what other apps copy along (see ``on_duplicate``).

    The source is locked, so that nobody changes it while it is copied.
    """
    source = Project.objects.select_for_update().get(pk=project.pk)
    copy = _create(
        copy_of=source.name,
        user=user,
        team=team,
        name=name or copy_name(source),
        description=source.description,
        stage=source.stage,
        progress=source.progress,
    )
    for duplicate in _duplications:
        duplicate(source=source, copy=copy, user=user)
    return copy


def copy_name(source: Any) -> str:
    """The name of a copy of a row that has a name, within the length that names of its kind may have."""
    room = source._meta.get_field("name").max_length or 0
    return source.name[: room - len(COPY_SUFFIX)] + COPY_SUFFIX


@transaction.atomic(savepoint=False)
def project_delete(*, project: Project) -> None:
    """Delete a project and everything under it."""
    gone = changes_between(_shown(project), {})
    _record(project, Action.DELETED, gone, team=project.team_id)
    project.delete()


def _refuse_unknown(fields: dict[str, Any]) -> None:
    if unknown := fields.keys() - CHANGEABLE:
        raise TypeError(f"A project has no {', '.join(sorted(unknown))} to set")
