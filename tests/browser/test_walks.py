"""What people do from arriving to leaving, in a real browser."""

import contextlib
import os
import re
import signal
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.house import House
from tests.browser.people import Person
from tests.browser.walks import arrived, calculate, field, fill, is_save, tab_to, worker_asleep
from tests.factories import PASSWORD
from tests.stack.product import children

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
# As it was typed, or as the server writes it.
QUARTER_MILLION = re.compile("^250,?000$")
WIDTHS = "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"


def sign_in(person: Person, page: Page) -> None:
    page.goto("/")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_from_signing_in_to_the_reason_of_a_result(new_person: Callable[..., Person], size: dict[str, int]) -> None:
    """The two minutes of somebody who has never seen the product."""
    person = new_person(password=PASSWORD)
    page = person.sit_down(signed_in=False, viewport=size)

    sign_in(person, page)
    page.get_by_role("button", name="Start the HEFA example").click()
    expect(page.locator("#editor")).to_be_visible()
    arrived(page)
    before = page.locator("#live").inner_text() if size is DESK else ""
    fill(page, "plant.capacity", "250000")
    if size is DESK:
        expect(page.locator("#live")).not_to_have_text(before)
    calculate(page)
    page.get_by_role("button", name="See the result").click()
    expect(page.get_by_role("heading", name="Figures").or_(page.locator("#figures"))).to_be_visible()
    arrived(page)
    page.locator("#figures a.why").first.click()

    tree = page.get_by_role("dialog")
    expect(tree).to_contain_text("Why")
    expect(tree.locator("#trace-tree")).to_be_visible()
    axe.check(page)
    scroll, client = page.evaluate(WIDTHS)
    assert scroll <= client
    page.keyboard.press("Escape")
    expect(tree).to_be_hidden()


def test_a_change_is_kept_undone_and_done_again(person: Person) -> None:
    page = person.page
    scenario = person.scenario(person.project(), calculated=False)
    page.goto(f"/scenarios/{scenario}")
    capacity = field(page, "plant.capacity")
    default = capacity.input_value()

    fill(page, "plant.capacity", "250000")
    fill(page, "plant.capacity", "300000")
    page.get_by_role("button", name="Undo").click()
    expect(capacity).to_have_value(QUARTER_MILLION)
    page.get_by_role("button", name="Undo").click()
    expect(capacity).to_have_value(default)
    page.get_by_role("button", name="Redo").click()
    expect(capacity).to_have_value(QUARTER_MILLION)
    page.reload()

    expect(capacity).to_have_value(QUARTER_MILLION)
    assert person.ask("GET", f"scenarios/{scenario}")["inputs"]["plant"]["capacity"] == 250_000
    page.get_by_role("button", name="Undo").click()
    expect(capacity).to_have_value(default)


def test_what_cannot_be_is_told_beside_its_field(person: Person) -> None:
    page = person.page
    page.goto(f"/scenarios/{person.scenario(person.project(), calculated=False)}")

    with page.expect_response(is_save):
        field(page, "plant.capacity").fill("-5")

    problem = page.locator('[id="p-plant.capacity"]')
    expect(problem).to_contain_text("above 0")
    expect(field(page, "plant.capacity")).to_have_value("-5")
    expect(field(page, "plant.capacity")).to_have_attribute("aria-invalid", "true")
    axe.check(page)
    fill(page, "plant.capacity", "250000")
    expect(problem).to_be_hidden()


def test_three_scenarios_are_compared(person: Person) -> None:
    page = person.page
    project = person.project()
    for name, capacity in (("Small", 100_000), ("Middle", 250_000), ("Large", 500_000)):
        person.scenario(project, name, plant={"capacity": capacity})

    page.goto(f"/projects/{project}")
    page.get_by_role("link", name="Comparison").click()
    columns = page.get_by_role("region", name="Results by scenario").get_by_role("columnheader")
    expect(columns).to_have_text(["Figure", "Small", "Middle", "Large"])
    expect(page.get_by_text("★ best").first).to_be_visible()
    differing = page.get_by_role("region", name="Inputs that differ, by scenario")
    expect(differing).to_contain_text("Capacity")
    arrived(page)
    page.get_by_role("checkbox", name="Middle").uncheck()

    expect(columns).to_have_text(["Figure", "Small", "Large"])
    axe.check(page)


