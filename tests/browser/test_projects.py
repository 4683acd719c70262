"""Projects in a real browser: from nothing to a comparison, and what changes in place."""

import re

from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.people import Person
from tests.browser.walks import arrived


def test_the_example_begins_with_one_button(page: Page) -> None:
    page.goto("/")
    axe.check(page)
    page.get_by_role("button", name="Start the HEFA example").click()

    expect(page).to_have_url(re.compile(r"/scenarios/[0-9a-f-]{36}$"))
    expect(page.get_by_text("Used cooking oil").first).to_be_visible()


def test_a_project_of_ones_own_leads_to_the_inputs_of_its_first_scenario(page: Page) -> None:
    page.goto("/projects/new")
    page.get_by_label("Name").fill("Kerteh")
    page.get_by_role("button", name="Create project").click()
    expect(page.get_by_label("Pathway")).to_be_visible()
    arrived(page)
    page.get_by_label("Pathway").select_option("ATJ-SPK")
    # The feedstocks of that pathway have come, and what was typed has stayed.
    expect(page.locator("#id_feedstock optgroup").first).to_have_attribute("label", re.compile("ATJ-SPK"))
    expect(page.get_by_label("Name")).to_have_value("Base case")
    axe.check(page)
    page.get_by_role("button", name="Continue to its inputs").click()

    expect(page).to_have_url(re.compile(r"/scenarios/[0-9a-f-]{36}$"))


def test_the_list_narrows_as_one_types_and_back_leads_back(person: Person) -> None:
    page = person.page
    for name in ("Kerteh HEFA", "Kerteh alcohol", "Rotterdam"):
        person.project(name)
    page.goto("/projects")
    rows = page.locator("#projects tbody tr")
    expect(rows).to_have_count(3)

    page.get_by_label("Search by name").press_sequentially("kert")
    expect(rows).to_have_count(2)
    expect(page).to_have_url(re.compile(r"/projects\?search=kert$"))
    page.get_by_label("Order").select_option("name")
    expect(page).to_have_url(re.compile(r"order=name"))
    page.get_by_role("link", name="Kerteh alcohol").click()
    page.go_back()
    expect(page.get_by_label("Search by name")).to_have_value("kert")
    expect(rows).to_have_count(2)
    page.go_back()
    expect(page).to_have_url(re.compile(r"/projects\?search=kert$"))
    expect(rows).to_have_count(2)


def test_the_head_is_edited_in_place_and_a_conflict_loses_nothing(person: Person) -> None:
    page = person.page
    project = person.project("Kerteh")
    page.goto(f"/projects/{project}")
    page.get_by_role("button", name="Edit").or_(page.get_by_role("link", name="Edit")).first.click()
    expect(page.get_by_label("Name")).to_have_value("Kerteh")
    person.ask("PATCH", f"projects/{project}", {"name": "Theirs"})
    person.watch.expect("status of 412")
    page.get_by_label("Name").fill("Mine")
    page.get_by_label("Progress").fill("40")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("alert")).to_contain_text("Name: Theirs")
    expect(page.get_by_label("Name")).to_have_value("Mine")
    page.get_by_role("button", name="Save").click()
    # This is not said for long.
    expect(page.locator("#said")).to_have_text("Saved.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mine")
    assert person.ask("GET", f"projects/{project}")["progress"] == 0.4


def test_cards_show_by_themselves_what_the_worker_has_done(person: Person) -> None:
    page = person.page
    project = person.project()
    for name in ("One", "Two"):
        person.scenario(project, name, calculated=False)
    page.goto(f"/projects/{project}")
    page.get_by_role("button", name="Calculate all drafts").click()

    expect(page.locator("article.scenario .tag.calculated")).to_have_count(2)
    expect(page.locator("#clock")).not_to_have_attribute("hx-get", re.compile("."))
    expect(page.locator("article.scenario dl")).to_have_count(2)
    axe.check(page)


def test_a_card_moves_by_keyboard(person: Person) -> None:
    page = person.page
    project = person.project()
    for name in ("One", "Two"):
        person.scenario(project, name, calculated=False)
    page.goto(f"/projects/{project}")
    menu = page.get_by_label("More actions for Two")
    menu.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Move up").nth(0).focus()
    page.keyboard.press("Enter")

    expect(page.locator("article.scenario h3")).to_have_text(["Two", "One"])


def test_ticks_change_the_comparison_and_its_address(person: Person) -> None:
    page = person.page
    project = person.project()
    ids = [
        person.scenario(project, "Base"),
        person.scenario(project, "Half the size", plant={"capacity": 250_000}),
        person.scenario(project, "Dear oil", feedstocks=[{"feedstock": "Used cooking oil", "price": 1200}]),
    ]
    page.goto(f"/projects/{project}/comparison")
    columns = page.locator("table.compared").first.locator("thead th")
    expect(columns).to_have_count(4)
    expect(page.locator(".chart canvas")).to_have_count(4)
    axe.check(page)

    page.get_by_role("checkbox", name="Half the size").uncheck()
    expect(columns).to_have_count(3)
    expect(page).to_have_url(re.compile(f"scenarios={ids[0]},{ids[2]}$"))
    expect(page.locator(".chart canvas")).to_have_count(4)
    page.get_by_role("switch", name="Differences to the first").check()
    expect(page.locator("table.compared").first).to_contain_text("%")
    expect(page).to_have_url(re.compile("differences=1"))
    page.go_back()
    expect(page.get_by_role("checkbox", name="Half the size")).not_to_be_checked()
    expect(page.get_by_role("switch", name="Differences to the first")).not_to_be_checked()


def test_a_project_is_deleted_by_its_name(person: Person) -> None:
    page = person.page
    person.watch.expect("status of 422")
    project = person.project("Kerteh")
    page.goto(f"/projects/{project}/delete")
    page.get_by_label("To confirm").fill("kerte")
    page.get_by_role("button", name="Delete the project").click()
    expect(page.get_by_role("alert")).to_contain_text("not the name")
    axe.check(page)
    page.get_by_label("To confirm").fill("Kerteh")
    page.get_by_role("button", name="Delete the project").click()

    expect(page.get_by_text("“Kerteh” was deleted.")).to_be_visible()
