"""One request sent twice under a key is one run."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from projects.models import Project
from scenarios.models import Calculation, IdempotencyKey, Scenario
from scenarios.services import calculation_cancel
from scenarios.services.idempotency import KeyReused
from tests.scenarios.cases import HEFA, SMALL, scenario_make, state_of
from tests.scenarios.runs import start

pytestmark = pytest.mark.django_db


def test_a_request_sent_twice_with_a_key_is_one_run(scenario: Scenario, user: User) -> None:
    first = start(scenario, user=user, inputs=HEFA, idempotency_key="k")
    start(scenario, user=user, inputs=SMALL)
    before = state_of(scenario)

    again = start(scenario, user=user, inputs=HEFA, idempotency_key="k")

    assert (again.pk, again.state) == (first.pk, "cancelled")
    assert state_of(scenario) == before


def test_a_key_is_for_one_request_of_one_user(project: Project, scenario: Scenario, user: User, editor: User) -> None:
    first = start(scenario, user=user, inputs=HEFA, idempotency_key="k")
    other = scenario_make(project=project, user=user)
    before = state_of(scenario), state_of(other)

    for wrong, inputs in ((scenario, SMALL), (scenario, None), (other, HEFA)):
        with pytest.raises(KeyReused):
            start(wrong, user=user, inputs=inputs, idempotency_key="k")

    assert (state_of(scenario), state_of(other)) == before
    assert start(other, user=editor, inputs=HEFA, idempotency_key="k").pk != first.pk


def test_a_key_of_yesterday_or_of_a_run_that_is_gone_is_free(scenario: Scenario, user: User) -> None:
    start(scenario, user=user, inputs=HEFA, idempotency_key="k")
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=25))
    second = start(scenario, user=user, inputs=SMALL, idempotency_key="k")
    calculation_cancel(calculation=second)
    Calculation.objects.filter(pk=second.pk).delete()

    third = start(scenario, user=user, inputs=SMALL, idempotency_key="k")

    assert third.state == "queued"
    assert IdempotencyKey.objects.get().calculation == third.pk
