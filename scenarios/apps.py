from django.apps import AppConfig


class ScenariosConfig(AppConfig):
    name = "scenarios"

    def ready(self) -> None:
        from config import health
        from config.stack import preload
        from projects.services import on_duplicate
        from scenarios import caching
        from scenarios.engine import unit_choices, units
        from scenarios.services import scenarios_copy
        from scenarios.services.workers import workers_problem

        caching.connect()
        preload.register(units.registry)
        preload.register(unit_choices.offered_units)
        on_duplicate(scenarios_copy)
        health.register("worker", workers_problem, dispensable=True)
