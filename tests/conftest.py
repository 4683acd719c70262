"""What every test needs: a clean cache, and static files served by their own names."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import override_settings

pytest_plugins = ["tests.fixtures"]


@pytest.fixture(autouse=True)
def _clean_cache() -> None:
    """The cache outlives a test's transaction, so what one test leaves there would be seen by the next."""
    cache.clear()


@pytest.fixture(autouse=True, scope="session")
def _plain_static_files() -> Iterator[None]:
    """Hashed names come from collectstatic, which tests do without."""
    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(STORAGES={**settings.STORAGES, **plain}):
        yield
