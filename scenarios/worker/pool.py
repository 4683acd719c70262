"""Several workers under one supervisor, which replaces those that die and has them stop in order."""

import logging
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType
from uuid import UUID, uuid4

from django.db import Error, connection, connections

from config.embedded.processes import STOPPING, end_with_parent
from config.stack.preload import settle_memory
from scenarios.services.workers import worker_lost
from scenarios.worker.process import Interrupted, WorkerProcess, become

logger = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
# A worker that lived this long was well: its successor starts at once.
WELL_AFTER_S = 1.0
WATCH_INTERVAL_S = 0.05
BURIAL_S = 2.0
# After a second signal.
PATIENCE_S = 5.0


@dataclass
class _Place:
    """One worker after another."""

    pid: int | None = None
    worker: UUID = field(default_factory=uuid4)
    started: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    again_at: float = 0.0


class Pool:
    """``concurrency`` processes that each run ``serve`` until they are to stop.

    SIGTERM or SIGINT: what runs is finished, nothing more is taken. A second one: what runs is put back.
    """

    def __init__(self, concurrency: int, serve: Callable[[WorkerProcess], None]) -> None:
        self._places = [_Place() for _ in range(concurrency)]
        self._serve = serve
        self._signals = 0
        self._forwarded = 0
        self._kill_at: float | None = None

    def run(self) -> None:
        """Returns once all workers have stopped after a signal."""
        for number in STOPPING:
            signal.signal(number, self._on_signal)
        settle_memory()
        while not self._signals or any(place.pid for place in self._places):
            self._reap()
            if self._signals:
                self._forward()
            else:
                self._fill()
            time.sleep(WATCH_INTERVAL_S)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._signals += 1

    def _forward(self) -> None:
        if self._forwarded < min(self._signals, 2):
            self._forwarded += 1
            self._send(signal.SIGTERM)
            if self._forwarded == 1:
                logger.info("stopping: workers finish what they run")
            else:
                self._kill_at = time.monotonic() + PATIENCE_S
                logger.info("stopping now: workers put back what they run")
        if self._kill_at is not None and time.monotonic() > self._kill_at:
            self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        for place in self._places:
            if place.pid:
                with suppress(ProcessLookupError):
                    os.kill(place.pid, number)

    def _reap(self) -> None:
        for place in self._places:
            if place.pid is None:
                continue
            pid, status = os.waitpid(place.pid, os.WNOHANG)
            if pid == 0:
                continue
            place.pid = None
            if not os.WIFEXITED(status) or os.WEXITSTATUS(status):
                self._bury(place, status)

    def _bury(self, place: _Place, status: int) -> None:
        """What the dead worker held need not wait for its lease to pass."""
        now = time.monotonic()
        place.pause_s = FIRST_PAUSE_S if now - place.started > WELL_AFTER_S else min(2 * place.pause_s, LONGEST_PAUSE_S)
        place.again_at = now + place.pause_s
        try:
            with connection.cursor() as cursor:
                # The supervisor waits for nobody who has locked a scenario: the lease will do.
                cursor.execute("SET statement_timeout = %s", [int(BURIAL_S * 1000)])
            lost = worker_lost(worker=place.worker)
        except Error as error:
            logger.warning("worker %s died (%s); its runs wait for their lease: %s", place.worker, status, error)
        else:
            logger.warning("worker %s died (%s); %d of its runs queued again", place.worker, status, lost)
        finally:
            # A connection shared with a process that is forked later is a corrupted one.
            connections.close_all()

    def _fill(self) -> None:
        now = time.monotonic()
        for place in self._places:
            if place.pid is None and now >= place.again_at:
                place.worker, place.started = uuid4(), now
                ends_with_us = end_with_parent(signal.SIGTERM)
                # Our handler would count in the new process what is meant for it, and nobody would see that.
                before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
                place.pid = os.fork()
                if place.pid == 0:
                    ends_with_us()
                    os._exit(_worker(place.worker, self._serve))
                signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _worker(worker: UUID, serve: Callable[[WorkerProcess], None]) -> int:
    """The whole life of a worker process; its exit status."""
    process = WorkerProcess(worker)
    become(process)

    def on_signal(number: int, frame: FrameType | None) -> None:
        if process.stopping.is_set():
            raise Interrupted
        process.stopping.set()

    signal.signal(signal.SIGTERM, on_signal)
    # Ctrl-C reaches the whole group; the supervisor tells us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
        process.begin()
        serve(process)
    except Interrupted:
        logger.warning("worker %s was stopped in the middle", worker)
    except Exception:
        logger.exception("worker %s broke", worker)
        return 1
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        process.end()
        logging.shutdown()
    return 0
