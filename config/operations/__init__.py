"""Pages for operators, beside the admin's models. The front page of the admin lists those that a person may open.

An app registers its own from ``AppConfig.ready`` or beside its admin.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True, kw_only=True)
class Page:
    """``route`` is the name of its URL; ``may_open`` is asked about people who are staff already."""

    title: str
    route: str
    description: str
    may_open: Callable[[HttpRequest], bool]


_pages: list[Page] = []


def register(page: Page) -> None:
    _pages.append(page)


def pages_for(request: HttpRequest) -> list[Page]:
    """The pages this person may open, by title."""
    return sorted((page for page in _pages if page.may_open(request)), key=lambda page: page.title)
