"""Runs as tests have them started, claimed, calculated and lost."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import F

from accounts.models import User
from scenarios.choices import RunState
from scenarios.models import Calculation, Scenario
from scenarios.services import calculation_start
from scenarios.services.execution import calculation_execute
from scenarios.services.runs import run_claim


def start(scenario: Scenario, *, user: User, inputs: Any = None, **options: Any) -> Calculation:
    with transaction.atomic():
        locked = Scenario.objects.select_for_update().get(pk=scenario.pk)
        return calculation_start(scenario=locked, user=user, inputs=inputs, **options)


def claim() -> Calculation:
    run = run_claim(model=Calculation, worker=uuid4())
    assert run is not None
    return run


def work() -> int:
    """Everything that is due, by a worker of its own."""
    count = 0
    while (run := run_claim(model=Calculation, worker=uuid4())) is not None:
        assert calculation_execute(calculation=run)
        count += 1
    return count


def expire(run: Calculation) -> None:
    Calculation.objects.filter(pk=run.pk).update(lease_until=F("started_at") - timedelta(seconds=1))


def make_due() -> None:
    Calculation.objects.filter(state=RunState.QUEUED).update(due_at=F("queued_at"))


def shown(scenario: Scenario) -> tuple[str, Any]:
    """The status of a scenario, and the calculation that it shows."""
    row = Scenario.objects.get(pk=scenario.pk)
    return row.status, row.current_id
