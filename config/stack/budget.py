"""How many processes and threads serve, and so how many database connections they can open at most."""

import os
from dataclasses import dataclass

from config import env

# Beside what stays open: the launcher while it prepares, commands, imports, people with psql, whoever watches. They
# find room at the busiest time: a fifth of the budget, at least this many.
LEAST_SPARE = 2
MOST_WEB_WORKERS = 8
MOST_BACKGROUND_WORKERS = 2


@dataclass(frozen=True, kw_only=True)
class Budget:
    """One connection a thread is kept open (CONN_MAX_AGE), which makes the number of threads the size of the pool.

    ``background``: connections of the worker's processes, two in each, for what it runs and for its heartbeat, and one
    of their supervisor's.
    """

    web_workers: int
    web_threads: int
    background_workers: int

    @property
    def background(self) -> int:
        return 2 * self.background_workers + 1 if self.background_workers else 0

    @property
    def standing(self) -> int:
        """Connections that stay open: one for each thread, so that none ever waits for another's."""
        return self.web_workers * self.web_threads + self.background

    @property
    def connections(self) -> int:
        """The standing ones, which are less than four fifths, and room for what comes and goes."""
        return self.standing + max(LEAST_SPARE, self.standing // 4 + 1)

    @classmethod
    def from_environment(cls) -> "Budget":
        """From GUNICORN_WORKERS and GUNICORN_THREADS; by default cores + 1 workers, at most 8, of 2 threads.

        From WORKER_CONCURRENCY the background; by default one process a core, at most 2.
        """
        default = min(MOST_WEB_WORKERS, cores() + 1)
        return cls(
            web_workers=env.integer("GUNICORN_WORKERS", default, minimum=1),
            web_threads=env.integer("GUNICORN_THREADS", 2, minimum=1),
            background_workers=env.integer("WORKER_CONCURRENCY", min(MOST_BACKGROUND_WORKERS, cores())),
        )


def cores() -> int:
    """Processors this process may use, which can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
