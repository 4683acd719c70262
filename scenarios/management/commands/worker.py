"""``manage.py worker``: processes that take calculations from the queue, until Ctrl-C."""

import argparse
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config import env
from config.database import process
from config.stack.budget import cores


class Command(BaseCommand):
    help = (
        "Calculate what is queued. SIGTERM or Ctrl-C: what runs is finished and nothing more is taken; a second one"
        " puts it back."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--concurrency", type=_count, default=None, help="processes; WORKER_CONCURRENCY or one a core if left out"
        )

    def handle(self, *args: object, **options: Any) -> None:
        process.become(process.WORKER)
        concurrency = options["concurrency"] or env.integer("WORKER_CONCURRENCY", 0) or cores()
        if settings.TASKS_BACKEND == "celery":
            from scenarios.worker import celery

            sys.exit(celery.run(concurrency))
        from scenarios.worker.database import serve
        from scenarios.worker.pool import Pool

        Pool(concurrency, serve).run()


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number
