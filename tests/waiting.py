"""Waiting for what another connection does."""

import time

import pytest
from django.db import connection


def wait_for_a_waiter(count: int = 1) -> None:
    """Until some other connection waits for a lock that this one holds, or as many as ``count``."""
    for _ in range(6000):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0] >= count:
                return
        time.sleep(0.01)
    pytest.fail("nobody waited")
