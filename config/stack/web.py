"""The web process's worker: gunicorn's threads, with connections shared out evenly between the processes.

All workers wait on one listening socket, and whoever wakes first takes as many connections as come at once. Those stay
where they are for as long as they are used: of fifty, one process had all in some runs, on one processor, while the
others stood idle, and in most some had twice as many as others, so that whoever came to them waited twice as long.
"""

import mmap
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

MOST_SLOTS = 256
# More than any worker has: nobody leaves a connection to one that is not there.
ABSENT = 2**31 - 1
# How long a connection is left to those who have fewer, by one who could serve it now and by one who is busy as well:
# the others may be busy too, and come to it after what they are at. One that is stopped never does.
PATIENCE_S = 0.005
BUSY_PATIENCE_S = 0.25
PAUSE_S = 0.001

# How many connections the worker in each slot has; memory that the workers share with the master that forks them.
_open = memoryview(mmap.mmap(-1, 4 * MOST_SLOTS)).cast("i")


def tell(slot: int, connections: int = ABSENT) -> None:
    """The worker in this slot has so many connections; without a number none is there any more."""
    if slot < MOST_SLOTS:
        _open[slot] = connections


for _slot in range(MOST_SLOTS):
    tell(_slot)


class EvenWorker(ThreadWorker):
    """Leaves a new connection, for a moment, to a worker that has fewer. ``slot`` is set before the fork."""

    slot: int

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._since = self._last = 0.0

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        self._tell()
        super().wait_for_and_dispatch_events(timeout)

    def accept(self, listener: Any) -> None:
        if self._leaves_it():
            time.sleep(PAUSE_S)
            return
        super().accept(listener)
        self._tell()

    def _tell(self) -> None:
        tell(self.slot, self.nr_conns if self._accepting else ABSENT)

    def _leaves_it(self) -> bool:
        """Whether somebody has fewer, and has not let it wait for too long."""
        if self.nr_conns <= min(_open.tolist()):
            return False
        now = time.monotonic()
        if now - self._last > BUSY_PATIENCE_S:
            self._since = now
        self._last = now
        is_busy = self.nr_conns > len(self.keepalived_conns) + len(self.pending_conns)
        return now - self._since < (BUSY_PATIENCE_S if is_busy else PATIENCE_S)
