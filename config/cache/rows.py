"""Which versions a changed row outdates, said once for each model, however the row is saved or deleted.

Changes that no row announces (``QuerySet.update``, bulk writes) are their service's to announce.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.db.models.signals import post_delete, post_save

from config.cache import versions

# Written at each sign-in, and shown nowhere.
_UNSHOWN = frozenset({"last_login"})


def row_tag(kind: str, key: object) -> str:
    """The tag of a row, however its id is written: a URL may carry it in capitals, or without hyphens."""
    if not isinstance(key, UUID):
        with suppress(ValueError):
            key = UUID(str(key))
    return f"{kind}:{key}"


def outdates[M: Model](model: type[M], tags: Callable[[M], Iterable[str]]) -> None:
    """Replace the versions of ``tags(row)`` whenever a row of ``model`` is saved or deleted. Call from ready()."""

    def changed(instance: M, update_fields: Iterable[str] | None = None, **_: Any) -> None:
        if update_fields is None or not _UNSHOWN.issuperset(update_fields):
            versions.replace(*tags(instance))

    for signal in (post_save, post_delete):
        signal.connect(changed, sender=model, weak=False)
