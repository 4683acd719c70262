"""A queue full of one person's runs, and one of another's."""

from collections.abc import Callable

import pytest

from scenarios.models import Calculation
from tests.factories import project_make, user_make
from tests.resilience.pools import WorkerPool, wait_for
from tests.resilience.runs import scenario_make, scenarios_make, start, wait_until_all_ended

pytestmark = [pytest.mark.resilience, pytest.mark.django_db(transaction=True)]


def test_one_run_is_not_kept_waiting_by_a_thousand_of_another_user(new_pool: Callable[..., WorkerPool]) -> None:
    for user, scenario in scenarios_make(users=1, each=1000):
        start(user, scenario)
    new_pool(2)
    wait_for(lambda: Calculation.objects.filter(finished_at__isnull=False).count() > 20, timeout_s=30)
    user = user_make()
    one = start(user, scenario_make(project_make(user=user), user, 0))

    wait_until_all_ended(timeout_s=60)

    one.refresh_from_db()
    taken_between = Calculation.objects.filter(started_at__gt=one.queued_at, started_at__lt=one.started_at)
    # The one being calculated by each worker, and as many as end while this one is being committed.
    assert taken_between.count() < 20
    assert Calculation.objects.filter(started_at__gt=one.started_at).count() > 500
