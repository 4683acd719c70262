"""Tasks wake a worker. Which run it then takes, the queue decides, and how the run stands is in its row alone."""

from django.tasks import task

from scenarios.worker.process import current


@task
def calculate(calculation_id: str) -> int:
    """Calculate what is due, the fairest first, for a while; how many runs that were.

    ``calculation_id`` is the run for which this was sent: it may have been calculated long since, or another is due
    before it. With nothing due this does nothing, so it does no harm to send it twice.
    """
    return current().take_turns()
