"""Devices on which one is signed in: tokens and browsers in one list, ended from the next request on."""

from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings as product
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts import usage
from accounts.models import SignIn, User
from accounts.services import sign_ins_end
from accounts.services.sign_ins import GRACE
from accounts.tokens import token_pair
from tests.factories import PASSWORD, user_make
from tests.fixtures import api_client, browser_of

pytestmark = pytest.mark.django_db

AUTH = "/api/v1/auth/"
LOGIN, REFRESH, LOGOUT, SESSIONS, ME = (AUTH + name for name in ("login", "refresh", "logout", "sessions", "me"))
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def ada() -> User:
    return user_make(email="ada@example.com", password=PASSWORD)


def bearer(token: object) -> APIClient:
    return APIClient(headers={"Authorization": f"Bearer {token}"})


def refreshed(token: str) -> Any:
    return APIClient().post(REFRESH, {"refreshToken": token})


def pass_grace() -> None:
    SignIn.objects.update(refreshed_at=timezone.now() - GRACE - timedelta(seconds=1))


def test_a_refresh_token_is_replaced_by_each_use(ada: User) -> None:
    first = token_pair(ada)

    second = refreshed(first["refresh_token"]).json()
    third = refreshed(second["refreshToken"]).json()

    assert len({first["refresh_token"], second["refreshToken"], third["refreshToken"]}) == 3
    assert bearer(third["accessToken"]).get(ME).status_code == 200
    assert SignIn.objects.count() == 1


def test_a_replayed_refresh_token_ends_the_sign_in(ada: User) -> None:
    stolen = token_pair(ada)["refresh_token"]
    own = refreshed(stolen).json()
    pass_grace()

    assert refreshed(stolen).status_code == 401

    assert refreshed(own["refreshToken"]).status_code == 401
    assert bearer(own["accessToken"]).get(ME).status_code == 401
    assert SignIn.objects.count() == 0


def test_a_token_of_two_generations_ago_ends_the_sign_in_at_once(ada: User) -> None:
    oldest = token_pair(ada)["refresh_token"]
    newest = refreshed(refreshed(oldest).json()["refreshToken"]).json()["refreshToken"]

    assert [refreshed(oldest).status_code, refreshed(newest).status_code] == [401, 401]


def test_two_pages_that_refresh_at_once_both_go_on(ada: User) -> None:
    """They get tokens of one generation: whoever refreshes next, and late, with the other is found out."""
    token = token_pair(ada)["refresh_token"]
    one, two = refreshed(token).json(), refreshed(token).json()

    assert [bearer(each["accessToken"]).get(ME).status_code for each in (one, two)] == [200, 200]
    assert refreshed(one["refreshToken"]).status_code == 200
    pass_grace()
    assert refreshed(two["refreshToken"]).status_code == 401
    assert SignIn.objects.count() == 0


def test_another_device_is_not_touched_by_a_replay(ada: User) -> None:
    other, stolen = token_pair(ada), token_pair(ada)["refresh_token"]
    refreshed(stolen)
    pass_grace()
    refreshed(stolen)

    assert bearer(other["access_token"]).get(ME).status_code == 200
    assert refreshed(other["refresh_token"]).status_code == 200


def claims(user: User, **changes: Any) -> dict[str, Any]:
    token = AccessToken.for_user(user)
    token["sid"] = str(user.sign_ins.get().pk)
    return {**token.payload, **changes}


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize(
    ("key", "algorithm", "changes"),
    [
        ("another-key-of-somebody-elses-which-is-long-enough", "HS256", {}),
        ("", "none", {}),
        (product.SECRET_KEY, "HS512", {}),
        (product.SECRET_KEY, "HS256", {"exp": 1}),
        (product.SECRET_KEY, "HS256", {"token_type": "refresh"}),
        (product.SECRET_KEY, "HS256", {"token_type": None}),
        (product.SECRET_KEY, "HS256", {"sid": "5f0e5f0e-0000-4000-8000-000000000000"}),
        (product.SECRET_KEY, "HS256", {"sid": None}),
        (product.SECRET_KEY, "HS256", {"sid": 7}),
        (product.SECRET_KEY, "HS256", {"sub": None}),
    ],
)
def test_tokens_that_are_not_ours_or_not_for_this(ada: User, key: str, algorithm: str, changes: Any) -> None:
    token_pair(ada)

    token = jwt.encode(claims(ada, **changes), key, algorithm=algorithm)

    assert bearer(token).get(ME).status_code == 401
    assert bearer(jwt.encode(claims(ada), product.SECRET_KEY, algorithm="HS256")).get(ME).status_code == 200
    assert refreshed(token).status_code == 401


def test_a_sign_in_of_one_is_no_sign_in_of_another(ada: User) -> None:
    other = user_make()
    token_pair(ada)
    forged = jwt.encode(claims(ada, sub=str(other.pk)), product.SECRET_KEY, algorithm="HS256")

    assert bearer(forged).get(ME).status_code == 401
    token = RefreshToken.for_user(other)
    token["sid"], token["jti"] = str(ada.sign_ins.get().pk), ada.sign_ins.get().refresh_id
    assert refreshed(str(token)).status_code == 401


def test_signing_out_ends_this_device_only(ada: User) -> None:
    here, there = token_pair(ada), token_pair(ada)

    assert bearer(here["access_token"]).post(LOGOUT).status_code == 204

    assert bearer(here["access_token"]).get(ME).status_code == 401
    assert refreshed(here["refresh_token"]).status_code == 401
    assert bearer(there["access_token"]).get(ME).status_code == 200


