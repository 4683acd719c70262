"""The request that this thread answers, for logs written deep down, where nobody hands it on."""

from contextvars import ContextVar

from django.core.signals import request_finished
from django.http import HttpRequest

_current: ContextVar[HttpRequest | None] = ContextVar("current_request", default=None)


def begin(request: HttpRequest) -> None:
    _current.set(request)


def request() -> HttpRequest | None:
    """None between requests, and in processes that answer none."""
    return _current.get()


def end(**kwargs: object) -> None:
    """The answer has been sent; for who has a request answered without sending it."""
    _current.set(None)


# Not at the end of the middleware: what streams a response still asks the database then.
request_finished.connect(end, dispatch_uid="config.http.current")
