"""What a calculation says, in a real browser: charts that are drawn, traces by keyboard, the difference of two runs."""

import re
from datetime import datetime, timedelta

from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.people import Person
from tests.browser.walks import arrived

# Of each chart more than a thousand points are painted.
PAINTED = """() => [...document.querySelectorAll(".chart canvas")].every((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((value, at) => at % 4 === 3 && value).length > 1000;
})"""
# Where the word of the payback ends below, its left and its right, where the lines end above, and the width of it all.
MARK = """() => {
  const plot = echarts.getInstanceByDom(document.getElementById("chart-cash-flow"));
  const words = plot.getZr().storage.getDisplayList();
  const word = words.find((one) => one.style && String(one.style.text).startsWith("Payback"));
  const box = word.getBoundingRect().clone();
  box.applyTransform(word.getComputedTransform());
  const { y } = plot.getModel().getComponent("grid").coordinateSystem.getRect();
  return [box.y + box.height, box.x, box.x + box.width, y, plot.getWidth()];
}"""
CHARTS = 5


def result(person: Person, **inputs: object) -> tuple[Page, str]:
    """The result of a new scenario, open; and its id."""
    scenario = person.scenario(person.project(), **inputs)
    person.page.goto(f"/scenarios/{scenario}/result")
    return person.page, scenario


def test_charts_are_drawn_and_say_the_same_in_words(person: Person) -> None:
    page, _ = result(person)
    expect(page.locator(".chart canvas")).to_have_count(CHARTS)

    page.wait_for_function(PAINTED)
    for chart in page.locator("[data-chart]").all():
        assert re.search(r"\d", chart.get_attribute("aria-label") or "")
    page.emulate_media(media="print")
    page.wait_for_function(PAINTED)
    page.emulate_media(media="screen")
    axe.check(page)


def test_why_opens_level_by_level_with_the_keyboard_alone(person: Person) -> None:
    page, _ = result(person)
    why = page.get_by_role("link", name="Why? Levelised cost", exact=True)
    why.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Why: Levelised cost")
    expect(dialog).to_contain_text("(OPEX + TCI × CRF) / production")

    for name in ("Levelised cost of a year", "Total OPEX", "Feedstock cost"):
        level = dialog.locator("summary").filter(has_text=name)
        level.focus()
        page.keyboard.press("Enter")
    expect(dialog.get_by_text("Price at the gate; below zero for a gate fee.")).to_be_visible()
    axe.check(page)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(why).to_be_focused()


def test_search_in_a_trace_keeps_what_is_typed(person: Person) -> None:
    page, _ = result(person)
    # What is put into the page is taken up in that very moment: no time passes before somebody types.
    page.clock.install()
    page.clock.pause_at(datetime.now() + timedelta(hours=1))
    page.get_by_role("link", name="Why? Net present value").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Search in it")).to_be_visible()
    dialog.get_by_label("Search in it").press_sequentially("hydrogen")
    page.clock.resume()

    expect(dialog.locator(".match").first).to_be_visible()
    expect(dialog.get_by_label("Search in it")).to_have_value("hydrogen")
    expect(dialog.get_by_label("Search in it")).to_be_focused()
    dialog.get_by_role("button", name="Close all").click()
    expect(dialog.locator(".match")).to_have_count(0)


def test_number_is_copied_to_its_last_digit(person: Person) -> None:
    page, scenario = result(person)
    exact = person.ask("GET", f"scenarios/{scenario}/calculate/status")["technoEconomics"]["lcop"]
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(".kpi data").nth(2).click(click_count=3)
    page.keyboard.press("Control+c")

    assert float(page.evaluate("() => navigator.clipboard.readText()")) == exact


def test_cash_flow_switches_to_the_owners_and_is_downloaded(person: Person) -> None:
    page, _ = result(person, finance={"debt": {"share": 0.6}})
    expect(page.get_by_role("columnheader", name="Loan drawn")).to_have_count(0)
    page.get_by_role("button", name="Owners (levered)").click()

    expect(page.get_by_role("columnheader", name="Loan drawn")).to_have_count(1)
    expect(page.locator("#cash-flow .chart canvas")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert download.value.suggested_filename == "base-case-cash-flow-levered.csv"


def test_inputs_narrow_as_one_types(person: Person) -> None:
    page, _ = result(person, plant={"capacity": 250_000})
    rows = page.locator("#inputs-table tbody tr:not(.group)")
    expect(rows).to_have_count(3)
    page.get_by_label("Which inputs").select_option("all")
    expect(rows.nth(40)).to_be_visible()
    page.get_by_label("Search the inputs").press_sequentially("discount")

    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Discount rate")
    expect(page.locator("#inputs-count")).to_have_text(re.compile(r"^1 of \d+$"))


def test_two_runs_are_picked_and_their_difference_is_shown(person: Person) -> None:
    page, scenario = result(person)
    person.ask("POST", f"scenarios/{scenario}/calculate/sync", {"inputs": {
        "pathway": "HEFA-SPK", "country": "MYS", "plant": {"capacity": 250_000},
    }})  # fmt: skip
    page.goto(f"/scenarios/{scenario}/history")
    axe.check(page)
    page.get_by_role("button", name="Show what changed").click()

    row = page.get_by_role("row").filter(has_text="Capacity")
    expect(row).to_contain_text("500,000 t/year")
    expect(row).to_contain_text("250,000 t/year")
    expect(page.get_by_role("row").filter(has_text="Carbon intensity")).to_contain_text("the same")


def test_page_that_waits_shows_the_result_by_itself(person: Person) -> None:
    page = person.page
    scenario = person.scenario(person.project(), calculated=False)
    page.goto(f"/scenarios/{scenario}/result")
    expect(page.get_by_role("heading", name="Not calculated yet")).to_be_visible()
    person.ask("POST", f"scenarios/{scenario}/calculate", {})
    page.reload()

    expect(page.locator(".kpi data").first).to_be_visible()


def test_all_of_it_comes_out_on_paper(person: Person) -> None:
    """Sheets are counted before charts are drawn for them, and what these push beyond the last one is lost."""
    _, scenario = result(person)

    def sheets(width: int) -> int:
        page = person.sit_down(viewport={"width": width, "height": 900})
        page.goto(f"/scenarios/{scenario}/result")
        expect(page.locator(".chart canvas")).to_have_count(CHARTS)
        arrived(page)
        return len(re.findall(rb"/Type /Page\b", page.pdf(format="A4", prefer_css_page_size=True)))

    # One that is as wide as paper has its charts drawn for it from the beginning.
    assert sheets(1280) == sheets(718) > 4


def test_mark_of_the_payback_is_told_above_the_lines(person: Person) -> None:
    """On a phone, too, where it would lie over them."""
    scenario = person.scenario(person.project())
    page = person.sit_down(viewport={"width": 390, "height": 844})
    page.goto(f"/scenarios/{scenario}/result")
    expect(page.locator(".chart canvas")).to_have_count(CHARTS)

    foot, left, right, top_of_lines, width = page.evaluate(MARK)

    assert foot <= top_of_lines
    assert 0 <= left < right <= width
