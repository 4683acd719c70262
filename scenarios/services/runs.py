"""The transitions of a run, whatever it computes: each is one UPDATE that compares before it writes.

Whoever loses such a race is told so and writes nothing. A run is worked on by whoever holds it (``worker`` and
``attempt`` of the row, until ``lease_until``); a worker that was thought dead and wakes up holds nothing any more.
"""

from datetime import timedelta
from functools import cache as once
from uuid import UUID, uuid4

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.db.transaction import mark_for_rollback_on_error

from config.database.compiled import Compiled, compiled_for
from config.database.prepared import prepared_cursor
from config.database.written import assignments
from scenarios.choices import RunState
from scenarios.models import Run
from scenarios.querysets import RunQuerySet

LEASE = timedelta(seconds=8)
MOST_ATTEMPTS = 3
# Before the second and the third attempt: what killed a worker may need a moment to pass.
PAUSES = (timedelta(seconds=1), timedelta(seconds=4))

WORKER_DIED = "worker_died"
TRIED_AGAIN = "Calculating it was interrupted; it is tried again (attempt {attempt} of {most})."
GIVEN_UP = "Calculating it was interrupted {most} times. Your inputs are kept; please tell us."


def run_claim[R: Run](*, model: type[R], worker: UUID) -> R | None:
    """The fairest run that is due, from now on held by ``worker``; None when nothing is due.

    Has ``claimed_columns`` and what holds it. One statement: two workers never wait for each other, and never get the
    same run. A commit that a crash of the database undoes leaves the run queued, so it need not wait for the disk.
    """
    table = model._meta.db_table
    columns = ", ".join(f'"{name}"' for name in ("id", "worker", "attempt", *model.claimed_columns))
    statement = f"""
        UPDATE "{table}" SET state = %s, worker = %s, lease_until = statement_timestamp() + %s,
               started_at = statement_timestamp(), progress = 0, message = %s
        WHERE id = (
            SELECT id FROM "{table}" WHERE state = %s AND due_at <= statement_timestamp()
            ORDER BY turn, queued_at LIMIT 1 FOR UPDATE SKIP LOCKED
        )
        RETURNING {columns}
    """  # noqa: S608  names of our own model
    found = model._default_manager.raw(statement, [RunState.RUNNING, worker, LEASE, "Calculating.", RunState.QUEUED])
    return next(iter(found), None)


def _held(run: Run, *, expired: bool = False) -> QuerySet:
    """The row of ``run`` as long as whoever claimed this very ``run`` still holds it.

    ``expired``: and has let the lease pass, since a worker may be slow rather than gone.
    """
    mine = {"pk": run.pk, "state": RunState.RUNNING, "worker": run.worker, "attempt": run.attempt}
    held = _runs(type(run)).filter(**mine)
    return held.filter(lease_until__lt=Now()) if expired else held


def run_is_held(*, run: Run, expired: bool = False) -> bool:
    """Whether whoever claimed this very ``run`` still holds it."""
    return _held(run, expired=expired).exists()


def run_finish(*, run: Run, state: RunState, expired: bool = False, **columns: object) -> bool:
    """End a run that is still held, with what came of it; False when it no longer is, or its row is locked just now.

    To be called within a transaction; it never waits there.
    """
    free = _free(type(run), expired)
    held = free.filled({"pk": run.pk, "worker": run.worker, "attempt": run.attempt})
    changes, values = assignments(type(run), {"state": state, "lease_until": None, **columns})
    # Every run ends with it, and a queryset takes longer to put it together than the database to execute it.
    statement = f"""
        UPDATE "{type(run)._meta.db_table}" SET {changes}, finished_at = statement_timestamp() WHERE id IN ({free.sql})
    """  # noqa: S608  names of our own model
    with mark_for_rollback_on_error(), prepared_cursor() as cursor:
        cursor.execute(statement, [*values, *held])
        return cursor.rowcount == 1


@once
def _free[R: Run](model: type[R], expired: bool) -> Compiled:
    """The key of a run that is held, unless somebody has locked its row."""

    def rows(pk: UUID, worker: UUID, attempt: int) -> QuerySet:
        held = _held(model(pk=pk, worker=worker, attempt=attempt), expired=expired)
        return held.order_by().select_for_update(skip_locked=True).values_list("pk")

    return compiled_for({"pk": uuid4(), "worker": uuid4(), "attempt": MOST_ATTEMPTS + 1}, rows)


def run_release(*, run: Run) -> bool:
    """Put back a run that its worker cannot finish though nothing is wrong with it; no attempt is lost."""
    put_back = {"state": RunState.QUEUED, "due_at": Now(), "worker": None, "lease_until": None}
    return _held(run).update(**put_back, message="Waiting again: its worker is being stopped.") == 1


def run_retry(*, run: Run, expired: bool) -> bool:
    """Queue a run whose worker is gone for its next attempt, after a pause; False when it is held no longer."""
    attempt = run.attempt + 1
    return _held(run, expired=expired).update(
        state=RunState.QUEUED, attempt=attempt, due_at=Now() + PAUSES[run.attempt - 1], worker=None, lease_until=None,
        progress=0, message=TRIED_AGAIN.format(attempt=attempt, most=MOST_ATTEMPTS),
    ) == 1  # fmt: skip


def runs_cancel(*, runs: RunQuerySet, message: str) -> int:
    """End those of ``runs`` that are queued or running; their workers then find that they hold nothing."""
    return runs.active().update(state=RunState.CANCELLED, finished_at=Now(), lease_until=None, message=message)


def run_renew(*, run: Run) -> bool:
    """Move on the lease of a run that is still held."""
    return _held(run).update(lease_until=Now() + LEASE) == 1


def runs_expired[R: Run](*, model: type[R]) -> list[R]:
    """Runs whose worker has let the lease pass."""
    return _with_fence(_runs(model).filter(state=RunState.RUNNING, lease_until__lt=Now()))


def runs_held_by[R: Run](*, model: type[R], worker: UUID) -> list[R]:
    return _with_fence(_runs(model).filter(state=RunState.RUNNING, worker=worker))


def _with_fence[R: Run](runs: QuerySet[R]) -> list[R]:
    return list(runs.only("id", "worker", "attempt", *runs.model.claimed_columns))


def _runs[R: Run](model: type[R]) -> QuerySet[R]:
    return model._default_manager.get_queryset()
