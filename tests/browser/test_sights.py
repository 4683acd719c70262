"""The list of pages is complete."""

import uuid
from typing import Any

from django.urls import URLPattern, get_resolver, reverse

from tests.browser.people import Person
from tests.browser.sights import NOT_SEEN, SIGHTS

APPS = ("accounts.urls", "masterdata.urls", "scenarios.urls")
ANYTHING = {"UUIDConverter": uuid.uuid4(), "IntConverter": 1}


def test_every_page_is_among_the_sights(person: Person) -> None:
    """What refuses to be opened takes a form, and is no page."""
    listed = {sight.view for sight in SIGHTS} | NOT_SEEN
    others = [pattern for pattern in addresses() if pattern.name not in listed]

    statuses = {pattern.name: person.page.context.request.get(address(pattern)).status for pattern in others}

    assert "currency" in statuses
    assert [name for name, status in statuses.items() if status != 405] == []


def addresses() -> list[URLPattern]:
    """Those of the apps' own pages."""
    included: list[Any] = [one for one in get_resolver().url_patterns if hasattr(one, "urlconf_name")]
    ours = [one for one in included if getattr(one.urlconf_name, "__name__", "") in APPS]
    assert len(ours) == len(APPS)
    return [pattern for one in ours for pattern in one.url_patterns]


def address(pattern: URLPattern) -> str:
    kinds = {name: type(converter).__name__ for name, converter in pattern.pattern.converters.items()}
    return reverse(str(pattern.name), kwargs={name: ANYTHING.get(kind, "x") for name, kind in kinds.items()})