def test_signing_out_by_refresh_token_alone(ada: User, anonymous_api: APIClient) -> None:
    pair = token_pair(ada)

    assert anonymous_api.post(LOGOUT, {"refreshToken": pair["refresh_token"]}).status_code == 204
    assert bearer(pair["access_token"]).get(ME).status_code == 401
    assert [anonymous_api.post(LOGOUT, body).status_code for body in ({}, {"refreshToken": "x"})] == [401, 401]


def test_signing_out_everywhere(ada: User) -> None:
    here, there, browser = api_client(ada), api_client(ada), browser_of(ada)

    assert here.post(LOGOUT + "/all").status_code == 204

    assert [client.get(ME).status_code for client in (here, there, browser)] == [401, 401, 401]


def test_browsers_and_programs_stand_in_one_list(ada: User, anonymous_api: APIClient) -> None:
    browser = Client(headers={"User-Agent": FIREFOX}, REMOTE_ADDR="203.0.113.7")
    browser.post("/login", {"username": ada.email, "password": PASSWORD})
    body = anonymous_api.post(
        LOGIN, {"email": ada.email, "password": PASSWORD}, REMOTE_ADDR="198.51.100.1", headers={"User-Agent": "curl/8"}
    ).json()
    user_make()

    items = bearer(body["accessToken"]).get(SESSIONS).json()["items"]

    assert {(one["device"], one["kind"], one["ip"], one["isCurrent"]) for one in items} == {
        ("Firefox on Linux", "browser", "203.0.113.7", False),
        ("curl", "token", "198.51.100.1", True),
    }
    assert [one["isCurrent"] for one in browser.get(SESSIONS).json()["items"] if one["kind"] == "browser"] == [True]


def test_each_device_can_be_signed_out_from_another(ada: User) -> None:
    here, there, browser = api_client(ada), api_client(ada), browser_of(ada)
    for client in (there, browser):
        assert client.get(ME).status_code == 200
    others = [one["id"] for one in here.get(SESSIONS).json()["items"] if not one["isCurrent"]]

    assert [here.delete(f"{SESSIONS}/{key}").status_code for key in others] == [204, 204]

    assert [client.get(ME).status_code for client in (here, there, browser)] == [200, 401, 401]
    assert here.delete(f"{SESSIONS}/{others[0]}").status_code == 404


def test_devices_of_others_are_not_there(ada: User, other_api: APIClient) -> None:
    token_pair(ada)
    key = ada.sign_ins.get().pk

    assert other_api.get(f"{SESSIONS}/{key}").status_code == 404
    assert other_api.delete(f"{SESSIONS}/{key}").status_code == 404
    assert ada.sign_ins.count() == 1


def test_signing_in_again_in_a_browser_takes_the_place_of_before(ada: User) -> None:
    browser = Client()
    for _ in range(2):
        browser.post("/login", {"username": ada.email, "password": PASSWORD})
    assert SignIn.objects.count() == 1

    browser.post("/logout")

    assert SignIn.objects.count() == 0


def test_who_asks_again_is_known_in_a_browser_too(
    ada: User, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = browser_of(ada)
    browser.get(ME)

    with django_assert_num_queries(1):  # the teams
        assert browser.get(ME).status_code == 200


def test_a_revoked_token_costs_no_query(ada: User, django_assert_num_queries: Any) -> None:
    client, other = api_client(ada), api_client(ada)
    other.get(ME)
    client.post(LOGOUT)
    other.get(ME)

    with django_assert_num_queries(0):
        assert client.get(ME).status_code == 401


def test_a_use_is_written_down_once_a_minute(ada: User, django_assert_num_queries: Any) -> None:
    client = api_client(ada)
    before = timezone.now() - timedelta(minutes=5)
    SignIn.objects.update(last_used_at=before)
    usage.clear()

    client.get(ME)
    first = ada.sign_ins.get().last_used_at
    with django_assert_num_queries(1):  # the teams
        client.get(ME)
    # Another process, which does not know of the first one's writing.
    usage.clear()
    SignIn.objects.update(last_used_at=timezone.now() - timedelta(seconds=30))
    second = ada.sign_ins.get().last_used_at
    client.get(ME)

    assert first > before
    assert ada.sign_ins.get().last_used_at == second


def test_without_the_cache_sign_ins_hold_and_end(ada: User, settings: Any) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1"}}
    client = api_client(ada)

    assert client.get(ME).status_code == 200
    sign_ins_end(user=ada)
    assert client.get(ME).status_code == 401


def test_a_sign_in_that_has_run_out_holds_no_longer(ada: User) -> None:
    pair = token_pair(ada)
    for row in SignIn.objects.all():
        row.expires_at = timezone.now()
        row.save()

    assert bearer(pair["access_token"]).get(ME).status_code == 401
    assert refreshed(pair["refresh_token"]).status_code == 401


def test_a_program_that_signs_in_over_and_over_ends_its_own_oldest(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.services.sign_ins.MOST_LIVE", 3)
    phone = browser_of(ada)
    SignIn.objects.update(last_used_at=timezone.now() - timedelta(days=3))
    pairs = [token_pair(ada) for _ in range(4)]

    assert SignIn.objects.count() == 3
    assert phone.get(ME).status_code == 200
    assert [bearer(pair["access_token"]).get(ME).status_code for pair in pairs] == [401, 401, 200, 200]


def test_signing_in_costs_one_hash_and_few_statements(
    ada: User, anonymous_api: APIClient, django_assert_num_queries: Any
) -> None:
    # user; sign-in within a savepoint, count of others; teams
    with django_assert_num_queries(6):
        assert anonymous_api.post(LOGIN, {"email": ada.email, "password": PASSWORD}).status_code == 200
