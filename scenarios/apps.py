from django.apps import AppConfig


class ScenariosConfig(AppConfig):
    name = "scenarios"

    def ready(self) -> None:
        from projects.services import on_duplicate
        from scenarios.services import scenarios_copy

        on_duplicate(scenarios_copy)
