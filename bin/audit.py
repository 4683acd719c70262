"""Ask whether a pinned package has known vulnerabilities, and count of how many that could be asked.

pip-audit calls a package that it could not ask about skipped, and reports success. Here each pinned package has an
answer, or the audit has failed. It lives in an environment of its own: what it needs is nothing that the product has.
Exit status: 0 all were asked about and none is known to be vulnerable, 1 some are, 3 not all could be asked about.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ("requirements.txt", "requirements-celery.txt", "requirements-dev.txt", "requirements-audit.txt")
OWN = "requirements-audit.txt"
VULNERABLE, NOT_ALL_CHECKED = 1, 3
_PIN = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)")

type Pins = set[tuple[str, str]]


@dataclass(frozen=True)
class Audit:
    """What came of it: packages asked about, and the vulnerable ones with the names of what is known."""

    pinned: Pins
    checked: Pins
    known: Mapping[str, list[str]]
    reason: str = ""

    def status(self) -> int:
        if self.known:
            return VULNERABLE
        return 0 if self.checked == self.pinned else NOT_ALL_CHECKED

    def lines(self) -> Iterable[str]:
        yield f"{len(self.checked)} of {len(self.pinned)} pinned packages checked, {len(self.known)} vulnerable"
        yield from (f"  {name}: {', '.join(found)}" for name, found in sorted(self.known.items()))
        missing = sorted(f"{name} {version}" for name, version in self.pinned - self.checked)
        if missing:
            yield f"  not checked: {', '.join(missing[:5])}{f' and {len(missing) - 5} more' if missing[5:] else ''}"
        if self.reason:
            yield f"  {self.reason}"


def main() -> int:
    pinned = pins((ROOT / name).read_text(encoding="utf-8") for name in REQUIREMENTS)
    audit = Audit(pinned, set(), {}, "pip-audit could not be installed: that needs the network or a package mirror")
    if (program := installed()) is not None:
        audit = asked(program, pinned)
    for line in audit.lines():
        print(line)
    return audit.status()


def pins(texts: Iterable[str]) -> Pins:
    """Names, as the index writes them, and versions; anything else than an exact pin stops the audit."""
    found = set()
    for text in texts:
        for line in text.splitlines():
            line = line.partition("#")[0].strip()
            if not line or line.startswith("-r "):
                continue
            pin = _PIN.fullmatch(line)
            if pin is None:
                raise SystemExit(f"{line!r} is not pinned to a version")
            found.add((canonical(pin[1]), pin[2]))
    return found


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def installed() -> Path | None:
    """The program in its own environment, made anew when its pins or its place have changed."""
    place = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve() / "audit"
    python, stamp = place / "bin" / "python", place / "installed"
    fingerprint = hashlib.sha256((ROOT / OWN).read_bytes() + os.fsencode(place)).hexdigest()
    if not (stamp.is_file() and stamp.read_text(encoding="ascii") == fingerprint):
        pip = [str(python), "-I", "-m", "pip", "--no-input", "--disable-pip-version-check", "-qq", "install"]
        for command in ([sys.executable, "-I", "-m", "venv", "--clear", str(place)], [*pip, "-r", str(ROOT / OWN)]):
            if subprocess.run(command, check=False).returncode:
                return None
        stamp.write_text(fingerprint, encoding="ascii")
    return place / "bin" / "pip-audit"


def asked(program: Path, pinned: Pins) -> Audit:
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.writelines(f"{name}=={version}\n" for name, version in sorted(pinned))
        file.flush()
        options = ["--disable-pip", "--no-deps", "--format", "json", "--progress-spinner", "off", "--timeout", "10"]
        command = [str(program), *options, "-r", file.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    return understood(done.stdout, done.stderr, pinned)


def understood(answer: str, complaint: str, pinned: Pins) -> Audit:
    """What pip-audit said, whatever its exit status."""
    try:
        rows: list[dict[str, Any]] = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        last = (complaint.strip().splitlines() or ["it said nothing"])[-1]
        return Audit(pinned, set(), {}, f"pip-audit gave no answer: {last[:300]}")
    answered = [row for row in rows if "skip_reason" not in row]
    checked = {(canonical(row["name"]), row["version"]) for row in answered} & pinned
    known = {
        f"{row['name']} {row['version']}": [fault["id"] for fault in row["vulns"]] for row in answered if row["vulns"]
    }
    reason = next((row["skip_reason"] for row in rows if "skip_reason" in row), "")
    return Audit(pinned, checked, known, reason)


if __name__ == "__main__":
    sys.exit(main())
