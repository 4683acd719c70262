"""Steps that several walks through the pages share."""

import contextlib
import os
import signal
from collections.abc import Iterator

from playwright.sync_api import Locator, Page, Response, expect

from tests.stack.product import Product, children

FOCUSED = "() => document.activeElement"


def arrived(page: Page) -> None:
    """Until the scripts of a page, something of which is seen already, do what is theirs."""
    page.wait_for_load_state("load")


def field(page: Page, path: str) -> Locator:
    """The control of an input by its declared path, its group opened."""
    control = page.locator(f'[id="f-{path}"]')
    group = page.locator(f'details.group:has([id="f-{path}"])')
    if group.get_attribute("open") is None:
        group.locator(":scope > summary").click()
    return control


def is_save(answer: Response) -> bool:
    """Whether this answers a form that was sent to be saved, rather than previewed while somebody types."""
    return answer.request.method == "POST" and not answer.url.endswith("/preview")


def fill(page: Page, path: str, text: str) -> None:
    """Type into an input and wait until the draft is saved."""
    # What is typed before the scripts are there is sent with the next change alone.
    arrived(page)
    with page.expect_response(is_save):
        field(page, path).fill(text)
    expect(page.locator("#saved")).to_have_text("Saved")


def calculate(page: Page) -> None:
    """Press Calculate and wait for the result, which comes without the page being loaded anew."""
    page.evaluate("() => { window.isSamePage = true; }")
    page.get_by_role("button", name="Calculate").click()
    expect(page.get_by_role("button", name="See the result")).to_be_visible()
    assert page.evaluate("() => window.isSamePage === true")


def tab_to(page: Page, wanted: Locator, *, most: int = 120) -> None:
    """Press Tab until ``wanted`` has the focus. Errors: AssertionError when it cannot be reached so."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{wanted} is not reached by the keyboard")


@contextlib.contextmanager
def worker_asleep(product: Product) -> Iterator[int]:
    """The worker as stopped as a machine that hangs; what is asked of it waits. Yields its supervisor."""
    supervisor = product.pid_of("worker")
    processes = [supervisor, *children(supervisor)]
    for pid in processes:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield supervisor
    finally:
        for pid in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


@contextlib.contextmanager
def no_worker(product: Product) -> Iterator[None]:
    """Nobody calculates until the block is left, and the pages know: the launcher would start another one."""
    assert product.launcher is not None
    launcher, supervisor = product.launcher.pid, product.pid_of("worker")
    os.kill(launcher, signal.SIGSTOP)
    try:
        for pid in (supervisor, *children(supervisor)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        yield
    finally:
        os.kill(launcher, signal.SIGCONT)
