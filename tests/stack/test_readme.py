"""The README's walk answers what the README says it answers."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stack.product import PATIENCE_S, ROOT, Product

pytestmark = pytest.mark.stack

PASSWORD = "correct-horse-battery"


def test_the_walk_in_the_readme_gives_the_output_beside_it(tmp_path: Path, new_product: Callable[..., Product]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"## A walk.*?```sh\n(.*?)```\n\nIt answers:\n\n```text\n(.*?)```", readme, re.S)
    assert found
    walk, answer = found.groups()
    product = new_product(DEMO_PASSWORD=PASSWORD)
    product.up()
    script = walk.replace("http://127.0.0.1:8000", f"http://127.0.0.1:{product.port}")
    done = subprocess.run(["sh", "-e", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == 0, done.stderr
    assert done.stdout == answer
