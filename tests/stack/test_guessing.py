"""Limits hold over all web processes of one product."""

import json
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from prometheus_client.mmap_dict import MmapedDict

from tests.stack.product import PATIENCE_S, Product, alone

pytestmark = pytest.mark.stack

WORKERS = 4
LOGIN = "api/v1/auth/login"


@pytest.fixture
def guarded(new_product: Callable[..., Product]) -> Product:
    # Nobody replaces a process that stands still for a while.
    product = new_product(GUNICORN_WORKERS=str(WORKERS), GUNICORN_THREADS="2", GUNICORN_TIMEOUT="300", RATE_LOGIN="5/d")
    product.up()
    return product


def guess(product: Product, number: int) -> int:
    request = urllib.request.Request(
        f"http://127.0.0.1:{product.port}/{LOGIN}",
        json.dumps({"email": "somebody@example.com", "password": f"guess {number}"}).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310  our own product
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def answered(product: Product) -> list[dict[str, int]]:
    """Of each web process how many attempts to sign in it answered with each status, by what it writes for /metrics."""
    found = []
    for file in sorted((product.var_dir / "metrics").glob("counter_[0-9]*.db")):
        counts: Counter[str] = Counter()
        for key, count, *_ in MmapedDict.read_all_values_from_file(str(file)):
            _, name, labels, _ = json.loads(key)
            if name == "safapac_requests_total" and labels["route"] == LOGIN:
                counts[labels["status"]] += int(count)
        found.append(dict(counts))
    return found


def test_five_guesses_a_day_at_once_whichever_process_answers(guarded: Product) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = Counter(pool.map(lambda number: guess(guarded, number), range(24)))

    assert statuses == {401: 5, 429: 19}


def test_five_guesses_a_day_though_each_process_answers_two_of_eight(guarded: Product) -> None:
    workers = guarded.serving(WORKERS)

    statuses = []
    for number in range(2 * WORKERS):
        worker = workers[number % WORKERS]
        with alone(worker, workers):
            statuses.append(guess(guarded, number))

    assert statuses == [401] * 5 + [429] * 3
    # The first of them answers the fifth guess as well.
    assert sorted(answered(guarded), key=str) == [{"401": 1, "429": 1}] * 3 + [{"401": 2}]
