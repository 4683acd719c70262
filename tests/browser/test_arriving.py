"""The first two minutes of somebody who has never been here: from registering to a result."""

import re

from playwright.sync_api import Page, Route, expect

from tests.browser.house import House
from tests.browser.people import Person
from tests.browser.walks import arrived, calculate, field, fill, is_save
from tests.factories import PASSWORD
from tests.stack.product import wait_for

NEWCOMER = "newcomer@example.com"


def test_from_registering_to_a_result(person: Person, house: House) -> None:
    """Nothing is known beforehand but the address of the product: every step is a link or a button that is seen."""
    page = person.sit_down(signed_in=False)

    register(page)
    page.goto(house.link_in_letter(NEWCOMER))
    page.get_by_role("main").get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Your address is confirmed. Sign in.")).to_be_visible()
    sign_in(page)
    expect(page.get_by_role("heading", name="Begin with an example")).to_be_visible()
    page.get_by_role("button", name="Start the HEFA example").click()
    expect(page.locator("#editor")).to_be_visible()
    fill(page, "plant.capacity", "250000")
    calculate(page)
    page.get_by_role("button", name="See the result").click()

    expect(page.get_by_role("heading", name="Levelised cost", exact=True)).to_be_visible()
    assert len(page.locator(".kpi data").all()) > 10
    expect(page.locator(".chart canvas").first).to_be_visible()
    expect(page.locator("#inputs-table")).to_contain_text("250,000 t/year")


def test_an_address_that_is_not_confirmed_leads_back_to_the_letter(person: Person, house: House) -> None:
    page = person.sit_down(signed_in=False)
    register(page, email="hasty@example.com")

    sign_in(page, email="hasty@example.com")

    expect(page.get_by_role("alert")).to_contain_text("Confirm your e-mail address first")
    expect(page.get_by_role("link", name="Send the mail again")).to_be_visible()


def test_what_is_typed_before_the_scripts_are_there_is_saved(person: Person) -> None:
    page = person.page
    scenario = person.scenario(person.project(), calculated=False)
    held: list[Route] = []
    page.route("**/editor*.js", lambda route: held.append(route))

    page.goto(f"/scenarios/{scenario}", wait_until="commit")
    control = page.locator('[id="f-plant.capacity"]')
    control.fill("123000")
    wait_for(lambda: bool(held) or bool(page.wait_for_timeout(20)))
    (route,) = held
    with page.expect_response(is_save):
        route.continue_()

    expect(page.locator("#saved")).to_have_text("Saved")
    assert person.ask("GET", f"scenarios/{scenario}")["inputs"]["plant"]["capacity"] == 123_000


def test_a_column_of_a_spreadsheet_is_pasted(person: Person) -> None:
    page = person.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    scenario = person.scenario(person.project(), calculated=False)
    page.goto(f"/scenarios/{scenario}")
    arrived(page)
    page.evaluate("() => navigator.clipboard.writeText('50\\r\\n75\\r\\n90\\r\\n')")

    field(page, "plant.utilisation").focus()
    page.keyboard.press("Control+v")

    expect(page.locator('[data-field="plant.utilisation"]')).to_contain_text("3 of 20 years given")
    expect(page.locator("#saved")).to_have_text("Saved")
    assert person.ask("GET", f"scenarios/{scenario}")["inputs"]["plant"]["utilisation"] == [0.5, 0.75, 0.9]


def register(page: Page, email: str = NEWCOMER) -> None:
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name="Register").click()
    page.get_by_label("Name").fill("Noor")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label(re.compile("^Password")).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Register").click()
    expect(page.get_by_role("heading", name="Read your mail")).to_be_visible()


def sign_in(page: Page, email: str = NEWCOMER) -> None:
    page.goto("/login")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
