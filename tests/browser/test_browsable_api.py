"""The API as people browse it: nothing of it is refused by the content security policy, and its forms work."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.people import Person

PHONE = {"width": 390, "height": 844}
FITS = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
RIGHT = "element => innerWidth - element.getBoundingClientRect().right < innerWidth / 2"


def test_a_list_is_filtered_and_added_to(person: Person) -> None:
    page = person.page
    for name in ("Kerteh", "Rotterdam"):
        person.project(name)
    page.goto("/api/v1/projects")

    expect(page.locator(".breadcrumb li")).to_have_text(["API", "Project List"])
    filters = page.get_by_role("button", name="Filters")
    assert filters.evaluate(RIGHT)
    filters.click()
    page.locator("#filtersModal input[name=search]").fill("kert")
    page.locator("#filtersModal form:has(input[name=search]) button").click()
    expect(page.locator(".response-info")).to_contain_text('"total": 1')
    write(page, '{"name": "Kuantan"}', "POST")
    expect(page.locator(".response-info")).to_contain_text("HTTP 201 Created")
    assert person.ask("GET", "projects?search=kuantan")["total"] == 1


def test_what_is_wrong_with_a_form_is_told(person: Person) -> None:
    page = person.page
    person.watch.expect("status of 400")
    page.goto(f"/api/v1/projects/{person.project()}")

    write(page, '{"name": "", "progress": 7}', "PATCH")

    expect(page.locator(".response-info")).to_contain_text("HTTP 400 Bad Request")
    expect(page.locator(".response-info")).to_contain_text('"field": "progress"')
    assert page.get_by_role("button", name="Extra Actions").evaluate(RIGHT)


def test_what_is_deleted_is_asked_for_first(person: Person) -> None:
    page = person.page
    project = person.project()
    page.goto(f"/api/v1/projects/{project}")

    page.get_by_role("button", name="DELETE").click()
    page.locator("#deleteModal .btn-danger").click()

    expect(page.locator(".response-info")).to_contain_text("HTTP 204 No Content")
    person.ask("GET", f"projects/{project}", expected=(404,))


def test_pages_of_the_api_fit_a_phone(new_person: Callable[..., Person]) -> None:
    person = new_person(staff=True)
    page = person.sit_down(viewport=PHONE)
    scenario = person.scenario(person.project())

    for path in ("", "projects", f"scenarios/{scenario}", "feedstocks", "auth/me"):
        page.goto(f"/api/v1/{path}")
        assert page.evaluate(FITS), path


def write(page: Page, body: str, method: str) -> None:
    page.locator("textarea[name=_content]").fill(body)
    page.get_by_role("button", name=method, exact=True).click()
    page.wait_for_load_state("load")
