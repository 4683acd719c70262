"""Changing a password, choosing one by mail, and moving to another address."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import ApiKey, MailedToken, SignIn, User
from accounts.services import api_key_create
from accounts.tokens import token_pair
from tests.accounts.mails import delivered, token_in
from tests.factories import PASSWORD, user_make
from tests.fixtures import api_client

pytestmark = pytest.mark.django_db

AUTH = "/api/v1/auth/"
RESET, CONFIRM, CHANGE = AUTH + "password/reset", AUTH + "password/reset/confirm", AUTH + "password/change"
EMAIL, EMAIL_CONFIRM, ME = AUTH + "email", AUTH + "email/confirm", AUTH + "me"
NEW = "a short swim in the sun"


@pytest.fixture
def ada() -> User:
    return user_make(email="ada@example.com", password=PASSWORD, name="Ada")


def reset_token(client: APIClient, email: str = "ada@example.com") -> str:
    delivered()
    client.post(RESET, {"email": email})
    (message,) = delivered()
    return token_in(message)


def signs_in(password: str, email: str = "ada@example.com") -> bool:
    return APIClient().post(AUTH + "login", {"email": email, "password": password}).status_code == 200


def test_a_password_is_chosen_by_mail(anonymous_api: APIClient, ada: User) -> None:
    token = reset_token(anonymous_api, "ADA@example.com")

    assert anonymous_api.post(CONFIRM, {"token": token, "newPassword": NEW}).status_code == 204

    assert (signs_in(NEW), signs_in(PASSWORD)) == (True, False)
    (told,) = delivered()
    assert (told.to, told.subject) == (["ada@example.com"], "Your SAFAPAC password was changed")


def test_a_reset_ends_every_sign_in_and_key(anonymous_api: APIClient, ada: User) -> None:
    devices = [api_client(ada), api_client(ada)]
    _, raw = api_key_create(user=ada, name="script")
    program = APIClient(headers={"Authorization": f"Bearer {raw}"})
    assert {client.get(ME).status_code for client in (*devices, program)} == {200}

    anonymous_api.post(CONFIRM, {"token": reset_token(anonymous_api), "newPassword": NEW})

    assert {client.get(ME).status_code for client in (*devices, program)} == {401}
    assert (SignIn.objects.count(), ApiKey.objects.count()) == (0, 0)


def test_a_reset_link_is_good_once_and_for_an_hour(anonymous_api: APIClient, ada: User) -> None:
    used, other = reset_token(anonymous_api), reset_token(anonymous_api)
    left = MailedToken.objects.first().expires_at - timezone.now()
    assert timedelta(minutes=59) < left <= timedelta(hours=1)
    anonymous_api.post(CONFIRM, {"token": used, "newPassword": NEW})
    delivered()
    old = reset_token(anonymous_api)
    MailedToken.objects.update(expires_at=timezone.now())

    for token in (used, other, old):
        answer = anonymous_api.post(CONFIRM, {"token": token, "newPassword": "yet another one of these"})
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "invalid_token")
    assert signs_in(NEW)


def test_a_password_too_easy_leaves_the_link_good(anonymous_api: APIClient, ada: User) -> None:
    token = reset_token(anonymous_api)

    answer = anonymous_api.post(CONFIRM, {"token": token, "newPassword": "password"})

    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [("newPassword", "password_too_common")]
    assert signs_in(PASSWORD)
    assert anonymous_api.post(CONFIRM, {"token": token, "newPassword": NEW}).status_code == 204


def test_a_reset_confirms_the_address(anonymous_api: APIClient) -> None:
    user_make(email="ada@example.com", password=PASSWORD, is_verified=False)

    anonymous_api.post(CONFIRM, {"token": reset_token(anonymous_api), "newPassword": NEW})

    assert signs_in(NEW)


def test_a_token_is_good_for_its_own_purpose(anonymous_api: APIClient, ada: User) -> None:
    token = reset_token(anonymous_api)

    assert anonymous_api.post(AUTH + "verify-email", {"token": token}).status_code == 400
    assert anonymous_api.post(EMAIL_CONFIRM, {"token": token}).status_code == 400
    assert anonymous_api.post(CONFIRM, {"token": token, "newPassword": NEW}).status_code == 204


def test_who_is_deactivated_cannot_come_back_by_a_link(anonymous_api: APIClient, ada: User) -> None:
    token = reset_token(anonymous_api)
    ada.is_active = False
    ada.save()

    assert anonymous_api.post(CONFIRM, {"token": token, "newPassword": NEW}).status_code == 400


def test_a_changed_password_ends_the_other_sign_ins(ada: User) -> None:
    here, there = token_pair(ada), api_client(ada)
    client = APIClient(headers={"Authorization": f"Bearer {here['access_token']}"})

    answer = client.post(CHANGE, {"currentPassword": PASSWORD, "newPassword": NEW})

    assert answer.status_code == 204
    assert (client.get(ME).status_code, there.get(ME).status_code) == (200, 401)
    assert APIClient().post(AUTH + "refresh", {"refreshToken": here["refresh_token"]}).status_code == 200
    assert signs_in(NEW)
    assert [message.subject for message in delivered()] == ["Your SAFAPAC password was changed"]


@pytest.mark.parametrize(
    ("current", "new", "fault"),
    [
        ("wrong", NEW, ("currentPassword", "wrong")),
        (PASSWORD, "password", ("newPassword", "password_too_common")),
        (PASSWORD, "", ("newPassword", "blank")),
    ],
)
def test_a_password_is_not_changed_without_the_old_one_or_to_a_bad_one(
    ada: User, current: str, new: str, fault: tuple[str, str]
) -> None:
    answer = api_client(ada).post(CHANGE, {"currentPassword": current, "newPassword": new})

    assert answer.status_code == 400
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [fault]
    assert signs_in(PASSWORD)


def test_guessing_the_present_password_is_stopped(ada: User, settings: Any) -> None:
    settings.RATELIMIT_ENABLE = True
    settings.RATES = {**settings.RATES, "login": "2/d"}
    cache.clear()
    client = api_client(ada)

    answers = [client.post(CHANGE, {"currentPassword": "x", "newPassword": NEW}).status_code for _ in range(3)]

    assert answers == [400, 400, 429]


def test_a_password_set_by_any_other_way_ends_sign_ins_too(ada: User) -> None:
    client, pair = api_client(ada), token_pair(ada)
    assert client.get(ME).status_code == 200

    ada.set_password(NEW)
    ada.save()

    assert client.get(ME).status_code == 401
    assert APIClient().post(AUTH + "refresh", {"refreshToken": pair["refresh_token"]}).status_code == 401


def test_an_address_changes_once_the_new_one_confirms(anonymous_api: APIClient, ada: User) -> None:
    client = api_client(ada)
    reset = reset_token(anonymous_api)

    assert client.post(EMAIL, {"email": "Lovelace@Example.com", "password": PASSWORD}).status_code == 202
    confirm, notice = delivered()
    assert (confirm.to, notice.to) == (["Lovelace@Example.com"], ["ada@example.com"])
    assert "Lovelace@Example.com" in str(notice.body)
    assert client.get(ME).json()["email"] == "ada@example.com"

    assert anonymous_api.post(EMAIL_CONFIRM, {"token": token_in(confirm)}).status_code == 204

    assert client.get(ME).json()["email"] == "Lovelace@example.com"
    assert (signs_in(PASSWORD), signs_in(PASSWORD, "lovelace@example.com")) == (False, True)
    # What the old address was sent is worth nothing now.
    assert anonymous_api.post(CONFIRM, {"token": reset, "newPassword": NEW}).status_code == 400
    assert anonymous_api.post(EMAIL_CONFIRM, {"token": token_in(confirm)}).status_code == 400


def test_an_address_of_somebody_else_answers_alike_and_changes_nothing(ada: User) -> None:
    other = user_make(email="bob@example.com")
    client = api_client(ada)

    taken = client.post(EMAIL, {"email": "BOB@example.com", "password": PASSWORD})
    free = client.post(EMAIL, {"email": "free@example.com", "password": PASSWORD})

    assert (taken.status_code, taken.content) == (free.status_code, free.content)
    told = [(message.to, message.subject) for message in delivered()]
    assert (["bob@example.com"], "You have a SAFAPAC account already") in told
    other.refresh_from_db()
    assert other.email == "bob@example.com"


def test_an_address_taken_meanwhile_is_refused(anonymous_api: APIClient, ada: User) -> None:
    api_client(ada).post(EMAIL, {"email": "new@example.com", "password": PASSWORD})
    token = token_in(delivered()[0])
    user_make(email="NEW@example.com")

    answer = anonymous_api.post(EMAIL_CONFIRM, {"token": token})

    assert answer.status_code == 400
    ada.refresh_from_db()
    assert ada.email == "ada@example.com"


def test_a_new_password_calls_a_change_of_address_off(anonymous_api: APIClient, ada: User) -> None:
    api_client(ada).post(EMAIL, {"email": "thief@example.com", "password": PASSWORD})
    token = token_in(delivered()[0])

    anonymous_api.post(CONFIRM, {"token": reset_token(anonymous_api), "newPassword": NEW})

    assert anonymous_api.post(EMAIL_CONFIRM, {"token": token}).status_code == 400


def test_an_address_needs_the_password(ada: User) -> None:
    answer = api_client(ada).post(EMAIL, {"email": "new@example.com", "password": "wrong"})

    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [("password", "wrong")]
    assert delivered() == []
