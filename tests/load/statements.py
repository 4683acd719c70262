"""How long statements take in the database, from its own log: one of twenty, and all that take long.

In the product's environment `python -m tests.load.statements` makes the embedded server write them; its user may.
"""

import os
import re
import statistics
from pathlib import Path

SHARE = 0.05
LONG_MS = 100
_DURATION = re.compile(r"LOG:  duration: ([0-9.]+) ms  statement:\s*(.*)")


def watch() -> None:
    import django

    django.setup()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"ALTER SYSTEM SET log_min_duration_statement = {LONG_MS}")
        cursor.execute("ALTER SYSTEM SET log_min_duration_sample = 0")
        cursor.execute(f"ALTER SYSTEM SET log_statement_sample_rate = {SHARE}")
        cursor.execute("SELECT pg_reload_conf()")


def report(log: Path, *, shown: int = 5) -> str:
    """95 % of the sample, the longest statements, and how many took over a second."""
    found = [(float(ms), text) for ms, text in _DURATION.findall(log.read_text(encoding="utf-8", errors="replace"))]
    if len(found) < 2:
        return "statements: none in the log\n"
    p95 = statistics.quantiles([ms for ms, _ in found], n=20)[18]
    over = sum(ms > 1000 for ms, _ in found)
    lines = [f"statements: 95 % within {p95:.1f} ms (of {len(found)} sampled), {over} over 1 s; the longest:\n"]
    lines += [f"  {ms:8.1f} ms  {text[:150]}\n" for ms, text in sorted(found, reverse=True)[:shown]]
    return "".join(lines)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    watch()
