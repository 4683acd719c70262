"""A running product and the people in it, and the browser they look at it with."""

import itertools
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from config.embedded import place
from tests.browser.backstage import Backstage
from tests.browser.people import Person
from tests.stack.product import Product, wait_for

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
MISSING = (
    f"These tests look at the pages in Debian's Chromium, and there is none at {CHROMIUM}:"
    " apt-get install chromium, or name another one in CHROMIUM."
)
# What Django writes below each; until then the rest of it is still to come.
END_OF_LETTER = b"-" * 79 + b"\n"
LINK = re.compile(r"https?://\S+token=\S+")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
ENVIRONMENT = {"RATELIMIT_ENABLE": "0", "DEMO": "0", "WORKER_CONCURRENCY": "1"}


class House:
    """``new_person()`` makes somebody with an account who is signed in."""

    def __init__(self, product: Product, backstage: Backstage, browser: Browser, letters: Path) -> None:
        self.product = product
        self.letters = letters
        self.backstage = backstage
        self.browser = browser
        self._numbers = itertools.count(1)

    def new_person(self, *, name: str = "Ada", password: str | None = None, staff: bool = False) -> Person:
        """Somebody whom nobody knew before; ``password`` is needed to sign in by hand alone."""
        email = f"{name.lower()}{next(self._numbers)}@example.com"
        facts = self.backstage.ask("person", email=email, name=name, password=password, staff=staff)
        return Person(self.browser, self.product.port, email=email, name=name, facts=facts)

    def link_in_letter(self, to: str) -> str:
        """The link in the one letter that the worker sends to an address; waits for it."""
        found: list[str] = []

        def has_come() -> bool:
            for file in self.letters.glob("*"):
                written = file.read_bytes()
                if not written.endswith(END_OF_LETTER):
                    continue
                letter = message_from_bytes(written.removesuffix(END_OF_LETTER), policy=policy.default)
                body = letter.get_body(("plain",)) if letter["To"] == to else None
                found.extend(LINK.findall(body.get_content()) if body is not None else ())
            return bool(found)

        wait_for(has_come)
        assert len(found) == 1, found
        return found[0]

    def new_team(self, name: str, **members: Person) -> str:
        """A team of people by their role, ``owner=ada, editor=ben``; its id."""
        emails = {person.email: role for role, person in members.items()}
        return self.backstage.ask("team", name=name, members=emails)["id"]


@contextmanager
def open_browser() -> Iterator[Browser]:
    """For any number of houses, one after another or at once.

    Errors: FileNotFoundError with a sentence where there is none.
    """
    if not Path(CHROMIUM).exists():
        raise FileNotFoundError(MISSING)
    options: dict[str, Any] = {"executable_path": CHROMIUM, "args": list(ARGUMENTS)}
    with sync_playwright() as playwright, playwright.chromium.launch(**options) as browser:
        yield browser


@contextmanager
def open_house(browser: Browser, **environment: str) -> Iterator[House]:
    """The whole product on servers of its own, looked at in ``browser``; gone afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="safapac-browser-")))
        folder.chmod(0o755)
        stack.callback(place.remove, folder / "var")
        letters = folder / "letters"
        settings = {**ENVIRONMENT, "MAIL_URL": f"file://{letters}", **environment}
        product = stack.enter_context(Product(folder / "var", environment=settings))
        product.up()
        backstage = stack.enter_context(Backstage(product.environment))
        yield House(product, backstage, browser, letters)
