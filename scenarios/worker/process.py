"""This process as a worker: its row, its heartbeat, and the runs it takes."""

import logging
import signal
import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.db import Error, InterfaceError, OperationalError, connection
from django.db.backends.signals import connection_created

from accounts.services import accounts_upkeep
from scenarios.models import Calculation
from scenarios.services.execution import calculation_execute, calculation_lost
from scenarios.services.runs import run_claim, run_release, runs_held_by
from scenarios.services.workers import records_purge, runs_recover, worker_leave, worker_seen

logger = logging.getLogger(__name__)

# Well within the lease, so that one late heartbeat costs nothing.
BEAT_S = 2.0
PURGE_S = 60.0
FROZEN_S = 5.0
# For this long one task goes on taking runs before others have their turn.
SLICE_S = 1.0


# Connection exceptions, and what the server says when it is stopped.
_AWAY = ("08", "57P")


class Interrupted(BaseException):
    """A second signal: stop now. Not an Exception, so that nobody takes it for a failure of the run."""


class WorkerProcess:
    """One worker; it runs one thing at a time, in one thread, while another thread keeps its lease.

    ``on_beat`` is called with every heartbeat, in that other thread.
    """

    def __init__(self, worker: UUID | None = None, *, on_beat: Callable[[], None] | None = None) -> None:
        self.worker = worker or uuid4()
        self.stopping = threading.Event()
        self._on_beat = on_beat
        self._running: Calculation | None = None
        self._is_unsure = False
        self._beating: threading.Thread | None = None
        self._ended = threading.Event()

    def begin(self) -> None:
        """Show that it lives, and look after what others left behind, from now on."""
        connection_created.connect(self._limit, weak=False)
        self._beating = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self._beating.start()

    def end(self) -> None:
        """The last thing it does: what it was interrupted in the middle of is put back."""
        self._ended.set()
        if self._beating is not None:
            self._beating.join(timeout=BEAT_S)
        # In the middle of a statement, perhaps.
        connection.close()
        try:
            self._put_back()
            worker_leave(worker=self.worker)
        except Error:
            logger.warning("worker %s could not say that it stops", self.worker)
        connection.close()

    def take_turns(self) -> int:
        """Run what is due, the fairest first, until nothing is, time is up or it is to stop; how many runs that were.

        Raises:
            django.db.Error: the database is away. What was running then is put back by the next call that reaches it.
        """
        count = 0
        until = time.monotonic() + SLICE_S
        if self._is_unsure:
            self._put_back()
        while not self.stopping.is_set() and time.monotonic() < until:
            self._is_unsure = True
            self._running = run_claim(model=Calculation, worker=self.worker)
            self._is_unsure = False
            if self._running is None:
                break
            self._execute(self._running)
            count += 1
        return count

    def _execute(self, run: Calculation) -> None:
        # The kernel ends a process that has gone astray, even in the midst of C code; its run is then tried again.
        signal.setitimer(signal.ITIMER_REAL, run.most_seconds)
        try:
            if not calculation_execute(calculation=run):
                logger.warning("calculation %s was taken from worker %s, which wrote nothing", run.pk, self.worker)
        except (OperationalError, InterfaceError) as error:
            if _is_away(error):
                self._is_unsure = True
                raise
            # It is there and refused this run, which may be none it ever takes.
            logger.warning("calculation %s was refused by the database: %s", run.pk, str(error).strip())
            calculation_lost(calculation=run, expired=False)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._running = None

    def _put_back(self) -> None:
        """What this worker still holds in the database, it does not run here any more."""
        for run in runs_held_by(model=Calculation, worker=self.worker):
            run_release(run=run)
        self._is_unsure = False

    def _limit(self, connection: Any, **kwargs: object) -> None:
        """Of a worker frozen within a transaction the locks go before its lease does; a heartbeat waits for no lock."""
        with connection.cursor() as cursor:
            cursor.execute("SET idle_in_transaction_session_timeout = %s", [int(FROZEN_S * 1000)])
            if threading.current_thread() is self._beating:
                cursor.execute("SET statement_timeout = %s", [int(BEAT_S * 1000)])

    def _beat(self) -> None:
        purged = 0.0
        while True:
            try:
                worker_seen(worker=self.worker, running=self._running)
                runs_recover()
                if time.monotonic() - purged > PURGE_S:
                    records_purge()
                    accounts_upkeep()
                    purged = time.monotonic()
                if self._on_beat is not None:
                    self._on_beat()
            except Error as error:
                logger.warning("no heartbeat: %s", str(error).strip())
                connection.close()
            except Exception:
                logger.exception("no heartbeat")
            if self._ended.wait(BEAT_S):
                break
        connection.close()


def _is_away(error: Exception) -> bool:
    """Whether the database has gone, by SQLSTATE (none: the connection is lost), rather than refused something."""
    code = getattr(error.__cause__, "pgcode", None)
    return code is None or code.startswith(_AWAY)


_current: WorkerProcess | None = None


def become(process: WorkerProcess) -> None:
    """Make ``process`` the worker that tasks of this operating system process run in."""
    global _current
    _current = process


def current() -> WorkerProcess:
    """The worker that this operating system process is; one that never said so becomes one now."""
    if _current is None:
        process = WorkerProcess()
        process.begin()
        become(process)
    assert _current is not None
    return _current
