"""What comes over the line for a page, as Chromium counts it: bytes of bodies as they were sent."""

import pytest
from playwright.sync_api import Page, Response

from tests.browser.people import Person

FIRST_VISIT, NEXT_PAGE = 400_000, 30_000
ALL_FETCHED_AHEAD = """() => [...document.querySelectorAll("link[rel=prefetch]")].every(
  (link) => performance.getEntriesByName(link.href).some((entry) => entry.responseEnd > 0))"""


@pytest.fixture
def addresses(person: Person) -> list[str]:
    """One of every kind of page, from where everybody begins."""
    project = person.project()
    scenario = person.scenario(project)
    for price in (1000, 1100, 1200, 1300):
        person.scenario(project, f"At {price}", feedstocks=[{"feedstock": "Used cooking oil", "price": price}])
    team = person.ask("GET", f"projects/{project}")["team"]["id"]
    return [
        "/projects", f"/projects/{project}", f"/scenarios/{scenario}", f"/scenarios/{scenario}/result",
        f"/scenarios/{scenario}/trace/lcop?all=1", f"/scenarios/{scenario}/history", f"/projects/{project}/comparison",
        "/master-data", "/master-data/designs", "/account", "/account/sessions", "/account/keys",
        "/teams", f"/teams/{team}",
    ]  # fmt: skip


def weight(page: Page, address: str) -> int:
    """Bytes of all that a page asks for."""
    answers: list[Response] = []

    def note(answer: Response) -> None:
        answers.append(answer)

    page.on("response", note)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    # What the next page will need is asked for when there is nothing else to do, which may take its time.
    page.wait_for_function(ALL_FETCHED_AHEAD)
    page.remove_listener("response", note)
    assert len(answers) > 1
    # Of what the browser has kept, Chromium counts the headers that did not come as missing.
    return sum(max(0, one.request.sizes()["responseBodySize"]) for one in answers)


def test_a_first_visit_is_light_and_every_page_after_it_lighter(person: Person, addresses: list[str]) -> None:
    """What draws charts, the largest file, comes with the pages that lead to those with charts."""
    first, *others = ((address, weight(person.page, address)) for address in addresses)

    assert 100_000 < first[1] < FIRST_VISIT, first
    assert [one for one in others if not 1_000 < one[1] < NEXT_PAGE] == []


def test_who_is_led_straight_to_a_result_waits_for_little_more(person: Person, addresses: list[str]) -> None:
    (result,) = (address for address in addresses if address.endswith("/result"))

    assert weight(person.page, result) < FIRST_VISIT
