"""The embedded servers of this very test run."""

import pytest
from django.core.cache import cache
from django.db import connection


@pytest.mark.django_db
def test_database_is_postgresql_18():
    assert connection.pg_version >= 180000


def test_cache_keeps_values():
    cache.set("probe", 1)
    assert cache.get("probe") == 1
