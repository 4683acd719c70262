"""How the launcher takes the signals that stop it."""

import signal
from collections.abc import Iterator

import pytest

from config.embedded.processes import STOPPING
from config.stack import launcher
from tests.stack.product import free_port


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in STOPPING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class Part:
    """A server that is told to stop as soon as it has started."""

    name = "part"
    is_running = False

    def start(self) -> None:
        self.is_running = True
        signal.raise_signal(signal.SIGTERM)

    def is_alive(self) -> bool:
        return self.is_running

    def stop(self) -> None:
        self.is_running = False


@pytest.mark.parametrize("number", sorted(STOPPING))
def test_a_second_signal_while_it_is_stopping_changes_nothing(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Make passes on what the whole group was told already."""
    said: list[str] = []

    def say(sentence: str) -> None:
        said.append(sentence)
        signal.raise_signal(number)

    monkeypatch.setattr(launcher, "say", say)
    part, address = Part(), launcher.Address(host="127.0.0.1", port=free_port())

    launcher.Launcher(
        servers=[part], children=[], address=address, prepare=lambda: None, when_ready=lambda checks: None
    ).run()

    assert said == ["stopping"]
    assert not part.is_running
