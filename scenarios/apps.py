from django.apps import AppConfig


class ScenariosConfig(AppConfig):
    name = "scenarios"

    def ready(self) -> None:
        from accounts.choices import Kind
        from accounts.sentences import worded
        from config import health
        from config.stack import preload
        from projects.services import on_duplicate
        from scenarios import caching
        from scenarios.engine import unit_choices, units
        from scenarios.services import scenarios_copy
        from scenarios.services.workers import workers_problem
        from scenarios.wording import scenario_wording

        caching.connect()
        preload.register(units.registry)
        preload.register(unit_choices.offered_units)
        on_duplicate(scenarios_copy)
        worded(Kind.SCENARIO, scenario_wording)
        health.register("worker", workers_problem, dispensable=True)
