"""Connections to the database: what each is set to, whose it is, and how many may be open."""

import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from config.database import process
from config.stack import prepare
from tests.stack.product import wait_for

WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%advisory_lock(%' AND pid <> pg_backend_pid()"
    " AND datname = current_database()"
)


def asked(sql: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


@pytest.fixture
def name_of_ours(settings: Any) -> Iterator[str]:
    """A name that no other test running at this moment gives its connections."""
    options = connections.settings["default"]["OPTIONS"]
    kept = options["application_name"]
    settings.DATABASE_APPLICATION = f"safapac{os.getpid()}"
    yield settings.DATABASE_APPLICATION
    options["application_name"] = kept


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("transaction_isolation", "read committed"),
        ("jit", "off"),
        ("statement_timeout", "1min"),
        ("idle_in_transaction_session_timeout", "1min"),
        ("application_name", "safapac"),
    ],
)
def test_a_connection_is_set_to_what_the_page_says(name: str, value: str) -> None:
    assert asked(f"SHOW {name}") == value


@pytest.mark.django_db(transaction=True)
def test_web_worker_and_others_are_told_apart(client: Client, name_of_ours: str) -> None:
    def use() -> None:
        asked("SELECT 1")
        opened.set()
        counted.wait(60)
        connection.close()

    asked("SELECT 1")  # under the name that this process has had until now
    counted = threading.Event()
    threads = []
    names = [process.named(part) for part in (process.WEB, process.WORKER, process.WORKER, "x")]
    for name in (*names, name_of_ours):
        opened = threading.Event()
        connections.settings["default"]["OPTIONS"]["application_name"] = name
        threads.append(threading.Thread(target=use))
        threads[-1].start()
        assert opened.wait(60)
    found = client.get("/health/db").json()["connections"]
    counted.set()
    for thread in threads:
        thread.join()
    assert (found["processes"]["web"], found["processes"]["worker"]) == (1, 2)
    assert found["processes"]["commands"] == 1
    assert found["processes"]["others"] >= 1
    assert found["used"] == sum(found["processes"].values()) <= found["maximum"]


@pytest.mark.django_db
def test_the_maximum_is_what_the_server_leaves_to_us(client: Client) -> None:
    maximum = int(asked("SHOW max_connections")) - int(asked("SHOW superuser_reserved_connections"))
    assert client.get("/health/db").json()["connections"]["maximum"] == maximum


@pytest.mark.django_db(transaction=True)
def test_a_launcher_that_waits_for_its_turn_holds_up_no_index_built_meanwhile() -> None:
    """CREATE INDEX CONCURRENTLY waits for the end of every statement that is older, a waiting one among them."""

    def wait_for_turn() -> None:
        try:
            with prepare._turn():
                had.append(True)
        finally:
            connection.close()

    had: list[bool] = []
    with prepare._turn():
        other = threading.Thread(target=wait_for_turn)
        other.start()
        wait_for(lambda: asked(WAITING) == 1)
        try:
            with connection.cursor() as cursor:
                cursor.execute("CREATE INDEX CONCURRENTLY projects_tried ON projects_project (version)")
                cursor.execute("DROP INDEX projects_tried")
            assert had == []
        finally:
            connection.close()
            other.join()
    assert had == [True]
