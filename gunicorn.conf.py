"""Gunicorn: threads in a few processes that share one import of the application (see config/stack/budget.py)."""

import os

from config import env
from config.stack.budget import Budget

_budget = Budget.from_environment()
_host = env.text("HOST", "127.0.0.1")

wsgi_app = "config.wsgi"
bind = f"[{_host}]:{env.integer('PORT', 8000)}" if ":" in _host else f"{_host}:{env.integer('PORT', 8000)}"
worker_class = "config.stack.web.EvenWorker"
workers = _budget.web_workers
threads = _budget.web_threads
timeout = env.integer("GUNICORN_TIMEOUT", 30, minimum=1)
graceful_timeout = env.integer("GUNICORN_GRACEFUL_TIMEOUT", 10, minimum=1)
keepalive = env.integer("GUNICORN_KEEPALIVE", 5)
# Replacing one takes some 100 ms of processor time, that of hundreds of cached answers: after 10,000 requests each, a
# busy server is always replacing one, which is seen in its slowest answers.
max_requests = env.integer("GUNICORN_MAX_REQUESTS", 100_000)
max_requests_jitter = max_requests // 5
# One import, shared pages; a replaced worker is a fork away.
preload_app = True
# Its default is a socket in the user's home, which two copies would fight over.
control_socket_disable = True
# The workers' heartbeat must not wait for a disk.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
logger_class = "config.health.weblog.WebLog"
accesslog = "-" if env.boolean("GUNICORN_ACCESS_LOG") else None
loglevel = env.text("GUNICORN_LOG_LEVEL", "warning")


def when_ready(server):
    """What an earlier release kept may be of another shape; and what is made now, no web process makes again."""
    from config.cache import versions, warming
    from config.stack.preload import preload

    versions.replace_all()
    warming.warm()
    preload()


def pre_fork(server, worker):
    """A connection shared by two processes is a corrupted one; and give the worker the lowest free slot."""
    from django.db import connections

    connections.close_all()
    taken = {other.slot for other in server.WORKERS.values()}
    worker.slot = next(slot for slot in range(len(taken) + 1) if slot not in taken)


def child_exit(server, worker):
    from config.stack.web import tell

    tell(worker.slot)


def post_fork(server, worker):
    from config.cache import warming
    from config.database import process
    from config.health import metrics

    process.become(process.WEB)
    warming.switch(is_on=True)
    metrics.become(str(worker.slot))
