"""Pages of forms as a browser sees and sends them."""

import html
import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client

from scenarios.models import Scenario


class _Controls(HTMLParser):
    """The successful controls of the form with an id, but its buttons."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self.form, self.is_inside, self.is_off = form, False, False
        self.found: dict[str, str] = {}
        self.select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.is_inside = given.get("id") == self.form
        if not self.is_inside:
            return
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "select":
            self.select = name
            self.found.setdefault(name, "\0")
        elif tag == "option" and self.select is not None:
            if "selected" in given or self.found[self.select] == "\0":
                self.found[self.select] = value
        elif tag == "input" and name and (given.get("type") != "radio" or "checked" in given):
            self.found[name] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = None
        elif tag == "form":
            self.is_inside = False


def controls(response: HttpResponse, form: str = "editor") -> dict[str, str]:
    """What a browser would send that shows the page of ``response``."""
    found = _Controls(form)
    found.feed(response.content.decode())
    return found.found


def states(response: HttpResponse) -> Mapping[str, Any]:
    """What an answer says of each field, by path."""
    found = re.search(r'id="states"[^>]*>(.*?)</script>', response.content.decode(), re.DOTALL)
    assert found is not None
    fields: Mapping[str, Any] = json.loads(found[1])["fields"]
    return fields


def text_of(response: HttpResponse) -> str:
    """The words of a page, one space between them."""
    bare = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", bare.replace("\n", " "))))


def send(
    page: Client, scenario: Scenario, *, action: str = "save", base: Any = None, is_plain: bool = False,
    **controls: str,
) -> HttpResponse:  # fmt: skip
    """Send a form as a browser does that was shown ``base``, else what is saved; controls by their names."""
    if base is None:
        base = inputs_of(scenario)
    data = {"base": json.dumps(base), "action": action, **controls}
    answer = page.post(f"/scenarios/{scenario.pk}", data, headers={} if is_plain else {"hx-request": "true"})
    assert isinstance(answer, HttpResponse)
    return answer


def inputs_of(scenario: Scenario) -> dict[str, Any]:
    return dict(Scenario.objects.get(pk=scenario.pk).inputs)
