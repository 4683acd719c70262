"""Registering and confirming an address: nobody learns who has an account, and nobody confirms what another chose."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import hashers
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Letter, MailedToken, Team, User
from accounts.services import accounts_upkeep
from accounts.services.letters import MOST_AN_HOUR
from tests.accounts.mails import delivered, html_of, links_in, token_in
from tests.factories import PASSWORD, user_make

pytestmark = pytest.mark.django_db

AUTH = "/api/v1/auth/"
REGISTER, VERIFY, RESEND = AUTH + "register", AUTH + "verify-email", AUTH + "resend-verification"
RESET, LOGIN = AUTH + "password/reset", AUTH + "login"
ADA = {"email": "ada@example.com", "password": PASSWORD, "name": "Ada"}


def registered(client: APIClient, **given: str) -> str:
    """The token that is mailed to who registers."""
    assert client.post(REGISTER, ADA | given).status_code == 202
    (message,) = delivered()
    return token_in(message)


def sign_in(client: APIClient, password: str = PASSWORD, email: str = "ada@example.com") -> Any:
    return client.post(LOGIN, {"email": email, "password": password})


def test_who_registers_and_confirms_can_sign_in(anonymous_api: APIClient) -> None:
    answer = anonymous_api.post(REGISTER, {**ADA, "email": "Ada@Example.com"})
    assert (answer.status_code, set(answer.json())) == (202, {"detail"})
    (message,) = delivered()
    assert (message.to, message.subject) == (["Ada@example.com"], "Confirm your e-mail address for SAFAPAC")

    assert anonymous_api.post(VERIFY, {"token": token_in(message)}).status_code == 204

    body = sign_in(anonymous_api).json()
    assert (body["user"]["name"], body["user"]["isStaff"]) == ("Ada", False)
    assert [(team["name"], team["role"]) for team in body["user"]["teams"]] == [("Ada", "owner")]


def test_an_address_that_the_database_takes_for_another_s_has_that_account(anonymous_api: APIClient) -> None:
    user_make(email="ida@example.com", name="Ida")

    answer = anonymous_api.post(REGISTER, {**ADA, "email": "İda@example.com"})

    (message,) = delivered()
    assert (answer.status_code, message.to) == (202, ["ida@example.com"])
    assert message.subject == "You have a SAFAPAC account already"
    assert User.objects.get().name == "Ida"


def test_who_has_not_confirmed_is_told_so_given_the_right_password_only(anonymous_api: APIClient) -> None:
    registered(anonymous_api)

    right, wrong = sign_in(anonymous_api), sign_in(anonymous_api, "wrong")

    assert (right.status_code, right.json()["type"]) == (403, "urn:safapac:problem:email-unverified")
    assert "Confirm your e-mail address first" in right.json()["detail"]
    unknown = sign_in(anonymous_api, email="nobody@example.com")
    assert {**wrong.json(), "requestId": ""} == {**unknown.json(), "requestId": ""}


def test_a_link_is_good_once_and_for_a_day(anonymous_api: APIClient) -> None:
    used = registered(anonymous_api)
    anonymous_api.post(VERIFY, {"token": used})
    old = registered(anonymous_api, email="bob@example.com")
    MailedToken.objects.update(expires_at=timezone.now())

    for token in (used, old, "made-up", used[:-1]):
        answer = anonymous_api.post(VERIFY, {"token": token})
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "invalid_token")
    assert sign_in(anonymous_api, email="bob@example.com").status_code == 403


def test_a_link_lasts_a_day_and_no_longer(anonymous_api: APIClient) -> None:
    registered(anonymous_api)

    left = MailedToken.objects.get().expires_at - timezone.now()

    assert timedelta(hours=23, minutes=59) < left <= timedelta(hours=24)


def test_a_token_is_at_rest_nowhere(anonymous_api: APIClient) -> None:
    token = registered(anonymous_api)

    with connection.cursor() as cursor:
        for table in ("accounts_mailedtoken", "accounts_letter", "accounts_user"):
            cursor.execute(f"SELECT string_agg(row::text, ' ') FROM {table} AS row")  # noqa: S608
            assert token not in cursor.fetchone()[0]
    assert Letter.objects.get().context == {}


class Work:
    """How many password hashes and statements something takes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hashes = 0
        hasher: Any = hashers.get_hasher().__class__
        for name in ("encode", "verify"):
            monkeypatch.setattr(hasher, name, self._counted(getattr(hasher, name)))

    def _counted(self, method: Any) -> Any:
        def counted(*args: Any) -> Any:
            self.hashes += 1
            return method(*args)

        return counted

    def of(self, do: Any) -> tuple[int, list[str]]:
        self.hashes = 0
        with CaptureQueriesContext(
            connection,
        ) as queries:
            do()
        # Statements without their values.
        return self.hashes, [re.sub(r"'[^']*'|s\d+_x\d+", "?", query["sql"]) for query in queries]


