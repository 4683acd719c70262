"""Logging that cannot fill a disk."""

import logging
import time

EVERY_S = 60.0


class Seldom(logging.Filter):
    """Lets one record a minute pass, on one line: a cache that is away would else leave a traceback per request."""

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self._next = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + EVERY_S
        if record.exc_info:
            cause = record.exc_info[1]
            record.msg, record.args = "%s: %s (said once a minute)", (record.getMessage(), cause)
            record.exc_info = None
        return True
