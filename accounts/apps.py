from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import caching, checks  # noqa: F401  registers itself

        caching.connect()
