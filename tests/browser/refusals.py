"""Pages that say no, each brought about in a browser the way it comes about, for tests and `make screenshots`."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, Response

from tests.browser.house import House

NOWHERE = "/projects/00000000-0000-4000-8000-000000000000"
# Of a house in which there are refusals: few requests bring them about.
RATES = {"RATELIMIT_ENABLE": "1", "RATE_ANON": "20/m", "RATE_TYPING": "2/m"}
MOST_ASKED = 60


@contextmanager
def broken(house: House) -> Iterator[None]:
    """The table of projects is away, so that whatever asks for one breaks."""
    house.backstage.ask("put_away", table="projects_project")
    try:
        yield
    finally:
        house.backstage.ask("put_back", table="projects_project")


def not_found(house: House, page: Page, there: Mapping[str, Any]) -> Response | None:
    return page.goto(NOWHERE)


def forbidden(house: House, page: Page, there: Mapping[str, Any]) -> Response | None:
    """Whoever may only read asks to delete."""
    return page.goto(f"/projects/{there['read_only']}/delete")


def breakage(house: House, page: Page, there: Mapping[str, Any]) -> Response | None:
    with broken(house):
        return page.goto("/projects")


def too_many_requests(house: House, page: Page, there: Mapping[str, Any]) -> Response | None:
    return _until_refused(lambda: page.goto(f"/shared/{there['token']}"))


def too_many_guesses(house: House, page: Page, there: Mapping[str, Any]) -> Response | None:
    page.goto("/login")

    def guess() -> Response:
        page.get_by_label("E-mail address").fill("somebody@example.com")
        page.get_by_label("Password").fill("a guess")
        with page.expect_navigation() as sent:
            page.keyboard.press("Enter")
        return sent.value

    return _until_refused(guess)


def _until_refused(ask: Callable[[], Response | None]) -> Response | None:
    """A minute may end meanwhile, and with it the count."""
    for _ in range(MOST_ASKED):
        answer = ask()
        if answer is not None and answer.status == 429:
            return answer
    raise AssertionError(f"not refused after {MOST_ASKED} requests")


@dataclass(frozen=True)
class Refusal:
    """``come_about`` brings a page to it; ``status`` is what the browser says of that in its console."""

    file: str
    status: int
    come_about: Callable[[House, Page, Mapping[str, Any]], Response | None]
    signed_in: bool = True


REFUSALS = (
    Refusal("refusal-403", 403, forbidden),
    Refusal("refusal-404", 404, not_found),
    Refusal("refusal-429", 429, too_many_requests, signed_in=False),
    Refusal("refusal-429-sign-in", 429, too_many_guesses, signed_in=False),
    Refusal("refusal-500", 500, breakage),
)
