"""Limits hold over all web processes of one product."""

import json
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.stack.product import Product

pytestmark = pytest.mark.stack


def test_five_guesses_a_minute_whichever_process_answers(new_product: Callable[..., Product]) -> None:
    product = new_product(GUNICORN_WORKERS="4", GUNICORN_THREADS="2", RATE_LOGIN="5/h")
    product.up()

    def guess(number: int) -> int:
        request = urllib.request.Request(
            f"http://127.0.0.1:{product.port}/api/v1/auth/login",
            json.dumps({"email": "somebody@example.com", "password": f"guess {number}"}).encode(),
            {"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  our own product
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return refused.code

    with ThreadPoolExecutor(8) as pool:
        statuses = Counter(pool.map(guess, range(24)))

    assert statuses == {401: 5, 429: 19}
