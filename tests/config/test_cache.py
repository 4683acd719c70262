"""Versions and the answers kept under them: what is outdated is never found, and what is made is made once."""

import gzip
import os
import threading
import time
import warnings
from collections.abc import Iterator
from typing import Any

import brotli
import pytest
from django.db import transaction
from django.test import override_settings
from django_redis import get_redis_connection

from config.cache import answers, codings, counters, versions
from config.cache.answers import Answer
from tests.scenarios.racing import together

NOWHERE = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://127.0.0.1:1"}}


@pytest.fixture(autouse=True)
def _own_memory() -> Iterator[None]:
    answers.clear()
    yield
    answers.clear()


def read(*tags: str) -> versions.Versions:
    found = versions.read(tags)
    assert found is not None
    return found


def answer(body: bytes = b"{}") -> Answer:
    return Answer('"tag"', {codings.IDENTITY: body})


def never() -> Answer:
    raise AssertionError("made again")


@pytest.mark.django_db
def test_version_stays_until_it_is_replaced() -> None:
    before = read("a", "b")
    assert read("a", "b") == before

    versions.replace("a")

    after = read("a", "b")
    assert after["a"] != before["a"]
    assert (after["b"], after[versions.EPOCH]) == (before["b"], before[versions.EPOCH])


@pytest.mark.django_db(transaction=True)
def test_what_is_being_changed_has_no_version_until_it_is_committed() -> None:
    before = read("a", "b")
    with transaction.atomic():
        versions.replace("a")
        moving = read("a", "b")
    after = read("a", "b")

    assert moving == {tag: before[tag] for tag in ("b", versions.EPOCH)}
    assert not versions.are_current(before)
    assert after["a"] != before["a"]
    assert versions.are_current(after)


@pytest.mark.django_db(transaction=True)
def test_what_two_change_at_once_has_no_version_until_both_have_committed() -> None:
    """Whichever began first: the other's change shows only then."""
    begun, first_is_done = threading.Barrier(2), threading.Event()

    def first() -> bool:
        with transaction.atomic():
            versions.replace("a")
            begun.wait()
        is_moving = "a" not in read("a")
        first_is_done.set()
        return is_moving

    def second() -> bool:
        with transaction.atomic():
            versions.replace("a", "b")
            begun.wait()
            first_is_done.wait()
            versions.replace("a")
        return "a" in read("a")

    assert together(first, second) == [True, True]


@pytest.mark.django_db(transaction=True)
def test_change_outside_a_transaction_leaves_the_marks_of_others() -> None:
    with transaction.atomic():
        versions.replace("a")
        together(lambda: versions.replace("a"))
        assert "a" not in read("a")
    assert "a" in read("a")


