"""A worker pool whose engine never comes back from a plant that runs 40 years. Started by a test, as a program."""

import os
from typing import Any

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from scenarios.models import Calculation
    from scenarios.services import execution
    from scenarios.worker.database import serve
    from scenarios.worker.pool import Pool

    evaluate = execution.evaluate

    def evaluate_or_not(inputs: Any) -> Any:
        while inputs.finance.lifetime == 40:
            pass
        return evaluate(inputs)

    execution.evaluate = evaluate_or_not
    Calculation.most_seconds = 0.5
    Pool(1, serve).run()


main()
