"""The audit of the dependencies counts what it was told about: a package that nobody was asked about is not safe."""

import importlib.util
import json
from typing import Any

import pytest

from config import env

spec = importlib.util.spec_from_file_location("audit", env.ROOT / "bin" / "audit.py")
assert spec is not None
assert spec.loader is not None
audit: Any = importlib.util.module_from_spec(spec)
spec.loader.exec_module(audit)

PINNED = {("django", "6.1.3"), ("typing-extensions", "4.16.0")}


def answer(*rows: dict[str, Any]) -> str:
    return json.dumps({"dependencies": rows, "fixes": []})


def sound(name: str, version: str) -> dict[str, Any]:
    return {"name": name, "version": version, "vulns": []}


def told(stdout: str, stderr: str = "") -> tuple[int, str]:
    found = audit.understood(stdout, stderr, PINNED)
    return found.status(), "\n".join(found.lines())


def test_all_asked_about_and_nothing_known() -> None:
    status, text = told(answer(sound("Django", "6.1.3"), sound("typing_extensions", "4.16.0")))

    assert (status, text) == (0, "2 of 2 pinned packages checked, 0 vulnerable")


def test_skipped_packages_are_no_success() -> None:
    skipped = [{"name": name, "skip_reason": f"Dependency not found on PyPI: {name}"} for name, _ in sorted(PINNED)]

    status, text = told(answer(*skipped))

    assert status == 3
    assert text.startswith("0 of 2 pinned packages checked")
    assert "not checked: django 6.1.3, typing-extensions 4.16.0" in text
    assert "Dependency not found on PyPI: django" in text


@pytest.mark.parametrize(
    "rows",
    [
        [sound("Django", "6.1.3")],
        [sound("Django", "6.1.2"), sound("typing_extensions", "4.16.0")],
        [sound("Django", "6.1.3"), sound("something", "1")],
        [],
    ],
)
def test_answers_about_other_packages_do_not_count(rows: list[dict[str, Any]]) -> None:
    assert told(answer(*rows))[0] == 3


def test_known_vulnerability_fails_it_and_is_named() -> None:
    row = {"name": "Django", "version": "6.1.3", "vulns": [{"id": "CVE-2027-1"}]}

    status, text = told(answer(row))

    assert status == 1
    assert "Django 6.1.3: CVE-2027-1" in text


@pytest.mark.parametrize("stdout", ["", "{}", "[]", "no answer"])
def test_no_answer_is_told_with_its_reason(stdout: str) -> None:
    status, text = told(stdout, "Traceback\nConnectionError: no such host")

    assert status == 3
    assert text.splitlines()[0] == "0 of 2 pinned packages checked, 0 vulnerable"
    assert "ConnectionError: no such host" in text


def test_every_package_is_pinned_and_counted_once() -> None:
    texts = [(env.ROOT / name).read_text(encoding="utf-8") for name in audit.REQUIREMENTS]
    lines = {line.split("==")[0] for text in texts for line in text.splitlines() if "==" in line}

    found = audit.pins(texts)

    assert {name for name, _ in found} == {audit.canonical(line.partition("[")[0]) for line in lines}
    assert len({name for name, _ in found}) == len(found)


@pytest.mark.parametrize("line", ["django>=6", "django", "git+https://example.org/x", "-e ."])
def test_what_is_not_pinned_stops_it(line: str) -> None:
    with pytest.raises(SystemExit, match="not pinned"):
        audit.pins([f"# fine\n-r requirements.txt\nDjango==6.1.3\n{line}\n"])
