"""Writing down who changed what, within the transaction that changes it, and reading it back.

Who acts and by which door is the request's to say (config/http/current.py), so that no service can be called without
it and none needs to hand it on; where there is no request, it is a command.
"""

import hashlib
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.db.models.expressions import RawSQL
from django.http import HttpRequest

from accounts.choices import Action, Kind, Via
from accounts.models import AuditEntry, User
from config.database.written import Statement
from config.http import current

# What one person types into one scenario within this long is one entry to read.
BURST_S = 300

type Change = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Author:
    """Who acts, by which door, in which request."""

    user: User | None
    via: Via
    request_id: str = ""


def author(user: User | None = None) -> Author:
    """Who signed the request that this thread answers; ``user`` where nobody has, as in a command."""
    request = current.request()
    if request is None:
        return Author(user, Via.COMMAND)
    signed = getattr(request, "user", None)
    known = signed if signed is not None and signed.is_authenticated else user
    return Author(known, _via(request), getattr(request, "request_id", ""))


def _via(request: HttpRequest) -> Via:
    if request.path_info.startswith("/admin/"):
        return Via.ADMIN
    if getattr(getattr(request, "user", None), "api_key_id", None) is not None:
        return Via.API_KEY
    return Via.TOKEN if request.META.get("HTTP_AUTHORIZATION", "")[:7].lower() == "bearer " else Via.SESSION


def audit_entry(
    *,
    kind: Kind,
    action: Action,
    target: UUID,
    label: str,
    team: UUID | RawSQL,
    project: UUID | None = None,
    changes: Sequence[Change] = (),
    user: User | None = None,
    is_typed: bool = False,
) -> Statement:
    """The INSERT of an entry, to be written within the transaction of what it tells.

    ``team`` may be SQL, for who knows the project alone. ``is_typed`` marks what is saved as it is typed:
    such entries of one person on one target are read as one. Nothing secret may be among ``changes``.
    """
    by = author(user)
    who = by.user.pk if by.user else None
    of_team, given = (team.sql, team.params) if isinstance(team, RawSQL) else ("%s", [team])
    return Statement(
        _INSERT.format(team=of_team),
        [
            *given, project, who, by.user.display_name if by.user else "", by.via, by.request_id, kind, action,
            target, label, orjson.dumps(list(changes)).decode(), _burst(target, who) if is_typed else None,
        ],
    )  # fmt: skip


# Written out: every save of a scenario ends with it, and put together from a model it takes four times as long.
_INSERT = """
    INSERT INTO accounts_auditentry
        (team, project, actor, actor_name, via, request_id, kind, action, target, label, changes, burst)
    VALUES ({team}, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s)
"""


def _burst(target: UUID, who: UUID | None) -> UUID:
    text = f"{target}:{who}:{int(time.time() // BURST_S)}"
    return UUID(bytes=hashlib.blake2b(text.encode(), digest_size=16).digest())


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What differs between two rows, by column."""
    return [
        {"path": name, "before": before.get(name), "after": after.get(name)}
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]


def changes_merged(steps: Iterable[Sequence[Change]]) -> list[Change]:
    """Changes made one after another as one: from the first before to the last after.

    What came back to where it began is left out.
    """
    found: dict[str, Change] = {}
    for step in steps:
        for change in step:
            first = found.setdefault(change["path"], change)
            found[change["path"]] = {**first, "after": change["after"]}
    return [change for change in found.values() if change["before"] != change["after"]]


def entries_merged(entries: list[AuditEntry]) -> list[AuditEntry]:
    """``entries`` (of ``AuditQuerySet.for_list``), each standing for its burst so far; a query more, if any has one.

    Changes are then from the first before to the last after, ``since`` is when the first was made and ``saves`` their
    number.
    """
    bursts = {entry.burst for entry in entries if entry.burst}
    steps = AuditEntry.objects.filter(burst__in=bursts).order_by("burst", "team", "pk") if bursts else ()
    runs = {key: list(run) for key, run in groupby(steps, lambda step: (step.burst, step.team))}
    for entry in entries:
        run = [step for step in runs.get((entry.burst, entry.team), ()) if step.pk <= entry.pk] or [entry]
        entry.since, entry.saves = run[0].at, len(run)
        if len(run) > 1:
            entry.changes = changes_merged(step.changes for step in run)
    return entries


def audit_prune(*, years: int) -> int:
    """Delete entries older than ``years`` and say how many; the database refuses to let go of the last two years'."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM accounts_auditentry WHERE at < statement_timestamp() - make_interval(years => %s)", [years]
        )
        return cursor.rowcount
