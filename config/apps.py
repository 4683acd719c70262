from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The shared app: no models, only commands, checks and what every app stands on."""

    name = "config"

    def ready(self) -> None:
        from config.database import slow
        from config.stack import preload

        slow.connect()
        preload.register(_describe_api)


def _describe_api() -> None:
    from config.http.openapi import make_all  # every view with it, which a worker does without

    make_all()
