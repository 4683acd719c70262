"""What somebody may deal with, as found for the API and the pages alike."""

from functools import cache as once
from typing import Any
from uuid import UUID, uuid4

from django.db.models import FETCH_RAISE, QuerySet
from django.http import Http404

from config.database.compiled import CompiledRows, compiled_rows
from projects import sharing
from projects.models import Project
from scenarios.models import Scenario

# The address of what is shared is its secret: it is told to nobody who is linked to, and to no search engine.
UNTOLD = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


def shared_project(token: str) -> Project:
    """The project that a link shows, whose use is noted. Raises Http404 where it shows none, or no longer."""
    link = sharing.share_link_find(token=token) if len(token) <= 100 else None
    if link is None:
        raise Http404
    sharing.share_link_used(link=link)
    return link.project


def locked_scenario(user: Any, key: UUID | str) -> Scenario:
    """A scenario that ``user`` sees, with ``my_role`` and ``masterdata_version``, locked until the transaction ends.

    Raises Http404 where there is none.
    """
    try:
        values = {"user": user.pk, "key": UUID(str(key))}
    except ValueError:
        raise Http404 from None
    scenario = _locking().first(values)
    if scenario is None:
        raise Http404
    return scenario


@once
def _locking() -> CompiledRows[Scenario]:
    """Put together once: every calculation begins with it."""

    def rows(user: UUID, key: UUID) -> QuerySet[Scenario, Scenario]:
        visible = Scenario.objects.visible_to(user).with_masterdata_version().fetch_mode(FETCH_RAISE)
        return visible.filter(pk=key).select_for_update(of=("self",)).order_by()

    return compiled_rows({"user": uuid4(), "key": uuid4()}, rows)
