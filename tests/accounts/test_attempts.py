"""Guessing passwords is hopeless, and locks nobody out of their own account."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from tests.factories import PASSWORD, user_make

pytestmark = pytest.mark.django_db

LOGIN = "/api/v1/auth/login"
HOME = "203.0.113.1"


@pytest.fixture(autouse=True)
def _limited(settings: Any) -> None:
    settings.RATELIMIT_ENABLE = True
    settings.RATES = {**settings.RATES, "login": "5/d", "anon": "1000/d"}
    cache.clear()


@pytest.fixture
def ada() -> User:
    return user_make(email="ada@example.com", password=PASSWORD)


def tried(password: str, address: str, email: str = "ada@example.com") -> int:
    body = {"email": email, "password": password}
    return APIClient().post(LOGIN, body, REMOTE_ADDR=address).status_code


def besieged(email: str = "ada@example.com") -> None:
    """Strangers on many machines have used up what the address is allowed."""
    statuses = [tried("guess", f"198.51.100.{number}", email) for number in range(8)]
    assert (statuses[0], statuses[-1]) == (401, 429)


def test_strangers_do_not_lock_out_a_place_the_owner_signed_in_from(ada: User) -> None:
    assert tried(PASSWORD, HOME) == 200

    besieged()

    assert tried(PASSWORD, HOME) == 200
    assert tried(PASSWORD, "203.0.113.2") == 429


def test_strangers_do_not_lock_out_a_browser_the_owner_signed_in_with(ada: User) -> None:
    phone = Client()
    form = {"username": ada.email, "password": PASSWORD}
    assert phone.post("/login", form, REMOTE_ADDR=HOME).status_code == 302
    phone.post("/logout")
    besieged()

    elsewhere = phone.post("/login", form, REMOTE_ADDR="203.0.113.99")
    stranger = Client().post("/login", form, REMOTE_ADDR="203.0.113.98")

    assert (elsewhere.status_code, stranger.status_code) == (302, 429)


def test_the_mark_of_a_device_is_for_one_address_and_not_to_be_forged(ada: User) -> None:
    user_make(email="bob@example.com", password=PASSWORD)
    phone = Client()
    phone.post("/login", {"username": ada.email, "password": PASSWORD}, REMOTE_ADDR=HOME)
    cookie = phone.cookies["device"]
    besieged("bob@example.com")
    bob = {"username": "bob@example.com", "password": PASSWORD}

    answers = []
    for value in (cookie.value, cookie.value[:-1] + "x", "made:up:x", ""):
        stranger = Client()
        stranger.cookies["device"] = value
        answers.append(stranger.post("/login", bob, REMOTE_ADDR="203.0.113.50").status_code)

    assert answers == [429] * 4
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/login")


def test_guessing_from_a_known_place_is_stopped_as_well(ada: User) -> None:
    assert tried(PASSWORD, HOME) == 200

    statuses = [tried("guess", HOME) for _ in range(6)]

    assert statuses == [401] * 4 + [429] * 2


def test_a_stolen_mark_buys_no_more_guesses_on_many_machines(ada: User) -> None:
    phone = Client()
    phone.post("/login", {"username": ada.email, "password": PASSWORD}, REMOTE_ADDR=HOME)
    statuses = []
    for number in range(7):
        thief = Client()
        thief.cookies["device"] = phone.cookies["device"].value
        form = {"username": ada.email, "password": "guess"}
        statuses.append(thief.post("/login", form, REMOTE_ADDR=f"198.51.100.{number}").status_code)

    assert statuses == [200] * 5 + [429] * 2


def test_an_unknown_address_is_counted_alike(ada: User) -> None:
    besieged("nobody@example.com")


def test_a_failed_attempt_makes_no_place_known(ada: User) -> None:
    assert tried("guess", HOME) == 401
    for number in range(4):
        tried("guess", f"198.51.100.{number}")

    assert tried(PASSWORD, HOME) == 429


# Each of them signs Ida in: the form reads compatible characters as one, and the database a dotted İ as an i.
@pytest.mark.parametrize(
    "spelling", ["ida@example.com", "İda@example.com", "ＩDA@example.com", " I\u0307da@example.com"]
)
def test_an_address_has_one_count_however_it_is_spelt(spelling: str) -> None:
    user_make(email="ida@example.com", password=PASSWORD)
    besieged("ida@example.com")

    answer = Client().post("/login", {"username": spelling, "password": PASSWORD}, REMOTE_ADDR="203.0.113.98")

    assert answer.status_code == 429


def test_a_program_s_address_has_one_count_however_it_is_spelt() -> None:
    user_make(email="ida@example.com", password=PASSWORD)
    besieged("ida@example.com")

    assert tried(PASSWORD, HOME, "İDA@example.com") == 429


def test_a_field_that_the_sign_in_does_not_read_is_not_counted_in_its_place(ada: User) -> None:
    besieged()

    form = {"username": ada.email, "email": "decoy@example.com", "password": PASSWORD}
    answer = Client().post("/login", form, REMOTE_ADDR="203.0.113.98")

    assert answer.status_code == 429


def test_whoever_signs_in_makes_their_place_known_for_their_own_address_alone(ada: User) -> None:
    user_make(email="eve@example.com", password=PASSWORD)
    eve = Client()
    form = {"username": "eve@example.com", "email": ada.email, "password": PASSWORD}
    assert eve.post("/login", form, REMOTE_ADDR=HOME).status_code == 302
    besieged()

    assert eve.post("/login", {"username": ada.email, "password": "guess"}, REMOTE_ADDR=HOME).status_code == 429
