"""Routes without trailing slashes."""

from rest_framework.routers import DefaultRouter


class Router(DefaultRouter):
    """The framework's router without its slash, its format suffixes and its root page (ours lists all apps)."""

    include_root_view = False
    include_format_suffixes = False


def router() -> Router:
    """A fresh router for one app's ``api/urls.py``."""
    return Router(trailing_slash=False)
