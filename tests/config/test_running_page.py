"""docs/running.md names what a person who runs the product can set."""

import re

import pytest

from config import env

NAMED = re.compile(r'env\.(?:text|boolean|integer|listing|rate)\(\s*["\']([A-Z_]+)["\']')
SOURCES = [
    *(
        path
        for app in ("config", "accounts", "masterdata", "projects", "scenarios")
        for path in (env.ROOT / app).rglob("*.py")
    ),
    env.ROOT / "gunicorn.conf.py",
]


@pytest.mark.parametrize("name", sorted({name for path in SOURCES for name in NAMED.findall(path.read_text())}))
def test_every_variable_is_on_the_page(name: str) -> None:
    assert f"`{name}`" in (env.ROOT / "docs" / "running.md").read_text()
