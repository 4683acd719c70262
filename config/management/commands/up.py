"""``manage.py up``: the whole product, until Ctrl-C."""

import os
import sys
from pathlib import Path
from typing import Any

import django.db
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import env
from config.embedded import runtime
from config.embedded.processes import ServerError
from config.embedded.servers import needed
from config.stack import launcher
from config.stack.budget import Budget
from config.stack.children import Child
from config.stack.prepare import Prepared, prepare


class Command(BaseCommand):
    help = "Start PostgreSQL and Valkey (unless named in the environment), prepare the database, serve until Ctrl-C."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run()
        except ServerError as error:
            raise CommandError(str(error)) from error
        except django.db.OperationalError as error:
            raise CommandError(f"the database does not answer: {error}") from error


def run() -> None:
    """Put the parts together and run them.

    Errors: ServerError with a sentence for the person who started it.
    """
    var_dir = settings.VAR_DIR
    try:
        runtime.make_var_dir(var_dir)
        lock = launcher.Lock(var_dir)
    except OSError as error:
        raise ServerError(f"{error.filename} cannot be written ({error.strerror}): choose another VAR_DIR") from error
    with lock:
        _run(var_dir)


def _run(var_dir: Path) -> None:
    budget = Budget.from_environment()
    servers = needed(var_dir, max_connections=max(100, budget.connections + 20))
    _read_settings_again_if_new(var_dir)
    password = _demo_password(var_dir) if settings.DEMO else None
    shown = "password the one in DEMO_PASSWORD" if runtime.is_given("DEMO_PASSWORD") else f"password {password}"
    way_in: str | None = None
    address = launcher.Address(
        host=env.text("HOST", "127.0.0.1"),
        port=env.integer("PORT", 8000, minimum=1, maximum=65535),
        host_header=_host_header(),
    )

    def prepare_and_check() -> None:
        nonlocal way_in
        prepared = prepare(demo_password=password, say=launcher.say)
        way_in, maximum = _way_in(prepared, shown), prepared.connections
        if budget.connections > maximum:
            raise ServerError(
                f"{_described(budget)} need up to {budget.connections} database connections, the server allows"
                f" {maximum}: lower GUNICORN_WORKERS, GUNICORN_THREADS or WORKER_CONCURRENCY, or raise max_connections"
            )
        launcher.say(f"{_described(budget)}, at most {budget.connections} of {maximum} database connections")

    launcher.Launcher(
        servers=servers,
        children=_children(var_dir, budget),
        address=address,
        prepare=prepare_and_check,
        when_ready=lambda checks: _greet(address, checks, way_in),
    ).run()


def _described(budget: Budget) -> str:
    return (
        f"{budget.web_workers} web processes of {budget.web_threads} threads and {budget.background_workers} background"
        " workers"
    )


def _children(var_dir: Path, budget: Budget) -> list[Child]:
    """Every process that runs our own code, in starting order."""
    metrics = var_dir / "metrics"
    children = [
        Child(
            "web",
            [sys.executable, "-m", "gunicorn", "--config", str(settings.BASE_DIR / "gunicorn.conf.py")],
            var_dir=var_dir,
            cwd=settings.BASE_DIR,
            patience_s=15,
            environment={"VAR_DIR": str(var_dir), "PROMETHEUS_MULTIPROC_DIR": str(metrics)},
            scratch=metrics,
        ),
    ]
    if budget.background_workers:
        worker = Child(
            "worker",
            [sys.executable, "manage.py", "worker", "--concurrency", str(budget.background_workers)],
            var_dir=var_dir,
            cwd=settings.BASE_DIR,
            patience_s=15,
            environment={"VAR_DIR": str(var_dir)},
        )
        children.insert(0, worker)
    return children


def _read_settings_again_if_new(var_dir: Path) -> None:
    """On the very first start the settings were read before there was a record of the servers: begin again with it."""
    known = (settings.DATABASE_URL, settings.REDIS_URL)
    current = (
        env.text("DATABASE_URL") or runtime.database_url(var_dir),
        env.text("REDIS_URL") or runtime.redis_url(var_dir),
    )
    if known != current:
        sys.stdout.flush()
        os.execv(sys.executable, sys.orig_argv)  # noqa: S606


def _demo_password(var_dir: Path) -> str:
    return env.text("DEMO_PASSWORD") or runtime.kept_secret(var_dir / "demo_password", entropy_bytes=12)


def _host_header() -> str:
    """A name the product accepts, for the launcher's own question whether it is ready."""
    first = (settings.ALLOWED_HOSTS or ["localhost"])[0]
    return "localhost" if first == "*" else first.lstrip(".")


def _way_in(prepared: Prepared, password: str) -> str | None:
    """How to sign in as the demo user, None without one; nobody's own choice of a password is known here."""
    if prepared.is_demo_password is None:
        return None
    return password if prepared.is_demo_password else "with the password that was chosen in the product"


def _greet(address: launcher.Address, checks: dict[str, str], way_in: str | None) -> None:
    launcher.say(f"SAFAPAC is ready: {address.url}")
    if way_in is not None:
        launcher.say(f"  sign in as {settings.DEMO_EMAIL}, {way_in}")
    for name, said in checks.items():
        if said != "ok":
            launcher.say(f"  {name}: {said}; requests are answered without it")
    launcher.say(f"  logs are in {settings.VAR_DIR / 'log'}; Ctrl-C stops everything")
