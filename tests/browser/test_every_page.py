"""Every page that links lead to from the start: nothing goes wrong in it, and everybody can use it.

New pages are found by the links to them; nothing has to be added here.
"""

import re
from collections import Counter
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import Resolver404, resolve
from playwright.sync_api import Page, TimeoutError

from tests.browser import axe
from tests.browser.people import Person

# The API and its description look as their packages have it; the admin is Django's.
NOT_OURS = ("/api/", "/admin/", "/static/")
LINKS = "() => [...document.querySelectorAll('a[href]:not([download])')].map(a => a.href.split('#')[0])"
FITS = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
# A path on the wire (carbon.blendShare), a unit as it is sent.
WIRE = re.compile(r"\b[a-z]+\.[a-z]+[A-Z]\w*|\w*CO2e\S*")
# Charts are drawn anew after the window has changed its size.
REDRAWN_MS = 20_000
# A list links to each of its records, and to itself in every order: two of a kind are looked at.
OF_A_KIND = 2
PHONE = {"width": 390, "height": 844}
WIDE = {"width": 1920, "height": 1080}
DESK = {"width": 1280, "height": 900}


def test_every_page_is_sound(person: Person) -> None:
    """No fault in the browser (the fixture checks that), no grave problem of axe, no sideways scrolling on a phone."""
    ada = person
    project = ada.project()
    ada.scenario(project)
    ada.scenario(project, "Half the size", plant={"capacity": 250_000})
    ada.scenario(project, "Not calculated yet", calculated=False)

    waiting, seen = ["/"], Counter[tuple[str, ...]]()
    found: list[str] = []
    looked_at: list[str] = []
    while waiting:
        address = waiting.pop(0)
        answer = ada.page.context.request.get(address)
        found += [] if answer.ok else [f"{address}: status {answer.status}"]
        if not answer.ok or not answer.headers["content-type"].startswith("text/html"):
            continue
        found += problems(ada.page, address)
        looked_at.append(address)
        for link in ada.page.evaluate(LINKS):
            kind = kind_of(link, ada.origin)
            if kind is not None and seen[kind] < OF_A_KIND and link not in waiting and link not in looked_at:
                seen[kind] += 1
                waiting.append(link)

    assert not found, "\n".join(found)
    assert len(looked_at) > len({"/", "/logout"}), looked_at


def problems(page: Page, address: str) -> list[str]:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    if urlsplit(page.url).path.startswith(NOT_OURS):
        return []
    found = axe.problems(page)
    found += [f"names for programs: {word}" for word in WIRE.findall(page.locator("main").inner_text())]
    for size in (PHONE, WIDE):
        page.set_viewport_size(size)
        try:
            page.wait_for_function(FITS, timeout=REDRAWN_MS)
        except TimeoutError:
            found.append(f"scrolls sideways at {size['width']} px")
    page.set_viewport_size(DESK)
    return [f"{page.url}: {problem}" for problem in found]


def kind_of(link: str, origin: str) -> tuple[str, ...] | None:
    """Pages of one kind are made by one view of the same query; None for what is not looked at."""
    parts = urlsplit(link)
    if f"{parts.scheme}://{parts.netloc}" != origin or parts.path.startswith(NOT_OURS):
        return None
    try:
        view = resolve(parts.path).view_name
    except Resolver404:
        pytest.fail(f"a link leads nowhere: {link}")
    return (view, *sorted(parse_qs(parts.query)))
