"""The pages that say no, as a person meets them: each is our own, says what is the matter, and leads on."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Response, expect

from config.templatetags.ages import wait as wait_words
from tests.browser import axe, refusals
from tests.browser.house import House, open_house
from tests.browser.people import Person


@pytest.fixture(scope="module")
def strict_house(chromium: Browser) -> Iterator[House]:
    """A product that counts who asks how often; by the day, so that next to no count ends within a test."""
    rates = {name: rate.replace("/m", "/d") for name, rate in refusals.RATES.items()}
    with open_house(chromium, **rates) as house:
        yield house


@pytest.fixture
def guest(strict_house: House) -> Iterator[Person]:
    """Somebody in that house."""
    person = strict_house.new_person()
    yield person
    for watch in person.leave():
        watch.check()


def test_a_page_that_breaks_says_so_and_works_again_once_it_is_mended(person: Person, house: House) -> None:
    page = person.page
    person.watch.expect("500")
    person.project("Kerteh")

    answer = refusals.breakage(house, page, {})

    assert answer is not None
    assert answer.status == 500
    expect(page.get_by_role("heading", name="Something broke")).to_be_visible()
    # By this the person who looks into it finds it in the log.
    expect(page.locator("main code")).to_have_text(answer.headers["x-request-id"])
    # Whoever is signed in is not asked to sign in.
    expect(page.get_by_role("link", name="Sign in")).to_have_count(0)
    axe.check(page)
    page.get_by_role("link", name="To the start").click()
    expect(page.get_by_role("link", name="Kerteh")).to_be_visible()


def test_a_part_of_a_page_that_breaks_is_told_and_the_page_stays(person: Person, house: House) -> None:
    page = person.page
    person.watch.expect("500")
    person.project("Kerteh")
    page.goto("/projects")

    with refusals.broken(house):
        page.get_by_label("Search by name").press_sequentially("ke")
        expect(page.locator("#said")).to_contain_text("Something broke on our side and has been recorded.")

    expect(page.get_by_role("link", name="Kerteh")).to_be_visible()
    expect(page.get_by_label("Search by name")).to_have_value("ke")


def test_who_guesses_passwords_is_told_when_to_come_back(guest: Person, strict_house: House) -> None:
    page = guest.sit_down(signed_in=False)
    guest.watches[-1].expect("429")

    answer = refusals.too_many_guesses(strict_house, page, {})

    assert answer is not None
    expect(page.get_by_role("alert")).to_contain_text(f"Too many attempts. Try again in {wait(answer)}.")
    expect(page.get_by_label("E-mail address")).to_have_value("somebody@example.com")
    axe.check(page)


def test_who_asks_too_often_is_told_when_to_come_back(guest: Person, strict_house: House) -> None:
    link = guest.share_link(guest.project())
    page = guest.sit_down(signed_in=False)
    guest.watches[-1].expect("429")

    answer = refusals.too_many_requests(strict_house, page, link)

    assert answer is not None
    expect(page.get_by_role("heading", name="Too many requests")).to_be_visible()
    expect(page.get_by_text(f"try again in {wait(answer)}.")).to_be_visible()
    axe.check(page)


def test_who_types_faster_than_figures_follow_is_told_beside_them_and_loses_nothing(guest: Person) -> None:
    scenario = guest.scenario(guest.project())
    page = guest.page
    guest.watches[-1].expect("429")
    page.goto(f"/scenarios/{scenario}")
    page.wait_for_load_state("load")
    # Where time stands still, the pause in typing that is waited for never comes.
    page.clock.install()
    page.clock.pause_at(datetime.now() + timedelta(hours=1))
    capacity = page.locator('[id="f-plant.capacity"]')
    waits = page.locator("#waits")

    for digits in ("11", "12", "13", "14"):
        with page.expect_response(lambda answer: answer.url.endswith("/preview")):
            capacity.fill(f"{digits}0000")

    expect(waits).to_contain_text("They follow as soon as you pause, or in")
    expect(page.locator("#said")).to_have_text("")
    expect(page.locator("#live")).to_contain_text("Changes are against the result")
    expect(capacity).to_have_value("140000")
    page.clock.run_for(1000)
    expect(page.locator("#saved")).to_have_text("Saved")
    expect(waits).to_be_empty()
    assert guest.ask("GET", f"scenarios/{scenario}")["inputs"]["plant"]["capacity"] == 140_000


def wait(answer: Response) -> str:
    """How long the page is to say that one waits."""
    return wait_words(int(answer.headers["retry-after"]))
