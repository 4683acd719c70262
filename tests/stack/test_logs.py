"""What a running product writes down of those who use it: no password, no token."""

import http.client
import json
import re
from collections.abc import Callable
from contextlib import closing

import pytest

from tests.stack.product import PATIENCE_S, Product, wait_for

pytestmark = pytest.mark.stack

PASSWORD, MAILED, SHARED = "correct-horse-battery", "mailed-token-of-somebody", "shared-token-of-somebody"


def test_no_secret_is_in_a_log(new_product: Callable[..., Product]) -> None:
    product = new_product(
        DEMO_PASSWORD=PASSWORD, GUNICORN_ACCESS_LOG="1", GUNICORN_LOG_LEVEL="debug", SLOW_QUERY_MS="1"
    )
    product.up()
    secrets = [MAILED, SHARED, PASSWORD]

    def ask(method: str, path: str, body: object = None, **headers: str) -> bytes:
        with closing(http.client.HTTPConnection("127.0.0.1", product.port, timeout=PATIENCE_S)) as connection:
            sent = None if body is None else json.dumps(body)
            connection.request(method, path, sent, {"Content-Type": "application/json", **headers})
            return connection.getresponse().read()

    login = json.loads(ask("POST", "/api/v1/auth/login", {"email": "demo@example.com", "password": PASSWORD}))
    secrets += [login["accessToken"], login["refreshToken"]]
    bearer = {"Authorization": f"Bearer {login['accessToken']}"}
    key = json.loads(ask("POST", "/api/v1/auth/api-keys", {"name": "script"}, **bearer))["key"]
    secrets.append(key)
    ask("GET", "/api/v1/projects", Authorization=f"Bearer {key}")
    ask("POST", "/api/v1/auth/refresh", {"refreshToken": login["refreshToken"]})
    ask("POST", "/api/v1/auth/login", {"email": "demo@example.com", "password": "wrong-horse-battery"})
    for path in ("password/reset/confirm", "register/confirm", "email/confirm", "invitation"):
        ask("GET", f"/{path}?token={MAILED}", Referer=f"http://127.0.0.1/{path}?token={MAILED}")
    for path in (f"/shared/{SHARED}", f"/api/v1/shared/{SHARED}", f"/shared/{SHARED}/%0aFORGED"):
        ask("GET", path)
    ask("POST", f"/shared/{SHARED}", {})
    folder = product.var_dir / "log"
    wait_for(lambda: "/shared/…" in (folder / "web.log").read_text())
    assert product.stop()[0] == 0

    written = {file.name: file.read_text(errors="replace") for file in folder.iterdir()}
    assert "POST /api/v1/auth/login" in written["web.log"]
    for name, text in written.items():
        assert not [secret for secret in [*secrets, "wrong-horse-battery"] if secret in text], name
        assert not re.search(r"^FORGED", text, re.MULTILINE), name
    assert not [secret for secret in secrets if secret in product.said() and secret != PASSWORD]
