"""Both embedded servers together, those of them that the environment does not replace."""

from pathlib import Path
from typing import Protocol

from config.embedded import place as places
from config.embedded import runtime
from config.embedded.postgres import Postgres
from config.embedded.valkey import Valkey


class Server(Protocol):
    """What the owner of a server needs of it."""

    name: str

    def start(self) -> None: ...

    def is_alive(self) -> bool: ...

    def stop(self) -> None: ...


def needed(var_dir: Path, *, max_connections: int = 100, durable: bool = True) -> list[Server]:
    """The embedded servers this environment needs, not yet started; each one is left out when its URL names another.

    Errors: ServerError when there is no folder or user for them.
    """
    wanted = [name for name in ("DATABASE_URL", "REDIS_URL") if not runtime.is_given(name)]
    if not wanted:
        return []
    place = places.settle(var_dir)
    servers: list[Server] = []
    if "DATABASE_URL" in wanted:
        servers.append(Postgres(place, max_connections=max_connections, durable=durable))
    if "REDIS_URL" in wanted:
        servers.append(Valkey(place, durable=durable))
    return servers
