"""Web processes that leave a connection to those who have fewer for as long as these need, however slow the machine."""

from config.stack import web

web.PATIENCE_S = web.BUSY_PATIENCE_S = 60.0


class PatientWorker(web.EvenWorker):
    """Named to gunicorn, which imports this module for it."""
