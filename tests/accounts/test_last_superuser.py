"""Somebody is always left who can do everything."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import User
from accounts.services import user_deactivate
from tests.factories import PASSWORD, user_make
from tests.fixtures import api_client, browser_of
from tests.scenarios.racing import together

pytestmark = pytest.mark.django_db

USERS, DELETION = "/admin/accounts/user/", "/api/v1/auth/me/deletion"
WORDS = "is the last active superuser: make somebody else one first."


def superuser(**fields: Any) -> User:
    return user_make(password=PASSWORD, is_superuser=True, **{"is_staff": True, **fields})


def form_of(user: User, **fields: str) -> dict[str, str]:
    shown = {"email": user.email, "name": user.name, "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    forms = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    return {name: value for name, value in {**shown, **forms, **fields}.items() if value}


@pytest.fixture
def last() -> User:
    """With others beside them who cannot do everything."""
    superuser(is_active=False)
    superuser(is_staff=False)
    user_make(is_staff=True)
    return superuser()


def is_still_there(user: User) -> bool:
    return User.objects.filter(pk=user.pk, is_active=True, is_staff=True, is_superuser=True).exists()


def test_the_last_one_does_not_delete_the_account(last: User) -> None:
    answer = api_client(last).post(DELETION, {"password": PASSWORD})
    page = browser_of(last).post("/account/delete", {"password": PASSWORD})

    assert answer.status_code == 400
    assert [error["code"] for error in answer.json()["errors"]] == ["last_superuser"]
    assert (page.status_code, WORDS in page.text) == (200, True)
    assert is_still_there(last)


@pytest.mark.parametrize("field", ["is_active", "is_staff", "is_superuser"])
def test_the_last_one_stays_one(last: User, field: str) -> None:
    answer = browser_of(last).post(f"{USERS}{last.pk}/change/", form_of(last, **{field: ""}))

    assert (answer.status_code, WORDS in answer.text) == (200, True)
    assert is_still_there(last)


def test_the_last_one_is_not_deleted_by_staff(last: User) -> None:
    desk = browser_of(last)

    page = desk.post(f"{USERS}{last.pk}/delete/", {"post": "yes"}, follow=True)

    assert WORDS in page.text
    assert is_still_there(last)


def test_all_of_them_at_once_are_not_deleted_either(last: User) -> None:
    other = superuser()
    chosen = [str(user.pk) for user in (last, other)]

    page = browser_of(last).post(
        USERS, {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}, follow=True
    )

    assert WORDS in page.text
    assert is_still_there(last)
    assert is_still_there(other)


def test_one_of_two_may_go(last: User) -> None:
    other = superuser()

    changed = browser_of(last).post(f"{USERS}{last.pk}/change/", form_of(last, is_superuser=""))
    refused = api_client(other).post(DELETION, {"password": PASSWORD})

    assert (changed.status_code, refused.status_code) == (302, 400)
    assert not is_still_there(last)
    assert is_still_there(other)


def test_who_is_none_asks_nothing_of_them(last: User, django_assert_num_queries: Any) -> None:
    user = user_make()

    # The row, the devices and their sign-ins, and the savepoint around them.
    with django_assert_num_queries(5):
        user_deactivate(user=user)


def test_staff_make_another_one_and_go(last: User) -> None:
    user, desk = user_make(is_staff=True), browser_of(last)
    desk.post(f"{USERS}{user.pk}/change/", form_of(user))

    assert api_client(last).post(DELETION, {"password": PASSWORD}).status_code == 204
    assert is_still_there(user)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_end_each_other_one_stays() -> None:
    one, other = superuser(), superuser()

    def end(user: User) -> bool:
        try:
            user_deactivate(user=user)
        except ValidationError:
            return False
        return True

    assert sorted(together(lambda: end(one), lambda: end(other))) == [False, True]
    assert User.objects.filter(is_superuser=True, is_active=True).count() == 1


def test_a_stranger_learns_nothing_of_it(last: User) -> None:
    assert Client().post(DELETION, {"password": PASSWORD}).status_code == 401
