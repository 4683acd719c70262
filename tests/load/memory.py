"""What the parts of a running product hold in memory."""

from contextlib import suppress
from pathlib import Path

from tests.stack.product import Product

PARTS = {"web": "gunicorn", "worker": "manage.py worker"}


def memory_mib(product: Product) -> dict[str, float]:
    """By part, MiB of all its processes together; what they share is counted once (proportional set size)."""
    held = dict.fromkeys(PARTS, 0.0)
    for pid in product.processes():
        with suppress(OSError):
            line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            for part, words in PARTS.items():
                if words in line:
                    held[part] += _proportional_kib(pid) / 1024
    return held


def _proportional_kib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return float(line.split()[1])
    return 0.0