def test_a_calculation_that_waits_is_cancelled(person: Person, house: House) -> None:
    page = person.page
    scenario = person.scenario(person.project(), calculated=False)
    page.goto(f"/scenarios/{scenario}")

    with worker_asleep(house.product):
        page.get_by_role("button", name="Calculate").click()
        expect(page.get_by_role("progressbar", name="Calculating")).to_be_visible()
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_text("The last calculation was cancelled.")).to_be_visible()

    calculate(page)


def test_a_worker_that_is_killed_costs_no_result(person: Person, house: House) -> None:
    """What it was asked for is taken up by the next one, and the page that waits is told."""
    page = person.page
    scenario = person.scenario(person.project(), calculated=False)
    page.goto(f"/scenarios/{scenario}")

    with worker_asleep(house.product) as supervisor:
        page.get_by_role("button", name="Calculate").click()
        expect(page.get_by_role("progressbar", name="Calculating")).to_be_visible()
        for pid in (supervisor, *children(supervisor)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    expect(page.get_by_role("button", name="See the result")).to_be_visible()
    assert house.product.pid_of("worker") != supervisor
    page.get_by_role("button", name="See the result").click()
    expect(page.locator("#figures")).to_be_visible()


def test_the_second_of_two_who_change_the_same_is_told_and_loses_nothing(
    new_person: Callable[..., Person], house: House
) -> None:
    ada, ben = new_person(name="Ada"), new_person(name="Ben")
    project = ada.project(team=house.new_team("Kerteh", owner=ada, editor=ben))
    scenario = ada.scenario(project, calculated=False)
    ada.page.goto(f"/scenarios/{scenario}")
    ben.page.goto(f"/scenarios/{scenario}")

    fill(ada.page, "plant.capacity", "250000")
    ben.watch.expect("412")
    field(ben.page, "plant.capacity").fill("300000")

    told = ben.page.get_by_role("alert", name="Ada changed this scenario")
    expect(told).to_be_visible()
    expect(told).to_contain_text("250")
    expect(told).to_contain_text("300")
    expect(field(ben.page, "plant.capacity")).to_have_value("300000")
    assert ada.ask("GET", f"scenarios/{scenario}")["inputs"]["plant"]["capacity"] == 250_000
    axe.check(ben.page)
    ben.page.get_by_role("button", name="Keep all of mine").click()

    expect(told).to_be_hidden()
    expect(ben.page.locator("#saved")).to_have_text("Saved")
    assert ada.ask("GET", f"scenarios/{scenario}")["inputs"]["plant"]["capacity"] == 300_000


def test_the_second_of_two_who_change_different_inputs_is_told_and_both_are_kept(
    new_person: Callable[..., Person], house: House
) -> None:
    ada, ben = new_person(name="Ada"), new_person(name="Ben")
    project = ada.project(team=house.new_team("Kerteh", owner=ada, editor=ben))
    scenario = ada.scenario(project, calculated=False)
    ada.page.goto(f"/scenarios/{scenario}")
    ben.page.goto(f"/scenarios/{scenario}")
    ben.watch.expect("412")

    fill(ada.page, "plant.capacity", "250000")
    field(ben.page, "plant.loadHours").fill("7500")
    expect(ben.page.get_by_role("alert", name="Ada changed this scenario")).to_be_visible()
    ben.page.get_by_role("button", name=re.compile("Save what is chosen|Go on with theirs")).click()
    expect(ben.page.locator("#saved")).to_have_text("Saved")

    plant = ada.ask("GET", f"scenarios/{scenario}")["inputs"]["plant"]
    assert (plant["capacity"], plant["loadHours"]) == (250_000, 7500)


def test_from_arriving_to_a_result_without_a_mouse(new_person: Callable[..., Person]) -> None:
    person = new_person(password=PASSWORD)
    page = person.sit_down(signed_in=False)

    page.goto("/")
    expect(page.get_by_label("E-mail address")).to_be_focused()
    page.keyboard.type(person.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Start the HEFA example"))
    page.keyboard.press("Enter")
    expect(page.locator("#editor")).to_be_visible()
    arrived(page)
    capacity = page.locator('[id="f-plant.capacity"]')
    tab_to(page, capacity)
    with page.expect_response(is_save):
        page.keyboard.type("250000")
    page.keyboard.press("Control+Enter")
    result = page.get_by_role("button", name="See the result")
    expect(result).to_be_visible()
    tab_to(page, result, most=300)
    page.keyboard.press("Enter")
    expect(page.locator("#figures")).to_be_visible()
    arrived(page)
    tab_to(page, page.locator("#figures a.why").first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_be_hidden()
    assert page.evaluate("() => document.activeElement.classList.contains('why')")
