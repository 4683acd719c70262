"""Logging that cannot fill a disk, and does not tell secrets that stand in addresses."""

import logging
import re
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


_SHARED = re.compile(r"(/shared/)[^/?\s]+")


def without_secrets(text: str) -> str:
    """The text without the tokens of share links, which stand in their paths."""
    return _SHARED.sub(r"\1…", text)


class Untold(logging.Filter):
    """Leaves out the token of a share link, which is in the path that errors are logged with."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if "/shared/" in message:
            record.msg, record.args = without_secrets(message), ()
        return True
