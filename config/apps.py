from django.apps import AppConfig


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


def _describe_api() -> None:
    from config.http.openapi import make_all  # every view with it, which a worker does without

    make_all()
