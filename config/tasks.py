"""The queue of tasks in the database: a bell for workers that wait, and taking a task out of it.

A task of this product only wakes a worker; what must not be lost has a row of its own. So a task is gone from the queue
once it is taken, and neither enqueueing nor taking one waits for the disk.
"""

import json
import os
import select
import signal
from typing import Any

from django.db import connection
from django.tasks import Task
from django.utils import timezone
from django.utils.json import normalize_json
from django.utils.module_loading import import_string
from django_tasks_db.backend import DatabaseBackend as PlainDatabaseBackend

CHANNEL = "safapac_tasks"

# One round trip: several statements sent as one are one transaction, within the caller's if there is one.
_NO_WAIT = "SELECT set_config('synchronous_commit', 'off', true);"
_PUT = """
    INSERT INTO django_tasks_database_dbtaskresult (
        id, status, enqueued_at, args_kwargs, priority, task_path, queue_name, backend_name, run_after,
        worker_ids, exception_class_path, traceback
    ) VALUES (%s, %s, %s, %s::jsonb, %s, %s, %s, %s, %s, '[]', '', '');
    SELECT pg_notify(%s, '')
"""


class DatabaseBackend(PlainDatabaseBackend):
    """Puts a task into the queue and rings the bell when that is committed."""

    def _task_to_db_task(self, task: Task, args: Any, kwargs: Any) -> Any:
        # Not at the head of the module: settings name this backend before there are models.
        from django_tasks_db.models import DBTaskResult, get_date_max

        put: DBTaskResult[Any, Any] = DBTaskResult(
            id=self._get_id(), enqueued_at=timezone.now(), args_kwargs=normalize_json({"args": args, "kwargs": kwargs}),
            priority=task.priority, task_path=task.module_path, queue_name=task.queue_name, backend_name=self.alias,
            run_after=task.run_after or get_date_max(),
        )  # fmt: skip
        given = [
            put.id, put.status, put.enqueued_at, json.dumps(put.args_kwargs), put.priority, put.task_path,
            put.queue_name, put.backend_name, put.run_after, CHANNEL,
        ]  # fmt: skip
        with connection.cursor() as cursor:
            # What else the caller's transaction writes must reach the disk.
            cursor.execute(_PUT if connection.in_atomic_block else _NO_WAIT + _PUT, given)
        put._state.adding = False
        return put


_TAKE = """
    DELETE FROM django_tasks_database_dbtaskresult WHERE id = (
        SELECT id FROM django_tasks_database_dbtaskresult
        WHERE status = 'READY' AND backend_name = 'default'
          AND (run_after <= statement_timestamp() OR run_after >= '9999-01-01')
        ORDER BY priority DESC, run_after, enqueued_at LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING task_path, args_kwargs::text
"""


def run_next() -> bool:
    """Take the next task out of the queue and run it; False when there is none.

    Raises:
        django.db.Error: the database is away.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE)
        found = cursor.fetchone()
    if found is None:
        return False
    path, given = found[0], json.loads(found[1])
    import_string(path).call(*given["args"], **given["kwargs"])
    return True


class Bell:
    """Waiting for a task, by LISTEN, or for a signal. Behind a pooler that does not pass LISTEN on, by time alone."""

    def __init__(self) -> None:
        self._listening: Any = None
        self._signalled, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        self._woken_before = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)

    def close(self) -> None:
        signal.set_wakeup_fd(self._woken_before)
        os.close(self._signalled)
        os.close(self._writer)

    def wait(self, seconds: float) -> bool:
        """Whether a task may be there, or this process got a signal, within ``seconds``.

        What was enqueued since the last statement on this connection is heard of too.

        Raises:
            django.db.Error: the database is away.
        """
        if self._listening is None or self._listening is not connection.connection:
            with connection.cursor() as cursor:
                cursor.execute(f"LISTEN {CHANNEL}")
            self._listening = connection.connection
            # Nobody has listened until now.
            return True
        raw = self._listening
        if not raw.notifies:
            ready, _, _ = select.select([raw, self._signalled], [], [], seconds)
            if self._signalled in ready:
                os.read(self._signalled, 64)
                return True
            if raw in ready:
                with connection.wrap_database_errors:
                    raw.poll()
        has_rung = bool(raw.notifies)
        raw.notifies.clear()
        return has_rung
