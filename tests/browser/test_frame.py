"""What every page has: the menu, the currency, light and dark, the way in, and a page for what is not there."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.house import House
from tests.browser.people import Person
from tests.factories import PASSWORD

# A page of the frame alone.
PLAIN = "/logout"
BACKGROUND = "() => getComputedStyle(document.documentElement).backgroundColor"
# How light what is written is, from 0 to 255.
INK = """() => {
  const { color } = getComputedStyle(document.querySelector(".kpi data"));
  return Math.max(...color.match(/[0-9]+/g).slice(0, 3).map(Number));
}"""
FOCUSED = "() => document.activeElement.textContent.trim()"
IS_MARKED = "() => (s => s.outlineStyle !== 'none' || s.boxShadow !== 'none')(getComputedStyle(document.activeElement))"


def test_signing_in_by_hand_leads_in_and_out_again(new_person: Callable[..., Person]) -> None:
    person = new_person(password=PASSWORD)
    page = person.sit_down(signed_in=False)

    page.goto("/logout")
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    axe.check(page)
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: not url.endswith("/login"))
    page.goto("/logout")
    expect(page.get_by_text(f"You are signed in as {person.email}.")).to_be_visible()
    axe.check(page)
    page.get_by_role("button", name="Sign out").click()

    expect(page).to_have_url(f"{person.origin}/login")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_wrong_password_is_told_and_the_address_kept(new_person: Callable[..., Person]) -> None:
    person = new_person(password=PASSWORD)
    page = person.sit_down(signed_in=False)

    page.goto("/login")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill("something else")
    page.keyboard.press("Enter")

    expect(page.get_by_role("alert")).to_contain_text("correct e-mail address")
    expect(page.get_by_label("E-mail address")).to_have_value(person.email)
    axe.check(page)


def test_the_chosen_currency_is_kept(page: Page) -> None:
    page.goto(PLAIN)
    with page.expect_navigation():
        page.get_by_label("Currency").select_option("EUR")
    expect(page.get_by_label("Currency")).to_have_value("EUR")
    page.goto(PLAIN)

    expect(page.get_by_label("Currency")).to_have_value("EUR")


def test_light_or_dark_is_remembered(page: Page) -> None:
    page.goto(PLAIN)
    light = page.evaluate(BACKGROUND)
    page.get_by_role("button", name="Light or dark").click()
    dark = page.evaluate(BACKGROUND)
    page.reload()

    assert dark != light
    assert page.evaluate(BACKGROUND) == dark
    page.get_by_role("button", name="Light or dark").click()
    assert page.evaluate(BACKGROUND) == light


def test_paper_is_white_whatever_the_screen_was(person: Person) -> None:
    scenario = person.scenario(person.project())
    page = person.page
    page.goto(f"/scenarios/{scenario}/result")
    expect(page.locator(".chart canvas").first).to_be_visible()
    page.get_by_role("button", name="Light or dark").click()
    dark = page.evaluate(BACKGROUND)

    page.emulate_media(media="print")

    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert page.evaluate(BACKGROUND) != dark
    assert page.evaluate(INK) < 100
    page.emulate_media(media="screen")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate(BACKGROUND) == dark


def test_what_is_closed_on_the_screen_is_open_on_paper(person: Person) -> None:
    scenario = person.scenario(person.project())
    page = person.page
    page.goto(f"/scenarios/{scenario}")
    closed = page.locator("details.group:not([open])").count()

    page.emulate_media(media="print")

    assert closed > 3
    expect(page.locator("details.group:not([open])")).to_have_count(0)
    expect(page.get_by_label("Name of the scenario")).to_be_visible()
    page.emulate_media(media="screen")
    expect(page.locator("details.group:not([open])")).to_have_count(closed)


def test_what_is_not_there_is_a_page_with_a_way_back(person: Person) -> None:
    page = person.page
    person.watch.expect("404")

    answer = page.goto("/nowhere")

    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", name="Not found")).to_be_visible()
    axe.check(page)
    assert page.get_by_role("link", name="To the start").get_attribute("href") == "/"


def test_what_one_may_not_do_is_a_page_that_says_why(new_person: Callable[..., Person], house: House) -> None:
    ada, ben = new_person(name="Ada"), new_person(name="Ben")
    project = ada.project(team=house.new_team("Kerteh", owner=ada, viewer=ben))
    ben.watch.expect("403")

    answer = ben.page.goto(f"/projects/{project}/delete")

    assert answer is not None
    assert answer.status == 403
    expect(ben.page.get_by_role("heading", name="Not allowed")).to_be_visible()
    expect(ben.page.get_by_text("Your role in the team only lets you read.")).to_be_visible()
    axe.check(ben.page)


def test_a_form_of_before_is_refused_by_a_page_of_our_own(person: Person) -> None:
    person.watch.expect("403")
    page = person.page
    page.goto("/teams")
    page.evaluate("() => document.querySelector('main form [name=csrfmiddlewaretoken]').value = 'x'.repeat(64)")
    page.get_by_label("Name").fill("Kerteh")

    page.get_by_role("button", name="Make a team").click()

    expect(page.get_by_role("heading", name="This form is no longer valid")).to_be_visible()
    axe.check(page)


def test_the_menu_works_without_a_mouse(person: Person) -> None:
    page = person.page
    page.goto(PLAIN)

    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "To the content"
    expect(page.get_by_role("link", name="To the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()

    page.goto(PLAIN)
    menu = page.locator("details.dropdown")
    reached = []
    while not reached or reached[-1] != person.name:
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))
        assert len(reached) < 20, reached
    assert page.evaluate(IS_MARKED)
    page.keyboard.press("Enter")
    expect(menu.get_by_role("link", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu.get_by_role("link", name="Sign out")).to_be_hidden()
    assert page.evaluate(FOCUSED) == person.name

    page.keyboard.press("Enter")
    while page.evaluate(FOCUSED) != "Sign out":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{person.origin}/logout")
    assert "SAFAPAC" in reached
