"""What every test needs: a clean cache, and static files served by their own names."""

import threading
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import override_settings
from hypothesis import HealthCheck
from hypothesis import settings as search
from pytest_django.plugin import DjangoDbBlocker

from config.cache import answers, versions
from config.http import repeats

pytest_plugins = ["tests.fixtures"]

# The same examples in each run of the same code, however slow the machine: what fails here was broken by the change.
search.register_profile("suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
search.load_profile("suite")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Tests with threads empty every table at their end, which the audit's law against it would refuse."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE tgname LIKE '%\\_not\\_emptied'")
        for table, trigger in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")


@pytest.fixture(autouse=True)
def _clean_cache() -> None:
    """The cache outlives a test's transaction, so what one test leaves there would be seen by the next."""
    cache.clear()
    answers.clear()
    repeats.clear()
    # A test may have taken the cache away; this process then comes back to it within a moment, and says so in its log.
    for thread in threading.enumerate():
        if thread.name == "cache-mending":
            thread.join(timeout=60)
    assert versions.is_relied_on()


@pytest.fixture(autouse=True)
def _settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """The transaction around a test is never committed: what moves within it has settled at once."""
    when_committed = versions._when_committed

    def settled(callback: Callable[[], None]) -> None:
        if connection.atomic_blocks and getattr(connection.atomic_blocks[0], "_from_testcase", False):
            callback()
        else:
            when_committed(callback)

    monkeypatch.setattr(versions, "_when_committed", settled)


@pytest.fixture(autouse=True, scope="session")
def _plain_static_files() -> Iterator[None]:
    """Hashed names come from collectstatic, which tests do without."""
    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(STORAGES={**settings.STORAGES, **plain}):
        yield
