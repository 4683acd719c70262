"""Behind a proxy a rate counts the client, not the proxy."""

import pytest
from django.test import RequestFactory, override_settings
from rest_framework.test import APIClient

from config.http.limits import client_address

BEHIND_PROXY = override_settings(
    RATELIMIT_ENABLE=True,
    RATELIMIT_IP_META_KEY="config.http.limits.client_address",
    RATES={"refresh": "1/d"},
)


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("10.0.0.1, 203.0.113.7", "203.0.113.7"),
        ("made up,2001:db8::1", "2001:db8::1"),
        ("203.0.113.7, made up", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_only_what_the_proxy_added_is_believed(forwarded: str, address: str) -> None:
    assert client_address(RequestFactory().get("/", headers={"X-Forwarded-For": forwarded})) == address


@BEHIND_PROXY
def test_clients_behind_one_proxy_have_a_rate_each() -> None:
    def answer(forwarded: str) -> int:
        body = {"refreshToken": "none"}
        return APIClient().post("/api/v1/auth/refresh", body, headers={"X-Forwarded-For": forwarded}).status_code

    assert [answer("203.0.113.7"), answer("198.51.100.1, 203.0.113.7"), answer("203.0.113.8")] == [401, 429, 401]
