"""What everybody may look up: the master data, and money in a currency of one's own."""

import re

from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.people import Person
from tests.browser.walks import arrived


def test_a_figure_is_found_with_its_source_and_its_history(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Master data").click()
    page.get_by_role("link", name="Feedstocks").click()
    rows = page.get_by_role("region", name="Figures").get_by_role("row")
    expect(page).to_have_url(re.compile("feedstocks"))
    arrived(page)
    many = rows.count()

    page.get_by_role("searchbox", name="Search").press_sequentially("tallow")

    expect(page.get_by_role("status")).to_have_text(re.compile("figures? with “tallow”"))
    assert 1 < rows.count() < many
    expect(page).to_have_url(re.compile("q=tallow"))
    page.get_by_role("link", name="Tallow").first.click()
    expect(page.get_by_role("heading", name="Tallow")).to_be_visible()
    expect(page.get_by_text("ICAO SAF rules of thumb").first).to_be_visible()
    axe.check(page)
    page.get_by_role("link", name="Who changed it, and when").click()
    expect(page.get_by_text("with the data files of the product").first).to_be_visible()


def test_a_result_is_read_in_ringgit_at_a_dated_rate(person: Person) -> None:
    page = person.page
    scenario = person.scenario(person.project())
    page.goto(f"/scenarios/{scenario}/result")
    cost = page.get_by_role("article").filter(has=page.get_by_role("heading", name="Levelised cost", exact=True))
    dollars = float(cost.locator("data").first.get_attribute("value") or 0)

    with page.expect_navigation():
        page.get_by_label("Currency").select_option("MYR")

    expect(cost).to_contain_text("MYR/t")
    ringgit = float(cost.locator("data").first.get_attribute("value") or 0)
    assert 3 < ringgit / dollars < 6
    told = page.get_by_text("Money is shown in MYR at a fixed rate")
    expect(told).to_contain_text(re.compile(r"\b20\d\d\b"))
    expect(page.locator("#cash-flow")).to_contain_text("M MYR")
    exact = person.ask("GET", f"scenarios/{scenario}/calculate/status")["technoEconomics"]["lcop"]
    assert exact == dollars
    page.goto(f"/scenarios/{scenario}")
    expect(page.get_by_text("Inputs are in US dollars; results are shown in MYR.")).to_be_visible()
