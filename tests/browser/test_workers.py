"""Workers that are away or die, as the pages tell it: nothing is lost, and no page is loaded anew."""

import os
import signal

from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.house import House
from tests.browser.people import Person
from tests.browser.walks import calculate, no_worker, worker_asleep
from tests.stack.product import wait_for

STAYS = "() => { window.isSamePage = true; }"
STAYED = "() => window.isSamePage === true"


def test_every_page_that_offers_to_calculate_says_that_no_worker_is_alive(person: Person, house: House) -> None:
    project = person.project()
    scenario = person.scenario(project)
    draft = person.scenario(project, "Draft", calculated=False)
    paths = (
        f"projects/{project}",
        f"scenarios/{draft}",
        f"scenarios/{scenario}/result",
        f"scenarios/{scenario}/history",
    )
    page = person.page
    pages = [page, *(person.sit_down() for _ in paths[1:])]

    with no_worker(house.product):
        for one, path in zip(pages, paths, strict=True):
            wait_for(lambda one=one, path=path: has_banner(one, path))
            expect(one.locator(".banner")).to_contain_text("No worker is running, so calculations wait.")
        axe.check(page)
        pages[1].get_by_role("button", name="Calculate").click()
        expect(pages[1].locator("#run")).to_contain_text("your run waits and is kept")
        for one in pages:
            one.evaluate(STAYS)

    for one in pages:
        expect(one.locator(".banner")).to_have_count(0)
        assert one.evaluate(STAYED)
    expect(pages[1].get_by_role("button", name="See the result")).to_be_visible()
    page.reload()
    expect(page.locator(".banner")).to_have_count(0)


def has_banner(page: Page, path: str) -> bool:
    page.goto(f"/{path}")
    return page.locator(".banner").count() == 1


def test_a_worker_killed_in_the_middle_of_a_run_is_told_and_its_run_tried_again(person: Person, house: House) -> None:
    page, backstage = person.page, house.backstage
    scenario = person.scenario(person.project(), calculated=False)
    page.goto(f"/scenarios/{scenario}")
    page.evaluate(STAYS)
    with worker_asleep(house.product):
        page.get_by_role("button", name="Calculate").click()
        expect(page.get_by_role("progressbar", name="Calculating")).to_be_visible()
        backstage.ask("hold", scenario=scenario)
    try:
        first = runner(house, scenario, attempt=1)
        os.kill(first, signal.SIGKILL)

        expect(page.locator("#run")).to_contain_text("attempt 2 of 3", ignore_case=True)
        axe.check(page)
        assert runner(house, scenario, attempt=2) != first
    finally:
        backstage.ask("let_go")

    expect(page.get_by_role("button", name="See the result")).to_be_visible()
    assert page.evaluate(STAYED)
    runs = person.ask("GET", f"scenarios/{scenario}/calculations")["items"]
    assert [(run["state"], run["attempt"]) for run in runs] == [("succeeded", 2)]
    calculate_again(page)


def runner(house: House, scenario: str, *, attempt: int) -> int:
    """The process that is at an attempt, once one is."""
    found: dict[str, int] = {}

    def is_at_it() -> bool:
        found.update(house.backstage.ask("runner", scenario=scenario))
        return found["attempt"] == attempt and found["pid"] is not None

    wait_for(is_at_it)
    return found["pid"]


def calculate_again(page: Page) -> None:
    """Whoever took the place of the dead works for the next one as well."""
    page.locator('[id="f-plant.capacity"]').fill("240000")
    expect(page.locator("#run")).to_contain_text("Changed since")
    calculate(page)
