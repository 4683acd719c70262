"""What goes wrong in a browser and nobody sees: errors of the console, of scripts, of requests, of the CSP."""

import re

from playwright.sync_api import BrowserContext, ConsoleMessage, Request

REPORT = """
document.addEventListener("securitypolicyviolation", (event) => window.reportRefusal(
  `${event.violatedDirective} refused ${event.blockedURI} (${event.sourceFile}:${event.lineNumber}) ${event.sample}`));
"""


class Watch:
    """Collects the faults of all pages of a context. ``expect`` those that a test brings about."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.faults: list[str] = []
        self._origin = origin
        self._expected: list[str] = []
        context.on("console", self._console)
        context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))
        context.on("request", self._request)
        context.on("requestfailed", self._request_failed)
        context.expose_binding("reportRefusal", lambda source, words: self.faults.append(f"CSP: {words}"))
        context.add_init_script(REPORT)

    def expect(self, pattern: str) -> None:
        """A fault that matches is the test's own doing. One that never comes fails the test as well."""
        self._expected.append(pattern)

    def check(self) -> None:
        """Errors: AssertionError naming every fault that was not expected and every expected one that did not come."""
        missed = [pattern for pattern in self._expected if not any(re.search(pattern, fault) for fault in self.faults)]
        others = self.unexpected()
        assert not others, "\n".join(["the browser had something to say:", *others])
        assert not missed, f"expected in the browser, and not seen: {missed}"

    def unexpected(self) -> list[str]:
        return [fault for fault in self.faults if not any(re.search(pattern, fault) for pattern in self._expected)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(f"console: {message.text} ({message.location.get('url')})")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self._origin}/", "data:", "blob:")):
            self.faults.append(f"request to another place: {request.url}")

    def _request_failed(self, request: Request) -> None:
        # What is under way when a page is left is broken off.
        if (failure := request.failure) != "net::ERR_ABORTED":
            self.faults.append(f"request: {request.method} {request.url} {failure}")
