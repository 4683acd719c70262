"""What Prometheus reads: requests by route, and the web processes; any of them answers for all, through files.

Under the launcher each gunicorn worker writes to files in PROMETHEUS_MULTIPROC_DIR named by its slot, not by its pid:
workers are replaced all the time, and files by pid would grow without end.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest, values
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_slot = "main"


def become(slot: str) -> None:
    """Say which of the web processes this one is; gunicorn.conf.py does, after the fork."""
    global _slot
    _slot = slot


def _is_shared() -> bool:
    return bool(os.environ.get("PROMETHEUS_MULTIPROC_DIR"))


if _is_shared():
    values.ValueClass = values.MultiProcessValue(process_identifier=lambda: _slot)

# When each series began is a third of the text and of use to nobody here.
disable_created_metrics()
registry = CollectorRegistry()
requests_total = Counter(
    "safapac_requests_total", "Requests answered", ("method", "route", "status"), registry=registry
)
request_seconds = Histogram(
    "safapac_request_seconds", "Time to answer", ("method", "route"), registry=registry, buckets=SECONDS
)


def observe_request(*, method: str, route: str | None, status: int, seconds: float) -> None:
    """Count one answered request. ``route`` is the pattern, never the path: a label must have few values."""
    method = method if method in METHODS else "other"
    route = route or "unmatched"
    requests_total.labels(method, route, status).inc()
    request_seconds.labels(method, route).observe(seconds)


def exposition() -> bytes:
    """All metrics in Prometheus' text format."""
    if not _is_shared():
        return generate_latest(registry) + generate_latest(_processes)
    shared = CollectorRegistry()
    MultiProcessCollector(shared)
    return generate_latest(shared) + generate_latest(_processes)


class ProcessCollector(Collector):
    """Memory and processor time of all web processes together; of one they would jump from scrape to scrape."""

    def collect(self) -> Iterator[Metric]:
        pids = _family()
        yield GaugeMetricFamily("safapac_web_processes", "Web processes", value=len(pids))
        yield GaugeMetricFamily(
            "safapac_resident_memory_bytes", "Memory of the web processes, shared pages counted each time",
            value=sum(_resident_bytes(pid) for pid in pids),
        )  # fmt: skip
        yield CounterMetricFamily(
            "safapac_cpu_seconds_total", "Processor time of the web processes and those before them",
            value=sum(_cpu_seconds(pid) for pid in pids),
        )  # fmt: skip


def _family() -> list[int]:
    """Gunicorn's master and its workers; by itself outside gunicorn."""
    if not _is_shared():
        return [os.getpid()]
    master = os.getppid()
    with suppress(OSError):
        children = Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii")
        return [master, *map(int, children.split())]
    return [os.getpid()]


def _resident_bytes(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _cpu_seconds(pid: int) -> float:
    """User and system time, with that of children already gone, so the sum never falls when a worker is replaced."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")
    return 0.0


_processes = CollectorRegistry()
_processes.register(ProcessCollector())
