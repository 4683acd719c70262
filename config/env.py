"""The environment, typed: a variable with a value that cannot be used stops the start with its name."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

_env = environ.Env()

ROOT = Path(__file__).resolve().parent.parent


def text(name: str, default: str = "") -> str:
    """A string, or the content of the file that ``<name>_FILE`` names (for secrets mounted as files)."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE: {error}") from error
    return os.environ.get(name, default)


def boolean(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}")


def integer(name: str, default: int, *, minimum: int = 0, maximum: int | None = None) -> int:
    value = os.environ.get(name, "").strip()
    try:
        number = int(value) if value else default
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}") from None
    if number < minimum:
        raise ImproperlyConfigured(f"{name} must be at least {minimum}, not {number}")
    if maximum is not None and number > maximum:
        raise ImproperlyConfigured(f"{name} may be at most {maximum}, not {number}")
    return number


def choice(name: str, default: str, values: Sequence[str]) -> str:
    """One of ``values``."""
    value = text(name).strip() or default
    if value not in values:
        raise ImproperlyConfigured(f"{name} must be {' or '.join(values)}, not {value!r}")
    return value


def rate(name: str, default: str) -> str:
    """How often something may happen, as in ``10/m``: a count a second, minute, hour or day."""
    value = text(name) or default
    if not re.fullmatch(r"[1-9][0-9]*/[smhd]", value):
        raise ImproperlyConfigured(f"{name} must be a rate such as 10/m, not {value!r}")
    return value


def server(name: str, *schemes: str) -> str:
    """The address of a server of one's own, of one of these schemes; empty where none is named."""
    value = text(name)
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        is_address = parts.scheme in schemes and bool(parts.hostname or parts.path) and parts.port != 0
    except ValueError:  # brackets or a port that are none
        is_address = False
    if not is_address:
        # The value may hold a password, and is not repeated.
        beginnings = " or ".join(f"{scheme}://" for scheme in schemes)
        raise ImproperlyConfigured(f"{name} must begin with {beginnings}, and name a server")
    return value


def site(name: str, default: str) -> str:
    """The address that people reach the product at, without a slash at its end."""
    value = (text(name) or default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ImproperlyConfigured(f"{name} must be an address such as https://safapac.example.org, not {value!r}")
    return value


def origins(name: str) -> list[str]:
    """Comma-separated origins of pages elsewhere: a scheme and a host each, and nothing that stands for several."""
    found = listing(name)
    for value in found:
        if not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?", value):
            raise ImproperlyConfigured(f"{name} must be origins such as https://app.example.org, not {value!r}")
    return found


def mailer(name: str, default: str) -> dict[str, Any]:
    """How mail goes out, for Django's MAILERS: ``console:``, ``file:///folder``, ``smtp://user:password@host:587``
    (STARTTLS, unless ``?starttls=0``) or ``smtps://…`` (TLS from the start)."""
    parts = urlsplit(text(name) or default)
    backends = "django.core.mail.backends"
    if parts.scheme == "console":
        return {"BACKEND": f"{backends}.console.EmailBackend"}
    if parts.scheme == "file" and parts.path:
        return {"BACKEND": f"{backends}.filebased.EmailBackend", "OPTIONS": {"file_path": unquote(parts.path)}}
    if parts.scheme in {"smtp", "smtps"} and parts.hostname:
        is_tls = parts.scheme == "smtps"
        options = {
            "host": parts.hostname,
            "port": parts.port or (465 if is_tls else 587),
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_ssl": is_tls,
            "use_tls": not is_tls and dict(parse_qsl(parts.query)).get("starttls", "1") != "0",
            "timeout": integer("MAIL_TIMEOUT", 10, minimum=1),
        }
        return {"BACKEND": f"{backends}.smtp.EmailBackend", "OPTIONS": options}
    # The value may hold a password, and is not repeated.
    raise ImproperlyConfigured(f"{name} must begin with console:, file:///, smtp:// or smtps://, and name a host")


def listing(name: str, default: str = "") -> list[str]:
    """Comma-separated values."""
    return [item.strip() for item in os.environ.get(name, default).split(",") if item.strip()]


def database(url: str) -> dict[str, Any]:
    """Django's settings for a PostgreSQL URL; a socket folder goes percent-encoded in the host place."""
    found = _env.db_url_config(url)
    return {"OPTIONS": {}, **found, "HOST": unquote(found.get("HOST") or "")}


def broker(url: str) -> str:
    """Celery's form of a broker's URL: it has a name of its own for a Redis on a unix socket."""
    if not url.startswith("unix://"):
        return url
    path, _, query = url.removeprefix("unix://").partition("?")
    number = dict(parse_qsl(query)).get("db", "0")
    return f"redis+socket://{path}?virtual_host={number}"


VAR_DIR = Path(text("VAR_DIR") or ROOT / "var").resolve()
