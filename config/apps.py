from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The shared app: no models, only commands, checks and what every app stands on."""

    name = "config"

    def ready(self) -> None:
        from config.database import slow

        slow.connect()
