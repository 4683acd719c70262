"""As an ordinary user; the same tests run as root meet the unprivileged user that root's servers run as."""

import os
import pwd
import shutil
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.embedded.place import can_run
from config.embedded.processes import Account, as_account
from tests.stack.product import ROOT, Product

pytestmark = pytest.mark.stack


@pytest.fixture
def ordinary(new_folder: Callable[[], Path], new_product: Callable[..., Product]) -> Product:
    """A product of a user who is not root: ourselves, or nobody when we are root."""
    if os.geteuid() != 0:
        return new_product()
    entry = pwd.getpwnam("nobody")
    account = Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    home = new_folder()
    os.chown(home, account.uid, account.gid)
    product = new_product(home / "var", HOME=str(home), TMPDIR=str(home))
    product.options = as_account(account)
    if not can_run(account, [sys.executable, str(ROOT / "manage.py"), "help"]):
        _take_along(product, home)
    return product


def _take_along(product: Product, home: Path) -> None:
    """A checkout and a Python where nobody can read them, since ours are in a closed folder."""
    options: dict[str, Any] = {"symlinks": True, "copy_function": _link, "ignore_dangling_symlinks": True}
    ignored = shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", ".*_cache", ".hypothesis", "node_modules")
    shutil.copytree(ROOT, home / "checkout", ignore=ignored, **options)
    shutil.copytree(sysconfig.get_path("purelib"), home / "packages", **options)
    shutil.copytree(sys.base_prefix, home / "python", **options)
    product.cwd = home / "checkout"
    product.command = [str(home / "python" / "bin" / "python3"), "manage.py", "up"]
    product.environment |= {
        "PYTHONPATH": str(home / "packages"),
        "LD_LIBRARY_PATH": str(home / "python" / "lib"),
    }


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def test_an_ordinary_user_starts_stops_and_starts_again_after_a_kill(ordinary: Product) -> None:
    ordinary.up()
    assert Path(f"/proc/{ordinary.pid_of('postgres')}").stat().st_uid == (ordinary.options.get("user") or os.geteuid())
    ordinary.kill_everything()
    ordinary.up()
    status, _ = ordinary.stop()
    assert status == 0
    assert ordinary.processes() == []


def test_a_folder_of_another_user_is_a_sentence(ordinary: Product, new_product: Callable[..., Product]) -> None:
    closed = ordinary.var_dir.parent / "closed"
    closed.mkdir(mode=0o700 if os.geteuid() == 0 else 0o500)
    ordinary.environment["VAR_DIR"] = str(closed / "var")
    status, said = ordinary.refused()
    assert status != 0
    assert "VAR_DIR" in said
    assert "Traceback" not in said
