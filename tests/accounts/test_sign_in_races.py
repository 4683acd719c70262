"""Refreshing and ending at once."""

import threading

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import SignIn
from accounts.tokens import token_pair
from tests.factories import user_make

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_refreshes_at_once_one_moves_the_sign_in_on_and_none_ends_it() -> None:
    token = token_pair(user_make())["refresh_token"]
    before = SignIn.objects.get().refresh_id
    barrier, statuses = threading.Barrier(4), []

    def refresh() -> None:
        try:
            barrier.wait()
            statuses.append(APIClient().post("/api/v1/auth/refresh", {"refreshToken": token}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=refresh) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [200] * 4
    assert SignIn.objects.get().previous_refresh_id == before
