"""When a sign-in or an API key was last used, written at most once a minute, whoever asks how often."""

import logging
import time
from collections import OrderedDict
from datetime import timedelta
from uuid import UUID

from django.db import Error
from django.db.models import Q
from django.utils import timezone

from accounts.models import ApiKey, SignIn

logger = logging.getLogger(__name__)

EVERY_S = 60.0
MOST_KEPT = 5_000
# When this process looks again whether the use of each has been written down.
_due: OrderedDict[UUID, float] = OrderedDict()


def note(model: type[SignIn] | type[ApiKey], key: UUID, used: float) -> None:
    """``key`` is in use; ``used`` is when it was known to be, in seconds since 1970.

    Processes share no clock for this: each looks once a minute, and the first one in that minute writes.
    """
    now = time.time()
    if _due.get(key, used + EVERY_S) > now:
        return
    _due[key] = now + EVERY_S
    while len(_due) > MOST_KEPT:
        _due.popitem(last=False)
    at = timezone.now()
    idle = Q(last_used_at__lt=at - timedelta(seconds=EVERY_S)) | Q(last_used_at=None)
    try:
        model._default_manager.filter(idle, pk=key).update(last_used_at=at)
    except Error as error:
        # What is asked for may be cached, and need no database.
        logger.warning("a use was not written down: %s", str(error).strip())


def clear() -> None:
    """Forget what was written when; for tests."""
    _due.clear()
