"""Who signs each request, without asking the database again: a copy of the user under the version of its tag.

Whatever a user is (name, rights, roles, where they are signed in, their keys) is one tag, ``user:<id>``; who changes
any of it replaces that version, and the next request reads anew. A copy lasts a minute at most, for changes that came
by another way than this code.
"""

import time
import zlib
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cache as once
from typing import Any
from uuid import UUID, uuid4

from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import cache
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import Extract, JSONObject, Now

from accounts import usage
from accounts.choices import KeyScope
from accounts.models import ApiKey, Membership, SignIn, User
from accounts.stamps import stamp_of
from config.cache import versions
from config.cache.rows import row_tag
from config.database.compiled import Compiled, compiled_for

LIFETIME_S = 60
MOST_KEPT = 2_000
# All but the password's hash, which no request reads; in the order of the model, as from_db takes them.
_FIELDS = tuple(field.attname for field in User._meta.concrete_fields if field.attname != "password")


def user_tag(key: object) -> str:
    return row_tag("user", key)


def team_tag(key: object) -> str:
    return row_tag("team", key)


@dataclass(frozen=True, slots=True)
class Key:
    """An API key as requests need it; times in seconds since 1970."""

    id: UUID
    may_write: bool
    expires: float | None
    used: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A user as of one version: the columns that requests read, the teams the user is a member of, and what proves a
    request to be the user's: live sign-ins, each with the time of its last use, and keys by their digest.
    """

    columns: tuple[Any, ...]
    tag: str
    team_tags: tuple[str, ...]
    sign_ins: dict[UUID, float]
    keys: dict[str, Key]
    until: float

    def user(self) -> User:
        """A user of one's own for each request, which a view may change without harm."""
        user = User.from_db("default", _FIELDS, self.columns)
        user.cache_tag = self.tag
        user.team_tags = self.team_tags
        user.known_until = self.until
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


def user_of_sign_in(key: UUID, sign_in: UUID, known: versions.Versions | None) -> User | None:
    """The user with this id, who may sign in and is signed in there, as of the version in ``known``; None otherwise.

    Without versions (the cache is away) the database is asked.
    """
    snapshot = _current(key, known)
    used = None if snapshot is None else snapshot.sign_ins.get(sign_in)
    if snapshot is None or used is None:
        return None
    usage.note(SignIn, sign_in, used)
    user = snapshot.user()
    user.sign_in_id = sign_in
    if known is None:
        user.cache_tag = None
    return user


def user_of_key(key: UUID, digest: str, known: versions.Versions | None) -> tuple[User, Key] | None:
    """Likewise the user with this id and their API key of this digest."""
    snapshot = _current(key, known)
    found = None if snapshot is None else snapshot.keys.get(digest)
    if snapshot is None or found is None or (found.expires is not None and found.expires <= time.time()):
        return None
    usage.note(ApiKey, found.id, found.used)
    user = snapshot.user()
    user.api_key_id = found.id
    if known is None:
        user.cache_tag = None
    return user, found


def _current(key: UUID, known: versions.Versions | None) -> Snapshot | None:
    if known is None:
        return _read(key)
    return _snapshot(key, ":".join(known[tag].decode() for tag in (versions.EPOCH, user_tag(key))))


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


_TEAMS = ArraySubquery(Membership.objects.filter(user=OuterRef("pk")).order_by().values("team_id"))
_SIGN_INS = ArraySubquery(
    SignIn.objects.live()
    .filter(user=OuterRef("pk"))
    .order_by()
    .values(row=JSONObject(id="id", stamp="stamp", used=Extract("last_used_at", "epoch")))
)
_KEYS = ArraySubquery(
    ApiKey.objects.filter(Q(expires_at=None) | Q(expires_at__gt=Now()), user=OuterRef("pk"))
    .order_by()
    .values(
        row=JSONObject(
            id="id",
            digest="digest",
            scope="scope",
            expires=Extract("expires_at", "epoch"),
            used=Extract("last_used_at", "epoch"),
        )
    )
)


@once
def _reading() -> Compiled:
    """Put together once: each request asks it while the cache is away."""

    def users(key: UUID) -> QuerySet[User, Any]:
        found = User.objects.filter(pk=key, is_active=True).annotate(team_ids=_TEAMS, live=_SIGN_INS, keys=_KEYS)
        return found.order_by().values_list(*_FIELDS, "password", "team_ids", "live", "keys")

    return compiled_for({"key": uuid4()}, users)


def _read(key: UUID) -> Snapshot | None:
    rows = _reading().rows({"key": key})
    if not rows:
        return None
    *columns, password, team_ids, live, keys = rows[0]
    stamp = stamp_of(User(password=password))
    return Snapshot(
        columns=tuple(columns),
        tag=user_tag(key),
        team_tags=tuple(map(team_tag, team_ids)),
        sign_ins={UUID(one["id"]): float(one["used"]) for one in live if one["stamp"] == stamp},
        keys={
            one["digest"]: Key(
                id=UUID(one["id"]),
                may_write=one["scope"] == KeyScope.WRITE,
                expires=one["expires"],
                used=one["used"] or 0.0,
            )
            for one in keys
        },
        until=time.time() + LIFETIME_S,
    )
