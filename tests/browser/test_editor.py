"""The editor of a scenario as people use it: by mouse and keyboard, alone and two at once."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import axe
from tests.browser.people import Person
from tests.factories import PASSWORD
from tests.stack.product import wait_for


def control(page: Page, path: str) -> Locator:
    return page.locator(f'[id="f-{path}"]')


def saved(page: Page) -> None:
    expect(page.locator("#saved")).to_have_text("Saved")


@pytest.fixture
def scenario(person: Person) -> str:
    return person.scenario(person.project())


def test_what_is_typed_is_saved_previewed_undone_and_done_again(person: Person, scenario: str) -> None:
    page = person.page
    page.goto(f"/scenarios/{scenario}")
    before = page.locator("#live").inner_text()

    control(page, "plant.capacity").fill("250,000")
    saved(page)

    expect(page.locator("#live")).to_contain_text("Changes are against the result")
    assert page.locator("#live").inner_text() != before
    expect(page.locator('[data-field="plant.capacity"] .mark')).to_be_visible()
    page.reload()
    expect(control(page, "plant.capacity")).to_have_value("250,000")
    page.get_by_role("button", name="Undo").click()
    expect(control(page, "plant.capacity")).to_have_value("")
    page.get_by_role("button", name="Redo").click()
    expect(control(page, "plant.capacity")).to_have_value("250,000")


def test_a_choice_is_sent_at_once_and_once(person: Person, scenario: str) -> None:
    page = person.page
    page.goto(f"/scenarios/{scenario}")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method) if request.method == "POST" else None)
    # Where time stands still, the pause in typing that is waited for never comes.
    page.clock.install()
    page.clock.pause_at(datetime.now() + timedelta(hours=1))

    control(page, "feedstocks[0].corsiaRow").select_option("lard fat")
    saved(page)
    page.clock.run_for(1000)

    expect(page.locator('[data-field="feedstocks[0].corsiaRow"] .mark')).to_be_visible()
    assert sent == ["POST"]


def test_figures_follow_the_typing_and_what_is_typed_is_saved_in_a_pause(person: Person, scenario: str) -> None:
    page = person.page
    page.goto(f"/scenarios/{scenario}")
    capital = page.locator("#live dd data").first
    before = capital.get_attribute("value")
    page.clock.install()
    page.clock.pause_at(datetime.now() + timedelta(hours=1))

    control(page, "plant.capacity").press_sequentially("25")
    expect(page.locator("#live")).to_contain_text("Changes are against the result")
    of_25 = capital.get_attribute("value")
    control(page, "plant.capacity").press_sequentially("0,000")
    expect(capital).not_to_have_attribute("value", of_25)
    expect(capital).not_to_have_attribute("value", before)

    assert "plant" not in person.ask("GET", f"scenarios/{scenario}")["inputs"]
    page.clock.run_for(1000)
    saved(page)
    assert person.ask("GET", f"scenarios/{scenario}")["inputs"]["plant"]["capacity"] == 250_000


def test_a_fault_is_told_at_its_field_and_found_from_the_preview(person: Person, scenario: str) -> None:
    page = person.page
    page.goto(f"/scenarios/{scenario}")

    control(page, "plant.loadHours").fill("plenty")

    expect(page.locator('[id="p-plant.loadHours"]')).to_have_text("Must be a number, such as 1250 or 0.85.")
    expect(control(page, "plant.loadHours")).to_have_value("plenty")
    page.locator(".faults a").first.click()
    expect(control(page, "plant.loadHours")).to_be_focused()


def test_the_keyboard_alone_changes_and_calculates(person: Person) -> None:
    page = person.page
    scenario = person.scenario(person.project(), calculated=False)
    page.goto(f"/scenarios/{scenario}")

    control(page, "feedstocks[0].price").focus()
    page.keyboard.type("1100")
    page.keyboard.press("Control+Enter")

    expect(page.locator("#status-tag")).to_have_text("Calculated")
    expect(page.locator("#run")).to_contain_text("See the result")
    assert person.ask("GET", f"scenarios/{scenario}")["inputs"]["feedstocks"][0]["price"] == 1100


def test_the_second_of_two_people_is_told_and_loses_nothing(person: Person, scenario: str) -> None:
    first, second = person.page, person.sit_down()
    person.watch.expect("412")
    for page in (first, second):
        page.goto(f"/scenarios/{scenario}")
    control(first, "plant.capacity").fill("300000")
    saved(first)

    control(second, "plant.capacity").fill("280000")
    control(second, "finance.taxRate").evaluate("(field) => field.closest('details.group').open = true")
    control(second, "finance.taxRate").fill("11")

    notice = second.locator("#notice")
    expect(notice).to_contain_text("changed this scenario")
    expect(notice).to_contain_text("300,000 t/year")
    expect(notice).to_contain_text("11 %")
    notice.get_by_role("row", name=re.compile("Capacity")).get_by_role("radio").nth(1).check()
    notice.get_by_role("button", name="Save what is chosen").click()
    expect(notice.locator("section")).to_have_count(0)
    kept = person.ask("GET", f"scenarios/{scenario}")["inputs"]
    assert (kept["plant"]["capacity"], kept["finance"]["taxRate"]) == (280_000, 0.11)


def test_what_was_typed_last_is_kept_when_the_page_is_left_at_once(person: Person, scenario: str) -> None:
    page = person.page
    page.goto(f"/scenarios/{scenario}")

    control(page, "plant.capacity").fill("123000")
    page.goto(f"/scenarios/{scenario}")

    wait_for(lambda: person.ask("GET", f"scenarios/{scenario}")["inputs"].get("plant") == {"capacity": 123_000})
    page.reload()
    expect(control(page, "plant.capacity")).to_have_value("123,000")


def test_who_is_signed_out_meanwhile_signs_in_elsewhere_and_goes_on(new_person: Callable[..., Person]) -> None:
    person = new_person(password=PASSWORD)
    page = person.page
    scenario = person.scenario(person.project(), calculated=False)
    page.goto(f"/scenarios/{scenario}")
    page.wait_for_load_state("load")
    person.watch.expect("401")
    page.context.clear_cookies(name="sessionid")

    control(page, "plant.capacity").fill("123000")

    expect(page.locator("#said")).to_contain_text("You are signed out.")
    expect(page.locator("#saved")).to_have_text("Not saved")
    expect(control(page, "plant.capacity")).to_have_value("123000")
    other = page.context.new_page()
    other.goto("/login")
    other.get_by_label("E-mail address").fill(person.email)
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("heading", name="Projects")).to_be_visible()
    control(page, "plant.loadHours").fill("7500")
    saved(page)
    plant = person.ask("GET", f"scenarios/{scenario}")["inputs"]["plant"]
    assert plant == {"capacity": 123_000, "loadHours": 7500}


def test_every_term_explains_itself_by_keyboard(person: Person, scenario: str) -> None:
    page = person.page
    page.goto(f"/scenarios/{scenario}")
    about = page.locator("details.help")

    assert about.count() > 50
    asked = about.locator("summary").filter(visible=True).first
    asked.focus()
    page.keyboard.press("Enter")
    told = page.locator("details.help[open] p")
    expect(told).to_have_count(1)
    expect(told).to_have_text(re.compile(r"\w{3,} .*\."))
    axe.check(page)


def test_another_pathway_is_announced_and_chosen(person: Person, scenario: str) -> None:
    page = person.page
    page.goto(f"/scenarios/{scenario}")

    control(page, "pathway").select_option("FT-SPK")

    expect(page.locator("#notice")).to_contain_text("defaults change")
    page.get_by_role("button", name="Change it").click()
    expect(control(page, "pathway")).to_have_value("FT-SPK")
    expect(page.locator("#notice section")).to_have_count(0)
