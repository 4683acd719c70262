"""Whether the time of an answer tells who has an account: a question about a known and an unknown address, in turn.

Over HTTP to a whole product with one web process and no worker, so that nothing else runs beside the question.
"""

import http.client
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from tests.stack.product import Product, wait_for

PASSWORD = "a long walk in the rain"
KNOWN = "demo@example.com"
TIMES = 60
WARMING = 6

type Body = Callable[[str], dict[str, str]]

QUESTIONS: dict[str, tuple[str, int, Body]] = {
    "sign-in with a wrong password": ("login", 401, lambda email: {"email": email, "password": "a wrong walk"}),
    "registration": ("register", 202, lambda email: {"email": email, "password": PASSWORD, "name": "Somebody"}),
    "password reset": ("password/reset", 202, lambda email: {"email": email}),
    "another confirmation": ("resend-verification", 202, lambda email: {"email": email}),
}


def measure() -> Iterator[tuple[str, float, str] | tuple[str, float, str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        environment = {
            "DEMO_PASSWORD": PASSWORD, "RATELIMIT_ENABLE": "0", "GUNICORN_WORKERS": "1", "WORKER_CONCURRENCY": "0",
        }  # fmt: skip
        with Product(Path(folder), environment=environment) as product:
            product.begin()
            # It is never fully ready: there is no worker.
            wait_for(lambda: "is ready" in product.said(), timeout_s=90)
            with closing(http.client.HTTPConnection("127.0.0.1", product.port, timeout=30)) as connection:
                for name, question in QUESTIONS.items():
                    yield from _compared(connection, name, question)
            product.stop()


def _compared(
    connection: http.client.HTTPConnection, name: str, question: tuple[str, int, Body]
) -> Iterator[tuple[str, float, str] | tuple[str, float, str, str]]:
    known: list[float] = []
    unknown: list[float] = []
    for number in range(WARMING + TIMES):
        # Neither always first: what one leaves behind in the machine would always fall to the other.
        pairs = [(known, KNOWN), (unknown, f"nobody{number}@example.com")]
        for times, email in pairs if number % 2 else reversed(pairs):
            times.append(_asked(connection, question, email))
    del known[:WARMING], unknown[:WARMING]
    medians = [statistics.median(times) for times in (known, unknown)]
    yield f"{name}, known address, median of {TIMES}", medians[0], "ms"
    yield f"{name}, unknown address, median of {TIMES}", medians[1], "ms"
    ratios = sorted(one / other for one, other in zip(known, unknown, strict=True))
    # Where the true one lies in 95 of 100 such comparisons, whatever else the machine does (binomial, 60 pairs).
    low, high = ratios[21], ratios[38]
    yield f"{name}, known to unknown, of pairs", statistics.median(ratios), "", f"1, lies in {low:.2f} to {high:.2f}"


def _asked(connection: http.client.HTTPConnection, question: tuple[str, int, Body], email: str) -> float:
    """Milliseconds until the whole answer is there."""
    path, expected, body = question
    sent = json.dumps(body(email))
    start = time.perf_counter()
    connection.request("POST", f"/api/v1/auth/{path}", sent, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    received = answer.read()
    took = (time.perf_counter() - start) * 1e3
    if answer.status != expected:
        raise RuntimeError(f"{path}: {answer.status} {received[:300]!r}")
    return took
