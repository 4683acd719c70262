"""Who signs each request, without asking the database again: a copy of the user under the version of its tag.

Whatever a user is (name, rights, roles) is one tag, ``user:<id>``; who changes any of it replaces that version, and the
next request reads anew. A copy lasts a minute at most, for changes that came by another way than this code.
"""

import time
import zlib
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.core.cache import cache
from django.db.models import Q, Value

from accounts.models import User
from config.cache import versions
from config.cache.rows import row_tag

LIFETIME_S = 60
MOST_KEPT = 2_000
# All but the password's hash, which no request reads; in the order of the model, as from_db takes them.
_FIELDS = tuple(field.attname for field in User._meta.concrete_fields if field.attname != "password")


def user_tag(key: object) -> str:
    return row_tag("user", key)


def team_tag(key: object) -> str:
    return row_tag("team", key)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A user as of one version: the columns that requests read, and the teams the user is a member of."""

    columns: tuple[Any, ...]
    tag: str
    team_tags: tuple[str, ...]
    until: float

    def user(self) -> User:
        """A user of one's own for each request, which a view may change without harm."""
        user = User.from_db("default", _FIELDS, self.columns)
        user.cache_tag = self.tag
        user.team_tags = self.team_tags
        return user


# Part of the key: beside another release, which keeps copies of another shape, neither reads the other's.
_SHAPE = zlib.crc32(repr((*(field.name for field in fields(Snapshot)), *_FIELDS)).encode())


class _Kept:
    """The snapshots this process used last, each with the key that names its version."""

    def __init__(self) -> None:
        self._snapshots: OrderedDict[UUID, tuple[str, Snapshot]] = OrderedDict()

    def get(self, key: UUID) -> tuple[str, Snapshot] | None:
        return self._snapshots.get(key)

    def put(self, key: UUID, name: str, snapshot: Snapshot) -> None:
        self._snapshots[key] = name, snapshot
        # Another thread may have dropped the oldest meanwhile.
        with suppress(KeyError):
            while len(self._snapshots) > MOST_KEPT:
                self._snapshots.popitem(last=False)


_kept = _Kept()


def likely_tags(key: UUID) -> tuple[str, ...]:
    """The tags that a request of this user asks for in all likelihood, to be read in one round trip."""
    kept = _kept.get(key)
    return (kept[1].tag, *kept[1].team_tags) if kept else (user_tag(key),)


def active_user(key: UUID, known: versions.Versions | None) -> User | None:
    """The user with this id who may sign in, as of the version in ``known``; None when there is none.

    Without versions (the cache is away) the database is asked.
    """
    if known is None:
        return User.objects.filter(pk=key, is_active=True).first()
    name = ":".join(known[tag].decode() for tag in (versions.EPOCH, user_tag(key)))
    snapshot = _snapshot(key, name)
    return None if snapshot is None else snapshot.user()


def _snapshot(key: UUID, name: str) -> Snapshot | None:
    kept, now = _kept.get(key), time.time()
    if kept is not None and kept[0] == name and kept[1].until > now:
        return kept[1]
    shared = f"signed-in:{_SHAPE}:{key}:{name}"
    found: Snapshot | None = cache.get(shared)
    if found is None or found.until <= now:
        found = _read(key)
        if found is None:
            return None
        cache.set(shared, found, LIFETIME_S)
    _kept.put(key, name, found)
    return found


def _read(key: UUID) -> Snapshot | None:
    teams = ArrayAgg("memberships__team_id", filter=Q(memberships__isnull=False), default=Value([]))
    row = User.objects.filter(pk=key, is_active=True).annotate(team_ids=teams).values_list(*_FIELDS, "team_ids").first()
    if row is None:
        return None
    *columns, team_ids = row
    return Snapshot(tuple(columns), user_tag(key), tuple(map(team_tag, team_ids)), time.time() + LIFETIME_S)
