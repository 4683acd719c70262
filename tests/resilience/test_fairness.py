"""A queue full of one person's runs, and one of another's."""

from collections.abc import Callable

import pytest
from django.db import connection

from scenarios.models import Calculation
from tests.factories import project_make, user_make
from tests.resilience.pools import WorkerPool
from tests.resilience.runs import (
    held_up,
    scenario_make,
    scenarios_make,
    start,
    start_elsewhere,
    wait_until_all_ended,
)
from tests.waiting import wait_for_a_waiter

pytestmark = [pytest.mark.resilience, pytest.mark.django_db(transaction=True)]


def test_one_run_is_not_kept_waiting_by_a_thousand_of_another_user(new_pool: Callable[..., WorkerPool]) -> None:
    made = scenarios_make(users=1, each=1000)
    for user, scenario in made:
        start(user, scenario)
    user = user_make()
    scenario = scenario_make(project_make(user=user), user, 0)
    # However slow this process is, the workers do not get past these meanwhile.
    with held_up(*(late for _, late in made[20:])):
        new_pool(2)
        wait_for_a_waiter(2)
        one = start_elsewhere(user, scenario)
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            (committed_at,) = cursor.fetchone()

    wait_until_all_ended()

    one.refresh_from_db()
    taken_between = Calculation.objects.filter(started_at__gt=committed_at, started_at__lt=one.started_at)
    # Whoever looks from then on takes it, unless the other of the two is just taking it.
    assert taken_between.count() <= 1
    assert Calculation.objects.filter(started_at__gt=one.started_at).count() > 500
