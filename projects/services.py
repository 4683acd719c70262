"""Making, changing, copying and deleting projects."""

from typing import Any, Protocol

from django.db import transaction

from accounts.models import Team, User
from accounts.snapshots import team_tag
from config.cache import versions
from projects.models import Project

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
    return Project.objects.create(team=team, created_by=user, name=name, **fields)


def project_update(*, project: Project, **changes: Any) -> Project:
    """Apply ``changes``; the version moves whether or not a value differs.

    The caller holds the lock of ``project``, from a read in the same transaction.
    """
    _refuse_unknown(changes)
    if "team" in changes:
        versions.replace(team_tag(project.team_id))  # which loses it
    for name, value in changes.items():
        setattr(project, name, value)
    project.version += 1
    project.save(update_fields=[*changes, "version", "updated_at"])
    return project


@transaction.atomic
def project_duplicate(*, project: Project, user: User, team: Team, name: str | None = None) -> Project:
    """A copy of ``project`` in ``team``, with what other apps copy along (see ``on_duplicate``).

    The source is locked, so that nobody changes it while it is copied.
    """
    source = Project.objects.select_for_update().get(pk=project.pk)
    copy = project_create(
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


def project_delete(*, project: Project) -> None:
    """Delete a project and everything under it."""
    project.delete()


def _refuse_unknown(fields: dict[str, Any]) -> None:
    if unknown := fields.keys() - CHANGEABLE:
        raise TypeError(f"A project has no {', '.join(sorted(unknown))} to set")
