"""One product and one browser for all tests here; each test has people of its own, and nothing may go wrong unseen.

Playwright keeps an event loop in this thread, in which Django refuses its ORM: it ends with this package.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import house as houses
from tests.browser.house import House
from tests.browser.people import PATIENCE_MS, Person

HERE = Path(__file__).parent

expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    try:
        with houses.open_browser() as browser:
            yield browser
    except FileNotFoundError as error:
        if str(error) != houses.MISSING:
            raise
        pytest.fail(houses.MISSING, pytrace=False)


@pytest.fixture(scope="package")
def house(chromium: Browser) -> Iterator[House]:
    with houses.open_house(chromium) as house:
        yield house


@pytest.fixture
def new_person(house: House) -> Iterator[Callable[..., Person]]:
    """Makes people; after the test nothing may have gone wrong in any of their browsers."""
    made: list[Person] = []

    def make(**how: object) -> Person:
        made.append(house.new_person(**how))
        return made[-1]

    yield make
    for watch in [watch for person in made for watch in person.leave()]:
        watch.check()


@pytest.fixture
def person(new_person: Callable[..., Person]) -> Person:
    """Somebody who is signed in and has no project yet."""
    return new_person()


@pytest.fixture
def page(person: Person) -> Page:
    return person.page
