"""Each thread's own connection to the shared cache."""

import threading
import uuid

import pytest
from django_redis import get_redis_connection
from redis.exceptions import ResponseError

from config.cache import wire


def in_a_thread(results: list[object]) -> None:
    thread = threading.Thread(target=lambda: results.append(wire.call("PING")))
    thread.start()
    thread.join()


def test_threads_that_come_and_go_find_the_cache_and_leave_no_connection() -> None:
    """More of them than the client's pool would ever make connections for."""
    client = get_redis_connection("default")
    before = client.info("clients")["connected_clients"]
    answers: list[object] = []
    for _ in range(150):
        in_a_thread(answers)

    assert answers == [b"PONG"] * 150
    assert client.info("clients")["connected_clients"] < before + 20


def test_connection_that_the_server_has_closed_is_made_again() -> None:
    wire.call("PING")
    get_redis_connection("default").execute_command("CLIENT", "KILL", "ID", wire.call("CLIENT", "ID"))

    assert wire.call("PING") == b"PONG"


def test_script_is_sent_where_the_server_does_not_know_it() -> None:
    mark = uuid.uuid4().hex
    script = wire.Script(f"return {{ARGV[1], '{mark}'}}")

    assert script([], "a") == script([], "a") == [b"a", mark.encode()]


def test_what_the_server_refuses_is_an_error_and_the_next_command_is_answered() -> None:
    with pytest.raises(ResponseError):
        wire.call("NO-SUCH-COMMAND")
    assert wire.call("PING") == b"PONG"
