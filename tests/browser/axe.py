"""axe-core: what of a page people with a screen reader, a keyboard or weak eyes cannot use."""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

SOURCE = Path(__file__).parent / "vendor" / "axe.min.js"
GRAVE = ("serious", "critical")
RUN = "options => axe.run(document, {resultTypes: ['violations'], ...options})"
ONLY_CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}


@cache
def _source() -> str:
    return SOURCE.read_text(encoding="utf-8")


def problems(page: Page, *, dark: bool = True) -> list[str]:
    """The serious and critical ones, a line each; contrast in the dark as well."""
    page.evaluate(_source())
    found = _run(page, {})
    if dark:
        page.emulate_media(color_scheme="dark")
        found += [f"in the dark: {line}" for line in _run(page, ONLY_CONTRAST)]
        page.emulate_media(color_scheme="light")
    return found


def _run(page: Page, options: dict[str, object]) -> list[str]:
    result = page.evaluate(RUN, options)
    return [
        f"{violation['id']} ({violation['impact']}): {node['html'][:160]} {node['failureSummary']}"
        for violation in result["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"][:3]
    ]


def check(page: Page, *, dark: bool = True) -> None:
    """Errors: AssertionError naming each serious or critical problem."""
    found = problems(page, dark=dark)
    assert not found, "\n".join([f"axe on {page.url}:", *found])