@pytest.mark.django_db(transaction=True)
def test_mark_of_a_writer_who_never_commits_goes_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others who mark the same tag do not make it stay."""
    monkeypatch.setattr(versions, "MOVING_S", 1)
    before = read("a")
    with transaction.atomic():
        versions.replace("a")
        transaction.set_rollback(True)
    deadline = time.monotonic() + 60
    while "a" not in (after := read("a")) and time.monotonic() < deadline:
        with transaction.atomic():
            versions.replace("a")
        time.sleep(0.02)

    assert after["a"] != before["a"]


@pytest.mark.django_db
def test_forgotten_version_comes_back_as_another() -> None:
    before = read("a")
    get_redis_connection("default").delete(versions.PREFIX + "a")

    assert read("a")["a"] != before["a"]


@pytest.mark.django_db
def test_everything_is_outdated_at_once() -> None:
    before = answers.key_of("x", read("a"), ())
    versions.replace_all()

    assert answers.key_of("x", read("a"), ()) != before


@pytest.mark.django_db
def test_after_a_failure_nothing_from_before_is_found() -> None:
    """A version that could not be replaced must not bring back what it stood for."""
    before = read("a")
    with override_settings(CACHES=NOWHERE):
        versions.replace("a")
        assert versions.read(["a"]) is None
    deadline = time.monotonic() + 60
    while (found := versions.read(["a"])) is None and time.monotonic() < deadline:
        time.sleep(0.02)

    assert found is not None
    assert found[versions.EPOCH] != before[versions.EPOCH]


def test_child_of_a_process_without_a_cache_comes_back_to_it() -> None:
    """Web and worker processes are forked from one that may have begun while the cache was away."""
    away = override_settings(CACHES=NOWHERE)
    away.enable()
    versions.replace_all()
    assert not versions.is_relied_on()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that this process has threads is the point
        child = os.fork()
    away.disable()
    if child == 0:
        deadline = time.monotonic() + 60
        while not versions.is_relied_on() and time.monotonic() < deadline:
            time.sleep(0.02)
        os._exit(0 if versions.is_relied_on() else 1)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0


def test_key_moves_with_each_version_and_each_part() -> None:
    base = {"a": b"1", "epoch": b"2"}
    keys = {
        answers.key_of("x", base, ("u", "/p")),
        answers.key_of("y", base, ("u", "/p")),
        answers.key_of("x", base | {"a": b"3"}, ("u", "/p")),
        answers.key_of("x", base, ("v", "/p")),
        answers.key_of("x", base, ("u", "/p?q=1")),
    }
    assert len(keys) == 5
    assert answers.key_of("x", dict(reversed(base.items())), ("u", "/p")) in keys


def test_answer_is_made_once_and_found_by_other_processes() -> None:
    made = answers.find_or_make("x:1", ttl_s=60, make=lambda: answer(b'{"a":1}'))
    assert answers.find_or_make("x:1", ttl_s=60, make=never) is made

    answers.clear()  # as another process, which has its own memory
    found = answers.find_or_make("x:1", ttl_s=60, make=never)
    assert (found.body, found.etag) == (made.body, made.etag)
    assert 50 < get_redis_connection("default").ttl(answers.PREFIX + "x:1") <= 60


def test_large_answers_are_kept_compressed_and_come_back_whole() -> None:
    body = b'{"number": 12345}' * 10_000
    answers.find_or_make("x:1", ttl_s=60, make=lambda: answer(body))

    assert get_redis_connection("default").strlen(answers.PREFIX + "x:1") < len(body) / 10
    answers.clear()
    assert answers.find_or_make("x:1", ttl_s=60, make=never).body == body


def test_of_many_who_ask_at_once_one_makes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # However slowly the one makes it, nobody takes it for dead.
    monkeypatch.setattr(answers, "PATIENCE_S", 60.0)
    made: list[float] = []
    found: list[bytes] = []
    start = threading.Barrier(8)

    def make() -> Answer:
        made.append(time.monotonic())
        time.sleep(0.1)
        return answer(b"slow")

    def ask() -> None:
        start.wait()
        found.append(answers.find_or_make("x:1", ttl_s=60, make=make).body)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [b"slow"] * 8
    assert len(made) == 1


def test_who_fails_to_make_it_holds_nobody_up() -> None:
    def fail() -> Answer:
        raise LookupError

    with pytest.raises(LookupError):
        answers.find_or_make("x:1", ttl_s=60, make=fail)
    assert not get_redis_connection("default").exists(answers.GUARD + "x:1")
    assert answers.find_or_make("x:1", ttl_s=60, make=answer).body == b"{}"


def test_who_died_making_it_is_waited_for_no_longer_than_its_guard_lasts() -> None:
    get_redis_connection("default").set(answers.GUARD + "x:1", b"1", px=50)

    assert answers.find_or_make("x:1", ttl_s=60, make=answer).body == b"{}"


def test_without_a_cache_every_process_answers_from_its_own() -> None:
    with override_settings(CACHES=NOWHERE):
        assert answers.find_or_make("x:1", ttl_s=60, make=answer).body == b"{}"
        assert answers.find_or_make("x:1", ttl_s=60, make=never).body == b"{}"


def test_a_process_keeps_no_more_than_its_share() -> None:
    body = b"x" * 1_000_000
    for number in range(20):
        answers.find_or_make(f"x:{number}", ttl_s=60, make=lambda: answer(body))
    get_redis_connection("default").flushdb()

    remade = []
    for number in range(20):
        answers.find_or_make(f"x:{number}", ttl_s=60, make=lambda: remade.append(1) or answer(body))  # type: ignore[func-returns-value]
    assert len(remade) >= 20 - answers.PROCESS_BYTES // (2 * len(body))


def test_what_is_not_kept_is_no_miss() -> None:
    def refused() -> Answer:
        raise RuntimeError("not an answer to keep")

    before = counters.totals().get("refused", {"misses": 0})
    for is_guarded in (True, False):
        with pytest.raises(RuntimeError):
            answers.find_or_make("refused:1", ttl_s=60, make=refused, is_guarded=is_guarded)

    assert counters.totals().get("refused", {"misses": 0})["misses"] == before["misses"]


def test_hits_and_misses_are_counted_for_all_processes() -> None:
    before = counters.totals().get("counted", {"hits": 0, "misses": 0})
    for _ in range(3):
        answers.find_or_make("counted:1", ttl_s=60, make=answer)

    after = counters.totals()["counted"]
    assert (after["misses"] - before["misses"], after["hits"] - before["hits"]) == (1, 2)


@pytest.mark.parametrize(
    ("accepted", "size", "expected"),
    [
        ("br, gzip", 5000, "br"),
        ("gzip, deflate", 5000, "gzip"),
        ("GZIP;q=0.5", 5000, "gzip"),
        ("br;q=0, gzip", 5000, "gzip"),
        ("*", 5000, "br"),
        ("*;q=0", 5000, "identity"),
        ("", 5000, "identity"),
        ("gzip;q=much", 5000, "identity"),
        ("deflate", 5000, "identity"),
        ("br, gzip", 1023, "identity"),
        ("br, gzip", 1024, "br"),
    ],
)
def test_coding_is_the_best_the_client_takes(accepted: str, size: int, expected: str) -> None:
    assert codings.coding_for(accepted, size) == expected


def test_brotli_can_be_switched_off(settings: Any) -> None:
    settings.USE_BROTLI = False
    assert codings.coding_for("br, gzip", 5000) == "gzip"


def test_codings_hold_the_same_bytes() -> None:
    body = b'{"a": 1}' * 1000
    assert brotli.decompress(codings.coded(body, "br")) == body
    assert gzip.decompress(codings.coded(body, "gzip")) == body
    assert codings.decoded(codings.coded(body, "gzip")) == body
    assert codings.coded(body, "identity") == body
