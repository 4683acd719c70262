"""Whose a connection is, told apart in ``pg_stat_activity`` by its application name."""

from django.conf import settings
from django.db import connections

WEB = "web"
WORKER = "worker"


def become(part: str) -> None:
    """Say which part of the product this process is, before it opens a connection: ``safapac-web``, ``safapac-worker``.

    Others, such as a command, keep the plain name. A second call changes nothing.
    """
    options = connections.settings["default"]["OPTIONS"]
    options["application_name"] = named(part)


def named(part: str) -> str:
    return f"{settings.DATABASE_APPLICATION}-{part}"