@pytest.mark.parametrize(
    ("path", "body"),
    [(REGISTER, {"password": PASSWORD}), (RESEND, {}), (RESET, {}), (LOGIN, {"password": "wrong"})],
)
def test_known_and_unknown_addresses_get_the_same_answer_for_the_same_work(
    anonymous_api: APIClient, monkeypatch: pytest.MonkeyPatch, path: str, body: dict[str, str]
) -> None:
    """Time would tell who has an account, so the work is counted instead of the clock."""
    user_make(email="known@example.com", password=PASSWORD)
    waiting = user_make(email="waits@example.com", password=PASSWORD, is_verified=False)
    work, answers, done = Work(monkeypatch), [], []
    assert not waiting.is_verified

    for email in ("known@example.com", "waits@example.com", "other@example.com"):
        done.append(work.of(lambda email=email: answers.append(anonymous_api.post(path, {**body, "email": email}))))

    bodies = [answer.content.replace(answer.headers["X-Request-ID"].encode(), b"") for answer in answers]
    assert bodies[0] == bodies[1] == bodies[2]
    assert len({answer.status_code for answer in answers}) == 1
    statements = [sqls for _, sqls in done]
    assert [hashes for hashes, _ in done] == [1 if "password" in body else 0] * 3
    assert statements[0] == statements[1] == statements[2]


def test_who_has_an_account_is_told_by_mail(anonymous_api: APIClient) -> None:
    user = user_make(email="ada@example.com", password=PASSWORD)

    anonymous_api.post(REGISTER, ADA | {"password": "another long walk", "name": "Eve"})
    anonymous_api.post(RESEND, {"email": "ADA@example.com"})

    messages = delivered()
    assert [message.subject for message in messages] == ["You have a SAFAPAC account already"] * 2
    assert all(not re.search(r"token=", str(message.body)) for message in messages)
    user.refresh_from_db()
    assert (user.name, user.check_password(PASSWORD)) != ("Eve", False)
    assert User.objects.count() == 1


def test_unknown_and_deactivated_addresses_get_no_mail(anonymous_api: APIClient) -> None:
    user_make(email="gone@example.com", is_active=False)

    for email in ("gone@example.com", "nobody@example.com"):
        for path in (RESEND, RESET):
            assert anonymous_api.post(path, {"email": email}).status_code == 202
    anonymous_api.post(REGISTER, ADA | {"email": "gone@example.com"})

    assert delivered() == []
    assert User.objects.count() == 1


def test_mail_is_sent_again_on_request(anonymous_api: APIClient) -> None:
    first = registered(anonymous_api)
    anonymous_api.post(RESEND, {"email": "ADA@EXAMPLE.COM"})
    (message,) = delivered()

    assert token_in(message) != first
    assert anonymous_api.post(VERIFY, {"token": token_in(message)}).status_code == 204
    assert sign_in(anonymous_api).status_code == 200
    assert anonymous_api.post(VERIFY, {"token": first}).status_code == 400


