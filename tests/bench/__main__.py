"""Measure, print and store. Timings depend on the machine: compare ratios, and runs made one after the other."""

import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

from tests.bench import engine, http, queue

RESULTS = Path(__file__).resolve().parents[2] / "var" / "bench.json"


def main() -> None:
    figures: dict[str, Any] = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    }
    for part in (engine, http, queue):
        for name, value, unit in part.measure():
            figures[name] = {"value": value, "unit": unit}
            sys.stdout.write(f"{name:68} {value:12.4g} {unit}\n")
            sys.stdout.flush()
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=1), encoding="utf-8")


main()
