"""What every answer says of its own request: the id, and the time it took, which is counted by route."""

import re
import time
import uuid
from collections.abc import Mapping
from typing import Any

from config.health import metrics

_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


def request_id_of(environ: Mapping[str, Any]) -> str:
    """A caller's own ``X-Request-ID`` where it looks like one, else a new one."""
    given = environ.get("HTTP_X_REQUEST_ID", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def measured_headers(
    *, request_id: str, method: str, route: str | None, status: int, started: float, timing: str = ""
) -> dict[str, str]:
    """The headers of an answer that is ready, to a request whose clock (``perf_counter``) began at ``started``.

    ``timing`` is what its ``Server-Timing`` says already. The request is counted here.
    """
    elapsed = time.perf_counter() - started
    metrics.observe_request(method=method, route=route, status=status, seconds=elapsed)
    own = f"app;dur={elapsed * 1000:.3f}"
    return {
        "X-Request-ID": request_id,
        "X-Process-Time": f"{elapsed:.6f}",
        "Server-Timing": f"{timing}, {own}" if timing else own,
    }
