"""A new web process finds everything imported and built by the one it is forked from."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import json, sys
import config.wsgi
from config.stack.preload import preload
preload()
before = set(sys.modules)
from scenarios.engine import resolve
from tests.bench.hefa import HEFA
resolve(HEFA)
views = [name for name in sys.modules if name.endswith(".api.views")]
from django.db import connections
opened = [one.alias for one in connections.all() if one.connection is not None]
from django.template import engines
pages = ["scenarios/editor.html", "accounts/account.html", "404.html"]
uncompiled = set(pages) - set(engines["django"].engine.template_loaders[0].get_template_cache)
late = [name for name in set(sys.modules) - before if name.partition(".")[0] != "tests"]
print(json.dumps({"late": late, "views": sorted(views), "opened": opened, "uncompiled": list(uncompiled)}))
"""


def test_web_processes_import_and_compile_nothing_of_their_own_and_inherit_no_connection() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)

    found = json.loads(done.stdout)
    assert found["late"] == []
    assert found["views"] == ["accounts.api.views", "masterdata.api.views", "projects.api.views", "scenarios.api.views"]
    assert found["opened"] == []
    assert found["uncompiled"] == []
