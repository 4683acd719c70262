"""Audit entries as sentences for people: who did what to what, from what to what.

An app says how its own values are called and written (``worded``); names and numbers stand as they were then.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from accounts.choices import Action, Kind, Role, Via
from accounts.models import AuditEntry

# Of one entry; the rest is counted, and stands in its list of changes.
MOST_TOLD = 3
# As the audit keeps a point in time.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")

# The name and the text of a value at a path.
type Wording = Callable[[str, Any], tuple[str, str]]

_wordings: dict[str, Wording] = {}


def worded(kind: Kind, wording: Wording) -> None:
    """Have the changes of entries of ``kind`` put into words by ``wording(path, value)``. Call from ready()."""
    _wordings[kind] = wording


def sentence(entry: AuditEntry) -> str:
    """What happened, without when: ``Ana changed Discount rate from 10 % to 8 % in scenario Base``."""
    who = entry.actor_name or ("A command" if entry.via == Via.COMMAND else "Somebody")
    return f"{who} {_deed(entry)}"


def _deed(entry: AuditEntry) -> str:
    kind, label = entry.get_kind_display().lower(), entry.label
    if told := _DEEDS.get((entry.kind, entry.action)):
        role: dict[str, Any] = next((change for change in entry.changes if change["path"] == "role"), {})
        return told.format(
            label=label, before=_value(entry, role.get("path", ""), role.get("before")),
            after=_value(entry, role.get("path", ""), role.get("after")),
        )  # fmt: skip
    match entry.action:
        case Action.CREATED:
            source = next((change["after"] for change in entry.changes if change["path"] == "copyOf"), None)
            return f"made {kind} {label}" + (f" as a copy of {source}" if source else "")
        case Action.DELETED:
            return f"deleted {kind} {label}"
        case Action.MOVED:
            return f"moved {kind} {label} {_from_to(entry, entry.changes[0])}"
    if not entry.changes:
        return f"changed {kind} {label} and put it back as it was"
    return f"{_changes(entry)} in {kind} {label}"


_DEEDS: dict[tuple[str, str], str] = {
    (Kind.MEMBER, Action.CREATED): "added {label} as {after}",
    (Kind.MEMBER, Action.CHANGED): "changed the role of {label} from {before} to {after}",
    (Kind.MEMBER, Action.DELETED): "removed {label}, who was {before}",
    (Kind.MEMBER, Action.LEFT): "left the team as {before}",
    (Kind.MEMBER, Action.ACCEPTED): "accepted an invitation and joined as {after}",
    (Kind.INVITATION, Action.CREATED): "invited {label} as {after}",
    (Kind.INVITATION, Action.REVOKED): "took back the invitation of {label}",
    (Kind.INVITATION, Action.RESENT): "sent the invitation of {label} again",
    (Kind.SHARE_LINK, Action.CREATED): "made the share link {label}",
    (Kind.SHARE_LINK, Action.REVOKED): "revoked the share link {label}",
}  # fmt: skip


def _changes(entry: AuditEntry) -> str:
    told = [_change(entry, change) for change in entry.changes[:MOST_TOLD]]
    rest = len(entry.changes) - len(told)
    if rest:
        told.append(f"made {rest} more change{'s' if rest > 1 else ''}")
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"


def _change(entry: AuditEntry, change: dict[str, Any]) -> str:
    name, _ = words(entry, change["path"], None)
    if change["before"] in (None, ""):
        return f"set {name} to {_value(entry, change['path'], change['after'])}"
    if change["after"] in (None, ""):
        return f"took away {name}, which was {_value(entry, change['path'], change['before'])}"
    return f"changed {name} {_from_to(entry, change)}"


def _from_to(entry: AuditEntry, change: dict[str, Any]) -> str:
    before, after = (_value(entry, change["path"], change[when]) for when in ("before", "after"))
    return f"from {before} to {after}"


def _value(entry: AuditEntry, path: str, value: Any) -> str:
    return words(entry, path, value)[1]


def words(entry: AuditEntry, path: str, value: Any) -> tuple[str, str]:
    """What is at ``path`` called, and its value as it is written for people."""
    return _wordings.get(entry.kind, _plain)(path, value)


def _plain(path: str, value: Any) -> tuple[str, str]:
    return spaced(path), Role(value).label.lower() if path == "role" and value in Role.values else text_of(value)


def spaced(name: str) -> str:
    """``discountRate`` as words: ``Discount rate``."""
    words_ = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return words_[:1].upper() + words_[1:]


def text_of(value: Any) -> str:
    """A value of JSON as people write it; what has parts is not spelled out."""
    match value:
        case None | "":
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case float() | int():
            return f"{value:,.10g}"
        case {"value": number, **rest}:
            return " ".join(filter(None, (text_of(number), str(rest.get("unit") or ""))))
        case list() if value and all(isinstance(item, str | int | float) for item in value):
            return ", ".join(map(text_of, value))
        case list() | dict():
            return f"{len(value)} value{'' if len(value) == 1 else 's'}"
    return _moment(value) or str(value)


def _moment(value: Any) -> str:
    """A point in time as people write it; empty for what is none, though it may look like one."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return ""
    try:
        return f"{datetime.fromisoformat(value).astimezone(UTC):%-d %b %Y, %H:%M} UTC"
    except (ValueError, OverflowError):
        return ""
