"""A letter from a request to the mail server, through the worker of a whole product, by either queue."""

import http.client
import json
import re
from collections.abc import Callable
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.accounts.post_office import Letterbox, PostOffice
from tests.stack.product import PATIENCE_S, Product, wait_for
from tests.stack.test_worker import ask

pytestmark = pytest.mark.stack

PASSWORD = "a long walk in the rain"


def confirmed(product: Product, token: str) -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", product.port, timeout=PATIENCE_S)) as connection:
        body = json.dumps({"token": token})
        connection.request("POST", "/api/v1/auth/verify-email", body, {"Content-Type": "application/json"})
        return connection.getresponse().status


@pytest.mark.parametrize(("backend", "is_refused_once"), [("database", True), ("celery", False)])
def test_registering_by_a_mail(new_product: Callable[..., Product], backend: str, is_refused_once: bool) -> None:
    box = Letterbox(on_data="451 come back later" if is_refused_once else "250 OK")
    with PostOffice(box) as office:
        product = new_product(TASKS_BACKEND=backend, MAIL_URL=f"smtp://{office.address}?starttls=0")
        product.up()
        ask(product, "POST", "/auth/register", {"email": "ada@example.com", "password": PASSWORD, "name": "Ada"})
        log = product.var_dir / "log" / "worker.log"
        if is_refused_once:
            wait_for(lambda: "was not sent, to be tried again" in log.read_text())
            box.on_data = "250 OK"
        # Again half a minute later, and whoever looks after letters does so once a minute.
        wait_for(lambda: bool(box.mails), timeout_s=2 * PATIENCE_S)

        (mail,) = box.mails
        body = mail.get_body(("plain",))
        assert body is not None
        link = re.search(r"https?://\S+token=\S+", body.get_content())
        assert link is not None
        token = parse_qs(urlsplit(link[0]).query)["token"][0]
        assert confirmed(product, token) == 204
        ask(product, "POST", "/auth/login", {"email": "ada@example.com", "password": PASSWORD})
        assert product.stop()[0] == 0
        assert token not in log.read_text()
