"""A writer over HTTP and a writer in the admin at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from rest_framework.test import APIClient

from accounts.models import User
from masterdata import models as md
from masterdata.loading import masterdata_load
from tests.waiting import wait_for_a_waiter


@pytest.mark.django_db(transaction=True)
def test_writers_who_lock_in_different_order_do_not_wait_for_each_other(user: User) -> None:
    masterdata_load()
    tallow = md.Feedstock.objects.get(code="tallow")
    staff = User.objects.get(pk=user.pk)
    staff.is_staff = True
    client = APIClient()
    client.force_authenticate(staff)

    def rename() -> int:
        try:
            return client.patch(f"/api/v1/feedstocks/{tallow.pk}", {"name": "Beef tallow"}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            md.FeedstockFigure.objects.filter(feedstock=tallow, parameter="price").update(value=600)
            answer = pool.submit(rename)
            wait_for_a_waiter()
            md.Feedstock.objects.filter(pk=tallow.pk).update(corsia_note="seen")
        assert answer.result(timeout=30) == 200

    tallow.refresh_from_db()
    assert (tallow.name, tallow.corsia_note) == ("Beef tallow", "seen")
