"""`make screenshots`: every page as a person sees it, light, dark, on a phone and on paper, in var/screenshots.

Exit status 1 where a page could not be opened or its browser had something to say.
"""

import os
import sys
from pathlib import Path
from typing import Any

import django

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
    from tests.browser.house import open_house
    from tests.browser.sights import SIGHTS, scene

    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    told = []
    with open_house() as house:
        ada = house.new_person()
        there = scene(house, ada)
        for look, options in LOOKS.items():
            # Without movement: a picture taken while a chart grows shows half of it.
            options = {**options, "reduced_motion": "reduce"}
            pages = {True: ada.sit_down(**options), False: ada.sit_down(signed_in=False, **options)}
            for sight in SIGHTS:
                path = sight.path(there)
                answer = pages[sight.signed_in].goto(path) if path else None
                if answer is None or not answer.ok:
                    told.append(f"{sight.file}: there is no such page")
                    continue
                pages[sight.signed_in].wait_for_load_state("networkidle")
                if look == "print":
                    pages[sight.signed_in].emulate_media(media="print")
                pages[sight.signed_in].screenshot(path=folder / f"{sight.file}-{look}.png", full_page=True)
                pages[sight.signed_in].emulate_media(media="screen")
        told += [fault for watch in ada.leave() for fault in watch.faults]
    lines = [f"{len(list(folder.glob('*.png')))} screenshots in {folder}", *dict.fromkeys(told)]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if told else 0


if __name__ == "__main__":
    # Addresses are made by name; nothing is asked of a database from here.
    os.environ.setdefault("SECRET_KEY", "for the names of addresses alone")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER))
