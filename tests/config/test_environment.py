"""What a person sets in the environment is what the product runs with: read by a process of its own, as at a start."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import json, runpy
import django
django.setup()
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from config.cache import answers, codings
import masterdata.api.views

with connection.cursor() as cursor:
    cursor.execute("SHOW statement_timeout")
    (statement_timeout,) = cursor.fetchone()
served = runpy.run_path("gunicorn.conf.py")
text = b'{"number": 12345, "name": "somebody"}' * 60
print(json.dumps({
    "gunicorn": {name: served[name] for name in ("workers", "threads", "timeout", "max_requests")},
    "statement_timeout": statement_timeout,
    "connection_age": connection.settings_dict["CONN_MAX_AGE"],
    "redis": settings.CACHES["default"]["LOCATION"],
    "default_ttl": cache.default_timeout,
    "master_data_ttl": answers.KINDS["master-data"],
    "largest_page": settings.MAX_PAGE_SIZE,
    "coding": codings.coding_for("br, gzip", 2000),
    "small": codings.coding_for("br, gzip", 1000),
    "gzipped": len(codings.coded(text, "gzip")),
}))
"""


def started_with(**environment: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def usual() -> dict[str, Any]:
    return started_with()


def test_defaults_are_those_of_the_page(usual: dict[str, Any]) -> None:
    assert usual["gunicorn"]["workers"] == min(8, len(os.sched_getaffinity(0)) + 1)
    assert {name: usual["gunicorn"][name] for name in ("threads", "timeout", "max_requests")} == {
        "threads": 2,
        "timeout": 30,
        "max_requests": 100_000,
    }
    assert (usual["statement_timeout"], usual["connection_age"]) == ("1min", 3600)
    assert (usual["default_ttl"], usual["master_data_ttl"], usual["largest_page"]) == (3600, 3600, 100)
    assert (usual["coding"], usual["small"]) == ("br", "identity")


def test_every_name_does_what_it_says(usual: dict[str, Any]) -> None:
    redis_url = os.environ["REDIS_URL"].partition("?")[0] + "?db=63"
    found = started_with(
        GUNICORN_WORKERS="3",
        GUNICORN_THREADS="4",
        GUNICORN_TIMEOUT="45",
        GUNICORN_MAX_REQUESTS="1000",
        CONN_MAX_AGE="120",
        DB_QUERY_TIMEOUT="7",
        REDIS_URL=redis_url,
        CACHE_TTL="600",
        MAX_PAGE_SIZE="500",
        COMPRESSION_MIN_SIZE="900",
        COMPRESSION_LEVEL="1",
        USE_BROTLI="0",
    )

    assert found["gunicorn"] == {"workers": 3, "threads": 4, "timeout": 45, "max_requests": 1000}
    assert (found["statement_timeout"], found["connection_age"]) == ("7s", 120)
    assert (found["redis"], found["default_ttl"], found["master_data_ttl"]) == (redis_url, 600, 600)
    assert found["largest_page"] == 500
    assert (found["coding"], found["small"]) == ("gzip", "gzip")
    assert found["gzipped"] > usual["gzipped"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CONN_MAX_AGE", "an hour", "CONN_MAX_AGE must be a whole number"),
        ("MAX_PAGE_SIZE", "1001", "MAX_PAGE_SIZE may be at most 1000"),
        ("COMPRESSION_LEVEL", "10", "COMPRESSION_LEVEL may be at most 9"),
        ("USE_BROTLI", "perhaps", "USE_BROTLI must be 1 or 0"),
        ("TRUSTED_PROXIES", "-1", "TRUSTED_PROXIES must be at least 0"),
        ("DATABASE_URL", "mysql://user:secret@host/name", "DATABASE_URL must begin with postgres://"),
        ("DATABASE_URL", "postgres://user:secret@host:port/name", "DATABASE_URL must begin with postgres://"),
        ("REDIS_URL", "http://:secret@host:6379/0", "REDIS_URL must begin with redis://"),
        ("REDIS_URL", "redis://", "REDIS_URL must begin with redis://"),
        ("RATE_STUDIES", "many", "RATE_STUDIES must be a rate"),
    ],
)
def test_a_value_that_cannot_be_used_stops_the_start_with_its_name(name: str, value: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        cwd=ROOT,
        env={**os.environ, name: value},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert said in done.stderr
    assert "secret" not in done.stderr
