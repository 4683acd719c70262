"""The same tasks on Celery, over Redis, Valkey or RabbitMQ (TASKS_BACKEND=celery)."""

from celery import Celery
from django.conf import settings

# Without Celery's own care for Django: it would close the database connection after every task.
app = Celery("safapac", fixups=[])
app.conf.update(
    broker_url=settings.CELERY_BROKER_URL,
    # Whoever asks for a run must not wait long for a broker that is away: the run is found without it.
    broker_connection_timeout=2,
    # Tasks may be lost, so over Redis none is acknowledged. One whose acknowledgement failed, the broker being away,
    # would keep its place among those fetched ahead; once all places are kept so, nothing is fetched any more.
    broker_transport_options={
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "max_retries": 0,
        "ack_emulation": False,
    },
    task_publish_retry=False,
    task_ignore_result=True,
    task_default_queue="safapac",
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
)
