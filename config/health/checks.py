"""The checks themselves: what the product needs of its servers, and what its apps have registered."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config import health
from config.database import process
from config.stack.budget import Budget

logger = logging.getLogger(__name__)

OK = "ok"


@dataclass(frozen=True, kw_only=True)
class Report:
    """What every check said. Without its cache the product works, only slower: ``degraded``, not unavailable.

    Likewise without whatever else has registered as dispensable.
    """

    checks: dict[str, str]

    @property
    def status(self) -> str:
        wrong = [name for name, said in self.checks.items() if said != OK]
        if not wrong:
            return "ready"
        return "degraded" if all(map(health.is_dispensable, wrong)) else "unavailable"


def readiness() -> Report:
    """Ask everything; without the database the rest cannot be asked."""
    said = {"database": _said(_database), "cache": _said(_cache)}
    if said["database"] == OK:
        said["migrations"] = _said(_migrations)
    if said.get("migrations") == OK:
        said |= {name: _said(check) for name, check in health.registered().items()}
    return Report(checks=said)


def _said(check: Callable[[], str | None]) -> str:
    """What a check said; the cause of a failure goes to the log, since it may name what a stranger need not know."""
    try:
        return check() or OK
    except Exception:
        logger.warning("health check failed", exc_info=True)
        return "down"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _cache() -> str | None:
    """A value set and read back: django-redis is told to swallow errors, so silence says nothing."""
    token = secrets.token_hex(8)
    cache.set("health", token, timeout=10)
    return None if cache.get("health") is not None else "down"


_migrated = False


def _migrations() -> str | None:
    """Once all are applied they stay so for this process: its code does not change."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if pending:
            return f"{len(pending)} not applied"
        _migrated = True
    return None


def database_use() -> dict[str, Any]:
    """Connections to the database: used, allowed by the server, and the most that one launcher's processes ask for.

    ``used`` is of all, whoever they are, since all share the server's ``maximum``; ``processes`` tells ours apart, by
    the names that config/database/process.py gives them, and what other programs have open.
    """
    ours = {process.named(process.WEB): "web", process.named(process.WORKER): "worker"}
    ours[settings.DATABASE_APPLICATION] = "commands"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT application_name, count(*), count(*) FILTER (WHERE state = 'active'),"
            " count(*) FILTER (WHERE state LIKE 'idle in transaction%')"
            " FROM pg_stat_activity WHERE backend_type = 'client backend' GROUP BY application_name"
        )
        rows = cursor.fetchall()
        cursor.execute(
            "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
            " - coalesce(current_setting('reserved_connections', true), '0')::int"
        )
        (maximum,) = cursor.fetchone()
    processes = dict.fromkeys((*ours.values(), "others"), 0)
    for name, used, _, _ in rows:
        processes[ours.get(name, "others")] += used
    return {
        "used": sum(used for _, used, _, _ in rows),
        "active": sum(active for _, _, active, _ in rows),
        "idleInTransaction": sum(waiting for _, _, _, waiting in rows),
        "processes": processes,
        "budget": Budget.from_environment().connections,
        "maximum": maximum,
        "persistentSeconds": settings.DATABASES["default"]["CONN_MAX_AGE"],
    }
