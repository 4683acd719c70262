from pathlib import Path

from django.apps import AppConfig, apps
from django.conf import settings
from django.template.loader import get_template


class ConfigConfig(AppConfig):
    """The shared app: no models, only commands, checks and what every app stands on."""

    name = "config"

    def ready(self) -> None:
        from config import operations
        from config.database import slow
        from config.operations.cache import ROUTE
        from config.stack import preload

        slow.connect()
        operations.register(
            operations.Page(
                title="Cache",
                route=ROUTE,
                description="How often answers are found, how many are kept, and having them made anew",
                may_open=lambda request: True,
            )
        )
        preload.register(_describe_api)
        preload.register(_compile_templates)


def _describe_api() -> None:
    from config.http.openapi import make_all  # every view with it, which a worker does without

    make_all()


def _compile_templates() -> None:
    """Our own, 80 ms of each web process that did it on first use."""
    for app in apps.get_app_configs():
        folder = Path(app.path, "templates")
        if folder.parent.parent == settings.BASE_DIR:
            for file in folder.rglob("*.html"):
                get_template(file.relative_to(folder).as_posix())
