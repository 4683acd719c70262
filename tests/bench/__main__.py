"""Measure, print and store; given names of parts (engine, http, queue, pages, rates, sign-in), those alone.

Timings depend on the machine: compare ratios, and runs made one after the other.
"""

import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

from tests.bench import engine, http, pages, queue, rates, sign_in

RESULTS = Path(__file__).resolve().parents[2] / "var" / "bench.json"


def main() -> None:
    figures: dict[str, Any] = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    }
    wanted = sys.argv[1:]
    for part in (engine, http, queue, pages, rates, sign_in):
        if wanted and part.__name__.rpartition(".")[2].replace("_", "-") not in wanted:
            continue
        for name, value, unit, *asked in part.measure():
            figures[name] = {"value": value, "unit": unit} | ({"asked": asked[0]} if any(asked) else {})
            said = f"   asked {asked[0]}" if any(asked) else ""
            sys.stdout.write(f"{name:68} {value:12.4g} {unit:8}{said}".rstrip() + "\n")
            sys.stdout.flush()
    RESULTS.parent.mkdir(exist_ok=True)
    if wanted and RESULTS.exists():
        figures = {**json.loads(RESULTS.read_text(encoding="utf-8")), **figures}
    RESULTS.write_text(json.dumps(figures, indent=1), encoding="utf-8")


main()
