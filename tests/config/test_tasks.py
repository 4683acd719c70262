"""The queue of tasks in the database: heard of at once, taken once, never at the price of what else is written."""

import threading
from collections.abc import Iterator

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.tasks import task
from django_tasks_db.models import DBTaskResult

from config import env
from config.tasks import Bell, run_next

pytestmark = pytest.mark.django_db(transaction=True)

called: list[tuple[str, int]] = []


@task
def remember(name: str, *, number: int) -> None:
    called.append((name, number))


@task
def break_down() -> None:
    raise ZeroDivisionError


@pytest.fixture(autouse=True)
def _nothing_called() -> Iterator[None]:
    called.clear()
    yield
    called.clear()


@pytest.fixture
def bell() -> Iterator[Bell]:
    bell = Bell()
    bell.wait(0)  # begins to listen
    yield bell
    bell.close()


def test_a_task_is_taken_once_in_order_and_is_gone() -> None:
    for number in range(3):
        remember.enqueue("first", number=number)

    assert [run_next() for _ in range(4)] == [True, True, True, False]

    assert called == [("first", 0), ("first", 1), ("first", 2)]
    assert not DBTaskResult.objects.exists()


def test_a_task_that_breaks_is_not_taken_again() -> None:
    break_down.enqueue()

    with pytest.raises(ZeroDivisionError):
        run_next()

    assert not run_next()


def test_a_task_that_somebody_else_is_taking_is_passed_over() -> None:
    remember.enqueue("mine", number=1)
    taken, done = threading.Event(), threading.Event()

    def take() -> None:
        with transaction.atomic():
            list(DBTaskResult.objects.select_for_update())
            taken.set()
            done.wait(60)
        connection.close()

    thread = threading.Thread(target=take)
    thread.start()
    taken.wait(60)
    passed_over = run_next()
    done.set()
    thread.join()

    assert not passed_over
    assert run_next()


def test_the_bell_rings_when_a_task_is_committed_and_not_before(bell: Bell) -> None:
    commit = threading.Event()

    def enqueue() -> None:
        with transaction.atomic():
            remember.enqueue("late", number=1)
            commit.wait(60)
        connection.close()

    thread = threading.Thread(target=enqueue)
    thread.start()

    assert not bell.wait(0.3)
    commit.set()
    assert bell.wait(20)
    assert run_next()
    thread.join()


def test_what_was_enqueued_between_two_waits_is_heard_of(bell: Bell) -> None:
    remember.enqueue("early", number=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")

    assert bell.wait(20)


def test_waiting_ends_by_itself_and_survives_a_lost_connection(bell: Bell) -> None:
    assert not bell.wait(0.01)
    connection.close()
    assert bell.wait(0.01)  # something may have come while nobody listened
    assert not bell.wait(0.01)
    remember.enqueue("again", number=1)

    assert bell.wait(20)
    assert run_next()


@pytest.mark.parametrize("nested", [False, True])
def test_only_a_task_of_its_own_does_not_wait_for_the_disk(nested: bool) -> None:
    """What a caller writes in the same transaction is kept as safely as ever."""
    seen: list[str] = []

    def note() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            seen.append(cursor.fetchone()[0])

    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
    if nested:
        with transaction.atomic():
            remember.enqueue("with", number=1)
            note()
    else:
        remember.enqueue("alone", number=1)
        note()

    assert seen == ["on"]


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("unix:///run/valkey.sock?db=3", "redis+socket:///run/valkey.sock?virtual_host=3"),
        ("unix:///run/valkey.sock", "redis+socket:///run/valkey.sock?virtual_host=0"),
        ("redis://host:6379/1", "redis://host:6379/1"),
        ("amqp://user:password@host//", "amqp://user:password@host//"),
    ],
)
def test_every_broker_has_its_address(url: str, broker: str) -> None:
    assert env.broker(url) == broker


def test_a_backend_nobody_knows_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKS_BACKEND", "pigeon")

    with pytest.raises(ImproperlyConfigured, match="TASKS_BACKEND must be database or celery"):
        env.choice("TASKS_BACKEND", "database", ("database", "celery"))
