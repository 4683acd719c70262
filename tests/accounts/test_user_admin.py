"""What staff do with users, and what they may not."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services import reset_ask
from tests.accounts.mails import delivered, token_in
from tests.factories import PASSWORD, user_make
from tests.fixtures import api_client, browser_of

pytestmark = pytest.mark.django_db

USERS = "/admin/accounts/user/"


def staff_with(*codenames: str) -> Client:
    user = user_make(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return browser_of(user)


@pytest.fixture
def desk() -> Client:
    return staff_with("view_user", "change_user")


def act(client: Client, action: str, *users: User) -> Any:
    keys = [str(user.pk) for user in users]
    return client.post(USERS, {"action": action, "_selected_action": keys}, follow=True)


def signs_in(user: User) -> int:
    return Client().post("/login", {"username": user.email, "password": PASSWORD}).status_code


def test_staff_verify(desk: Client) -> None:
    user = user_make(password=PASSWORD, is_verified=False)
    assert signs_in(user) == 200

    assert "Verified: 1." in act(desk, "verify", user).text

    assert signs_in(user) == 302


def test_staff_deactivate_and_who_was_signed_in_is_out(desk: Client) -> None:
    user = user_make(password=PASSWORD)
    client = api_client(user)
    assert client.get("/api/v1/auth/me").status_code == 200

    act(desk, "deactivate", user)

    assert client.get("/api/v1/auth/me").status_code == 401
    assert (signs_in(user), user.sign_ins.count()) == (200, 0)


def test_staff_send_a_reset(desk: Client) -> None:
    user = user_make(email="ada@example.com")

    act(desk, "send_reset", user)

    assert [(message.to, message.subject) for message in delivered()] == [
        (["ada@example.com"], "Choose a new password for SAFAPAC")
    ]


@pytest.mark.parametrize("action", ["verify", "deactivate", "send_reset"])
def test_staff_do_nothing_to_superusers(desk: Client, action: str) -> None:
    root = user_make(is_staff=True, is_superuser=True, is_verified=False)

    act(desk, action, root)

    root.refresh_from_db()
    assert (root.is_active, root.is_verified, delivered()) == (True, False, [])


def test_staff_do_not_raise_themselves_or_others(desk: Client) -> None:
    user = user_make()
    fields = {"email": user.email, "name": "New", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    forms = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}

    answer = desk.post(f"{USERS}{user.pk}/change/", fields | forms)

    user.refresh_from_db()
    assert (answer.status_code, user.name, user.is_staff, user.is_superuser) == (302, "New", False, False)


def test_staff_do_not_set_the_password_of_a_superuser(desk: Client) -> None:
    root = user_make(is_staff=True, is_superuser=True, password=PASSWORD)
    new = {"password1": "a new one for root", "password2": "a new one for root", "usable_password": "true"}

    answer = desk.post(f"{USERS}{root.pk}/password/", new)

    root.refresh_from_db()
    assert answer.status_code == 403
    assert root.check_password(PASSWORD)


def test_who_gets_another_password_from_staff_is_told(desk: Client) -> None:
    user = user_make(email="ada@example.com", password=PASSWORD)
    new = {"password1": "a new one for ada", "password2": "a new one for ada", "usable_password": "true"}

    answer = desk.post(f"{USERS}{user.pk}/password/", new)

    user.refresh_from_db()
    assert (answer.status_code, user.check_password("a new one for ada")) == (302, True)
    assert [(message.to, message.subject) for message in delivered()] == [
        (["ada@example.com"], "Your SAFAPAC password was changed")
    ]


def test_who_gets_another_address_from_staff_is_told_at_the_old_one_whose_links_end(desk: Client) -> None:
    user = user_make(email="ada@example.com", password=PASSWORD)
    reset_ask(email=user.email)
    (link,) = delivered()

    answer = desk.post(f"{USERS}{user.pk}/change/", {"email": "ada@elsewhere.example", "name": "", "is_active": "on"})

    assert (answer.status_code, User.objects.get(pk=user.pk).email) == (302, "ada@elsewhere.example")
    (told,) = delivered()
    assert (told.to, told.subject) == (["ada@example.com"], "Your SAFAPAC e-mail address was changed")
    assert "ada@elsewhere.example" in told.body
    chosen = {"token": token_in(link), "newPassword": "a long walk in the snow"}
    assert APIClient().post("/api/v1/auth/password/reset/confirm", chosen).status_code == 400
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)


@pytest.mark.parametrize("change", [{"name": "Ada"}, {"email": "BOB@example.com"}])
def test_an_address_that_stays_is_nothing_to_tell(desk: Client, change: dict[str, str]) -> None:
    user_make(email="bob@example.com")
    user = user_make(email="ada@example.com")

    answer = desk.post(f"{USERS}{user.pk}/change/", {"email": user.email, "name": "", "is_active": "on", **change})

    assert answer.status_code == (302 if "name" in change else 200)
    assert User.objects.get(pk=user.pk).email == "ada@example.com"
    assert delivered() == []


def test_who_may_only_look_acts_not() -> None:
    user = user_make(is_verified=False)

    act(staff_with("view_user"), "verify", user)

    user.refresh_from_db()
    assert not user.is_verified


def test_users_made_here_can_sign_in() -> None:
    desk = browser_of(user_make(is_staff=True, is_superuser=True))
    form = {"email": "ada@example.com", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}

    desk.post(f"{USERS}add/", form)

    assert signs_in(User.objects.get(email="ada@example.com")) == 302


@pytest.mark.parametrize("model", ["signin", "apikey"])
def test_sign_ins_and_keys_can_be_ended_and_not_made(model: str) -> None:
    desk = browser_of(user_make(is_staff=True, is_superuser=True))

    assert desk.get(f"/admin/accounts/{model}/?q=user").status_code == 200
    assert desk.get(f"/admin/accounts/{model}/add/").status_code == 403


def test_the_admin_signs_out_by_our_door_and_changes_passwords_on_our_page() -> None:
    desk = browser_of(user_make(is_staff=True, is_superuser=True))

    assert desk.get("/admin/password_change/").headers["Location"] == "/account/password"
    desk.post("/admin/logout/")
    assert desk.get("/api/v1/auth/me").status_code == 401
