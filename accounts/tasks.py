"""Tasks wake a worker. Which letters it then sends, their rows say."""

from django.tasks import task

from accounts.services import letters_deliver


@task
def deliver_mail() -> int:
    """Send the letters that are due; how many there were. With none due this does nothing."""
    return letters_deliver()
