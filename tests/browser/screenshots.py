"""`make screenshots`: every page as a person sees it, light, dark, on a phone and on paper, in var/screenshots.

Exit status 1 where a page could not be opened or its browser had something to say.
"""

import os
import sys
from pathlib import Path
from typing import Any

import django
from playwright.sync_api import Page

from tests.browser.people import Person
from tests.stack.product import ROOT

# A sheet of A4 less its margins, at 96 dots an inch. Whoever works in the dark prints on white paper all the same.
PAPER = {"width": 718, "height": 1047}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
    "print": {"color_scheme": "dark", "viewport": PAPER},
}
FOLDER = ROOT / "var" / "screenshots"


def main(folder: Path) -> int:
    from tests.browser import refusals
    from tests.browser.house import open_browser, open_house
    from tests.browser.sights import SIGHTS, scene

    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    told = []
    with open_browser() as browser, open_house(browser, **refusals.RATES) as house:
        ada = house.new_person()
        there = scene(house, ada)
        seats = {look: _sit_down(ada, options) for look, options in LOOKS.items()}
        for look, pages in seats.items():
            for sight in SIGHTS:
                path = sight.path(there)
                answer = pages[sight.signed_in].goto(path) if path else None
                if answer is None or not answer.ok:
                    told.append(f"{sight.file}: there is no such page")
                    continue
                _take(pages[sight.signed_in], folder / f"{sight.file}-{look}.png", look)
        # Last, since of those that are asked for too often nothing else is shown for a minute.
        for refusal in refusals.REFUSALS:
            for watch in ada.watches:
                watch.expect(f"status of {refusal.status}")
            for look, pages in seats.items():
                refusal.come_about(house, pages[refusal.signed_in], there)
                _take(pages[refusal.signed_in], folder / f"{refusal.file}-{look}.png", look)
        told += [fault for watch in ada.leave() for fault in watch.unexpected()]
    lines = [f"{len(list(folder.glob('*.png')))} screenshots in {folder}", *dict.fromkeys(told)]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if told else 0


def _sit_down(person: Person, options: dict[str, Any]) -> dict[bool, Page]:
    """A page in which the person is signed in, and one in which nobody is."""
    # Without movement: a picture taken while a chart grows shows half of it.
    options = {**options, "reduced_motion": "reduce"}
    return {signed_in: person.sit_down(signed_in=signed_in, **options) for signed_in in (True, False)}


def _take(page: Page, file: Path, look: str) -> None:
    page.wait_for_load_state("networkidle")
    if look == "print":
        page.emulate_media(media="print")
    page.screenshot(path=file, full_page=True)
    page.emulate_media(media="screen")


if __name__ == "__main__":
    # Addresses are made by name; nothing is asked of a database from here.
    os.environ.setdefault("SECRET_KEY", "for the names of addresses alone")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))
