"""`make load USERS=200`: the whole product with a large database under simulated users, and how it took that.

Without limits of rates: 200 people on one address would sign in five a minute, and who calculates every ten seconds on
average goes beyond ten a minute now and then. Exit status 1 where a request failed.
"""

import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.load import statements
from tests.load.dataset import PASSWORD, WATCHER
from tests.load.memory import memory_mib
from tests.stack.product import ROOT, Product

SECONDS = int(os.environ.get("SECONDS", "60"))
# Signing in is made to be slow, a tenth of a second of a processor: so many people arrive in a second. What is told is
# measured once all are there; who could not sign in counts as a failure too.
ARRIVING_PER_S = 8
RATES = {"RATELIMIT_ENABLE": "0"}


def main(users: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with Product(Path(folder), environment=RATES) as product:
            del product.environment["GUNICORN_WORKERS"]
            product.up()
            subprocess.run([sys.executable, "-m", "tests.load.dataset"], cwd=ROOT, env=product.environment, check=True)
            subprocess.run(
                [sys.executable, "-m", "tests.load.statements"], cwd=ROOT, env=product.environment, check=True
            )
            with _most_at_work(product) as most:
                failed = _run_users(users, product, Path(folder) / "locust")
            _tell_cache(product)
            held = memory_mib(product)
            parts = ", ".join(f"{part} {mib:.0f}" for part, mib in held.items())
            sys.stdout.write(f"memory: {sum(held.values()):.0f} MiB ({parts})\n")
            used = product.get("/health/db")[1]["connections"]
            share = f"{100 * used['used'] / used['budget']:.0f} % of the budget open, {max(most)} at work at the most"
            sys.stdout.write(f"database connections: {share}; {used}\n")
            sys.stdout.write(statements.report(Path(folder) / "log" / "postgres.log"))
            product.stop()
    return 1 if failed else 0


@contextmanager
def _most_at_work(product: Product) -> Iterator[list[int]]:
    """How many connections had a statement or a transaction, each second; the one that asks among them."""
    found = [0]
    is_over = threading.Event()

    def look() -> None:
        while not is_over.wait(1.0):
            with suppress(OSError, http.client.HTTPException, KeyError):
                use = product.get("/health/db")[1]["connections"]
                found.append(use["active"] + use["idleInTransaction"])

    watcher = threading.Thread(target=look)
    watcher.start()
    yield found
    is_over.set()
    watcher.join()


def _run_users(users: int, product: Product, results: Path) -> int:
    """How many requests failed; what locust found is told."""
    command = [
        *(sys.executable, "-m", "locust", "--headless", "--only-summary", "--locustfile", "tests/load/locustfile.py"),
        *("--users", str(users), "--spawn-rate", str(ARRIVING_PER_S), "--reset-stats"),
        *("--run-time", f"{SECONDS + users // ARRIVING_PER_S + 1}s", "--host", f"http://127.0.0.1:{product.port}"),
        *("--loglevel", "ERROR", "--json-file", str(results), "--exit-code-on-error", "0"),
    ]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LOCUST_")}
    notes_file = results.with_name("notes.json")
    clean["NOTES_FILE"] = str(notes_file)
    subprocess.run(command, cwd=ROOT, env=clean, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    found = json.loads(results.with_suffix(".json").read_text(encoding="utf-8"))
    sys.stdout.write(
        f"{users} users for {SECONDS} s\n{'':26}{'requests':>9}{'failed':>8}{'p50':>8}{'p95':>8}{'p99':>8}  ms\n"
    )
    for one in found:
        sys.stdout.write(_line(one["name"], one["num_requests"], one["num_failures"], one["response_times"]))
    answered = [one for one in found if one["method"] != "WAIT"]
    times: dict[str, int] = {}
    for one in answered:
        for took, number in one["response_times"].items():
            times[took] = times.get(took, 0) + number
    noted = json.loads(notes_file.read_text(encoding="utf-8"))
    arriving = Counter(str(round(took)) for took in noted["arrivals"])
    sys.stdout.write(_line("arriving: sign in", len(noted["arrivals"]), noted["failed"], arriving))
    failures = sum(one["num_failures"] for one in found if one["name"] != "sign in") + noted["failed"]
    sys.stdout.write(_line("all answers", sum(one["num_requests"] for one in answered), failures, times))
    share = 100 * noted["sent"] / max(1, noted["plain"])
    sys.stdout.write(f"compressed: {noted['sent']:,} bytes for {noted['plain']:,}, {share:.0f} %\n")
    return int(failures)


def _line(name: str, number: int, failed: int, times: dict[str, int]) -> str:
    shares = "".join(f"{_quantile(times, share):8.0f}" for share in (0.5, 0.95, 0.99))
    return f"{name:26}{number:9}{failed:8}{shares}\n"


def _quantile(times: dict[str, int], share: float) -> float:
    """From counts by time, as locust keeps them (two digits)."""
    left = share * sum(times.values())
    for took, number in sorted((float(took), number) for took, number in times.items()):
        left -= number
        if left <= 0:
            return took
    return 0.0


def _tell_cache(product: Product) -> None:
    token = _ask(product, "POST", "/auth/login", {"email": WATCHER, "password": PASSWORD})["accessToken"]
    time.sleep(1.1)  # each process adds its counts once a second, with the next request
    status = _ask(product, "GET", "/cache/status", token=token)
    kinds = {name: kind for name, kind in status["tags"].items() if kind["ratio"] is not None}
    hits = ", ".join(f"{name} {100 * kind['ratio']:.0f} %" for name, kind in kinds.items())
    sys.stdout.write(f"cache: {100 * status['ratio']:.0f} % found ({hits}), {status['entries']} answers kept\n")


def _ask(product: Product, method: str, path: str, body: Any = None, *, token: str = "") -> Any:
    with closing(http.client.HTTPConnection("127.0.0.1", product.port, timeout=30)) as connection:
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
        connection.request(method, f"/api/v1{path}", json.dumps(body), headers)
        return json.loads(connection.getresponse().read())


if __name__ == "__main__":
    sys.exit(main(int(os.environ.get("USERS", "200"))))
