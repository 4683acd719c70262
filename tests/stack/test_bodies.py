"""Bodies made to cost more than they weigh, sent to a running product as a stranger would send them."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.stack.product import PATIENCE_S, Product, command_line

pytestmark = pytest.mark.stack

PASSWORD = "a long walk in the rain"
LENGTHS = {
    "objects": b'{"a":' * 1_700_000 + b"1" + b"}" * 1_700_000,
    "brackets": b'{"name":' + b"[" * 5_000_000 + b"]" * 5_000_000 + b"}",
    "brackets within the limit": b'{"name":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "numbers that are none, under a long name": b'{"' + b"k" * 5000 + b'":[' + b"NaN," * 190_000 + b"NaN]}",
}


@pytest.fixture
def running(new_product: Callable[..., Product]) -> Product:
    product = new_product(GUNICORN_WORKERS="1", RATELIMIT_ENABLE="0", DEMO_PASSWORD=PASSWORD)
    product.up()
    return product


def sent(
    product: Product, path: str, body: bytes, headers: dict[str, str], *, is_chunked: bool
) -> tuple[int, Any, str]:
    """Status, body and kind of the answer, whether or not the server wanted to hear all of it."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += ["Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {len(body)}", "", ""]
    with closing(socket.create_connection(("127.0.0.1", product.port), timeout=PATIENCE_S)) as connection:
        connection.sendall("\r\n".join(lines).encode())
        with suppress(BrokenPipeError, ConnectionResetError):
            for piece in pieces(body, is_chunked=is_chunked):
                connection.sendall(piece)
        answer = b""
        with suppress(ConnectionResetError):
            while part := connection.recv(65_536):
                answer += part
    head, _, content = answer.partition(b"\r\n\r\n")
    kind = next((line for line in head.decode().splitlines() if line.lower().startswith("content-type")), "")
    return int(head.split()[1]), json.loads(content), kind.partition(": ")[2]


def pieces(body: bytes, *, is_chunked: bool) -> Iterator[bytes]:
    for start in range(0, len(body), 65_536):
        piece = body[start : start + 65_536]
        yield b"%x\r\n%s\r\n" % (len(piece), piece) if is_chunked else piece
    if is_chunked:
        yield b"0\r\n\r\n"


def largest_mib(product: Product) -> float:
    """The most memory that any web process has ever held."""
    web = [pid for pid in product.processes() if "gunicorn" in command_line(pid)]
    peaks = [line for pid in web for line in Path(f"/proc/{pid}/status").read_text().splitlines() if "VmHWM" in line]
    return max(int(line.split()[1]) for line in peaks) / 1024


@pytest.mark.parametrize("is_chunked", [False, True], ids=["with its length", "in chunks"])
def test_nested_megabytes_are_refused_and_leave_no_trace(running: Product, is_chunked: bool) -> None:
    _, login, _ = sent(
        running, "/api/v1/auth/login",
        json.dumps({"email": "demo@example.com", "password": PASSWORD}).encode(), {}, is_chunked=is_chunked,
    )  # fmt: skip
    signed_in = {"Authorization": f"Bearer {login['accessToken']}"}
    before = largest_mib(running)

    for name, body in LENGTHS.items():
        expected = 400 if len(body) < 1_000_000 else 413
        for path, headers in (("/api/v1/auth/login", {}), ("/api/v1/projects", signed_in)):
            status, problem, kind = sent(running, path, body, headers, is_chunked=is_chunked)
            assert (name, status, problem["status"], kind) == (name, expected, expected, "application/problem+json")
        assert sent(running, "/api/v1/projects", body, {}, is_chunked=is_chunked)[0] == 401

    assert largest_mib(running) - before < 60
    assert running.is_ready()
