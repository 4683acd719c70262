"""People at their browsers."""

import http.client
import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.watching import Watch

# What a browser has not shown by then, on the slowest machine, it never will.
PATIENCE_MS = 90_000
HEFA = {"pathway": "HEFA-SPK", "country": "MYS"}


class Person:
    """Somebody with an account, signed in: ``page`` in a browser, ``ask`` through the API."""

    def __init__(self, browser: Browser, port: int, *, email: str, name: str, facts: dict[str, str]) -> None:
        self.email = email
        self.name = name
        self.id = facts["id"]
        self.port = port
        self._browser = browser
        self._facts = facts
        self._seats: list[tuple[BrowserContext, Watch]] = []
        self._page: Page | None = None

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def page(self) -> Page:
        """Their one page, opened on first use."""
        if self._page is None:
            self._page = self.sit_down()
        return self._page

    @property
    def watch(self) -> Watch:
        """Over the page last opened."""
        assert self.page
        return self._seats[-1][1]

    @property
    def watches(self) -> list[Watch]:
        """Over each of their seats."""
        return [watch for _, watch in self._seats]

    def sit_down(self, *, signed_in: bool = True, **options: Any) -> Page:
        """A page in a browser of its own, as on another device. Options are those of a browser context."""
        # Without motion nothing has to be waited for, and colours are measured when they are there.
        options = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", **options}
        context = self._browser.new_context(base_url=self.origin, **options)
        context.set_default_timeout(PATIENCE_MS)
        self._seats.append((context, Watch(context, self.origin)))
        if signed_in:
            context.add_cookies([{"name": "sessionid", "value": self._facts["session"], "url": self.origin}])
        return context.new_page()

    def leave(self) -> list[Watch]:
        """Close everything; what was seen meanwhile."""
        for context, _ in self._seats:
            context.close()
        return self.watches

    def ask(self, method: str, path: str, body: Any = None, *, expected: tuple[int, ...] = (200, 201, 202, 204)) -> Any:
        """The answer of the API to this person, as JSON."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_MS / 1000)) as connection:
            headers = {"Authorization": f"Bearer {self._facts['token']}", "Content-Type": "application/json"}
            connection.request(method, f"/api/v1/{path}", None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read()
        assert answer.status in expected, content.decode()
        return json.loads(content) if content else None

    def project(self, name: str = "Kerteh", **fields: Any) -> str:
        """A project of this person; its id."""
        return self.ask("POST", "projects", {"name": name, **fields})["id"]

    def share_link(self, project: str) -> dict[str, Any]:
        """A link for a month that shows a project of this person; its ``token`` among others."""
        soon = (datetime.now(UTC) + timedelta(days=30)).isoformat()
        return self.ask("POST", f"projects/{project}/share-links", {"name": "For the bank", "expiresAt": soon})

    def scenario(self, project: str, name: str = "Base case", *, calculated: bool = True, **inputs: Any) -> str:
        """A scenario on HEFA in Malaysia with these inputs; its id."""
        made = self.ask("POST", f"projects/{project}/scenarios", {"name": name, "inputs": {**HEFA, **inputs}})
        if calculated:
            result = self.ask("POST", f"scenarios/{made['id']}/calculate/sync", {})
            assert result["status"] == "calculated", result
        return made["id"]
