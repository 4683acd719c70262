"""The line for each request that gunicorn writes where GUNICORN_ACCESS_LOG=1."""

from typing import Any

from gunicorn.glogging import Logger

from config.health.logs import Untold, without_secrets


class WebLog(Logger):
    """Leaves out what follows the path, where tokens from mails stand, and the page before, which has its own."""

    def __init__(self, cfg: Any) -> None:
        super().__init__(cfg)
        # It names paths where it debugs, and where a request breaks it.
        self.error_log.addFilter(Untold())

    def atoms(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> dict[str, Any]:
        atoms: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        # As it was sent: decoded it could hold the end of a line, and another line of somebody's making.
        path = without_secrets(environ["RAW_URI"].partition("?")[0])
        return {**atoms, "r": f"{environ['REQUEST_METHOD']} {path} {environ['SERVER_PROTOCOL']}", "f": "-"}