def test_a_link_confirms_the_password_chosen_with_it(anonymous_api: APIClient) -> None:
    """Somebody registers another's address before and after its owner does, to get in once the owner confirms."""
    anonymous_api.post(REGISTER, ADA | {"password": "the thief's first try"})
    delivered()
    own = registered(anonymous_api)
    anonymous_api.post(REGISTER, ADA | {"password": "the thief's second try"})
    delivered()

    anonymous_api.post(VERIFY, {"token": own})

    assert sign_in(anonymous_api).status_code == 200
    assert sign_in(anonymous_api, "the thief's first try").status_code == 401
    assert sign_in(anonymous_api, "the thief's second try").status_code == 401


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"password": "12345678901"}, "password", "password_entirely_numeric"),
        ({"password": "short"}, "password", "password_too_short"),
        ({"password": "ada@example.com"}, "password", "password_too_similar"),
        ({"password": "password123"}, "password", "password_too_common"),
        ({"email": "no address"}, "email", "invalid"),
        ({"name": "two\nlines"}, "name", "invalid"),
        ({"name": "x" * 151}, "name", "max_length"),
        ({"isStaff": True}, "isStaff", "unknown"),
        ({"isActive": True}, "isActive", "unknown"),
        ({"isSuperuser": True}, "isSuperuser", "unknown"),
        ({"isVerified": True}, "isVerified", "unknown"),
        ({"emailVerifiedAt": "2026-01-01T00:00:00Z"}, "emailVerifiedAt", "unknown"),
        ({"team": "1"}, "team", "unknown"),
        ({"role": "owner"}, "role", "unknown"),
    ],
)
def test_what_a_registration_may_not_bring(
    anonymous_api: APIClient, given: dict[str, Any], field: str, code: str
) -> None:
    answer = anonymous_api.post(REGISTER, ADA | given)

    assert answer.status_code == 400
    assert (field, code) in {(error["field"], error["code"]) for error in answer.json()["errors"]}
    assert not Letter.objects.exists()


def test_every_fault_of_a_registration_is_named_at_once(anonymous_api: APIClient) -> None:
    answer = anonymous_api.post(REGISTER, {"email": "ada", "password": "ada", "name": "two\nlines", "role": "owner"})

    assert {error["field"] for error in answer.json()["errors"]} == {"email", "password", "name", "role"}


def test_links_lead_to_our_site_whatever_host_was_asked(anonymous_api: APIClient, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    settings.SITE_URL = "https://safapac.example.org"

    for path in (REGISTER, RESET):
        anonymous_api.post(
            path,
            ADA if path == REGISTER else {"email": ADA["email"]},
            headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"},
        )

    messages = delivered()
    assert len(messages) == 2
    for message in messages:
        assert {link.startswith("https://safapac.example.org") for link in links_in(message)} == {True}
        assert "evil" not in str(message.message())


def test_names_reach_neither_the_mail_nor_its_headers(anonymous_api: APIClient) -> None:
    """Who registers chooses the name, and need not be who reads the mail."""
    anonymous_api.post(REGISTER, ADA | {"name": "<b>Win</b> at https://evil.example"})

    (message,) = delivered()

    assert "evil" not in str(message.message())
    assert message.message()["Auto-Submitted"] == "auto-generated"


def test_a_name_is_text_in_a_mail(anonymous_api: APIClient) -> None:
    user_make(email="ada@example.com", name='<img src=x onerror="1">&')

    anonymous_api.post(RESET, {"email": "ada@example.com"})
    (message,) = delivered()

    assert "&lt;img src=x onerror=&quot;1&quot;&gt;&amp;" in html_of(message)
    assert "<img" not in html_of(message)
    assert 'Hello <img src=x onerror="1">&,' in str(message.body)


def test_nobody_is_flooded_with_mail(anonymous_api: APIClient) -> None:
    user_make(email="ada@example.com")

    for _ in range(MOST_AN_HOUR + 2):
        assert anonymous_api.post(RESET, {"email": "ada@example.com"}).status_code == 202
        delivered()

    assert len(mail.outbox) == MOST_AN_HOUR


@pytest.mark.parametrize(("path", "rate"), [(REGISTER, "register"), (RESEND, "mail"), (RESET, "mail")])
def test_asking_for_mail_is_limited(anonymous_api: APIClient, settings: Any, path: str, rate: str) -> None:
    settings.RATELIMIT_ENABLE = True
    settings.RATES = {**settings.RATES, rate: "2/d", "anon": "100/d"}
    cache.clear()
    body = ADA if path == REGISTER else {"email": ADA["email"]}

    assert [anonymous_api.post(path, body).status_code for _ in range(3)] == [202, 202, 429]


def test_accounts_that_nobody_confirms_are_forgotten_after_a_week(anonymous_api: APIClient) -> None:
    registered(anonymous_api)
    accounts_upkeep()
    assert User.objects.count() == 1
    User.objects.update(created_at=timezone.now() - timedelta(days=8))
    kept = user_make()

    accounts_upkeep()

    assert list(User.objects.all()) == [kept]
    assert Team.objects.count() == 1
