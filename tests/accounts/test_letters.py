"""Mail that no request waits for and no crash loses."""

import smtplib
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from accounts import tasks
from accounts.models import Letter
from accounts.services import accounts_upkeep, letter_post, letters_deliver, letters_wake
from accounts.services.letters import LEASE, MOST_ATTEMPTS
from config import env
from config.tasks import run_next
from tests.factories import user_make

pytestmark = pytest.mark.django_db


class Failing(EmailBackend):
    """A mail server that answers with ``error`` as long as there is one."""

    error: Exception | None = None
    tries = 0

    def send_messages(self, messages: Any) -> int:
        type(self).tries += 1
        if self.error is not None:
            raise self.error
        return super().send_messages(messages)


@pytest.fixture
def server(settings: Any) -> Any:
    settings.MAILERS = {"default": {"BACKEND": f"{Failing.__module__}.{Failing.__name__}"}}
    Failing.error, Failing.tries = None, 0
    return Failing


def post() -> Letter:
    return letter_post(kind="reset", address="ada@example.com")


@pytest.fixture(autouse=True)
def _ada() -> None:
    user_make(email="ada@example.com")


def due_again() -> None:
    Letter.objects.update(due_at=timezone.now())


def test_a_letter_is_sent_once() -> None:
    post()

    assert [letters_deliver(), letters_deliver()] == [1, 0]
    assert len(mail.outbox) == 1


def test_it_waits_while_the_server_is_away_and_is_sent_then(server: Any) -> None:
    letter = post()
    server.error = ConnectionRefusedError("nobody there")

    assert [letters_deliver(), letters_deliver()] == [1, 0]
    letter.refresh_from_db()
    assert (letter.sent_at, letter.attempts, letter.fault) == (None, 1, "ConnectionRefusedError: nobody there")
    assert letter.due_at > timezone.now()
    server.error = None
    due_again()
    letters_deliver()

    letter.refresh_from_db()
    assert letter.sent_at is not None
    assert len(mail.outbox) == 1


def test_a_server_that_is_away_is_not_asked_for_every_letter(server: Any) -> None:
    for _ in range(4):
        post()
    server.error = TimeoutError("no answer")

    letters_deliver()

    assert server.tries == 1
    assert Letter.objects.filter(sent_at=None, due_at__gt=timezone.now()).count() == 4


def test_a_letter_that_is_refused_does_not_hold_up_the_others(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    post()
    other = letter_post(kind="unheard-of", address="ada@example.com")
    last = post()

    letters_deliver()

    other.refresh_from_db()
    last.refresh_from_db()
    assert (other.sent_at, last.sent_at is not None, len(mail.outbox)) == (None, True, 2)


def test_an_address_that_takes_no_mail_is_given_up_at_once(server: Any) -> None:
    letter = post()
    server.error = smtplib.SMTPRecipientsRefused({"ada@example.com": (550, b"no such user")})

    letters_deliver()

    letter.refresh_from_db()
    assert letter.given_up_at is not None
    due_again()
    assert letters_deliver() == 0


def test_it_is_given_up_in_the_end(server: Any) -> None:
    letter = post()
    server.error = smtplib.SMTPDataError(451, b"later")

    for _ in range(MOST_ATTEMPTS + 2):
        letters_deliver()
        due_again()

    letter.refresh_from_db()
    assert (letter.attempts, letter.given_up_at is not None, server.tries) == (MOST_ATTEMPTS, True, MOST_ATTEMPTS)


def test_a_worker_that_dies_while_sending_loses_nothing(server: Any) -> None:
    class Killed(BaseException):
        pass

    letter = post()
    server.error = Killed()
    with pytest.raises(Killed):
        letters_deliver()
    letter.refresh_from_db()
    assert timedelta(0) < letter.due_at - timezone.now() <= LEASE
    server.error = None
    assert letters_deliver() == 0  # its lease still holds

    due_again()
    letters_deliver()

    assert len(mail.outbox) == 1


def test_a_letter_of_a_transaction_that_is_rolled_back_is_none(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as wakes:
        post()

    assert len(wakes) == 1


@pytest.mark.django_db(transaction=True)
def test_posting_wakes_a_worker_which_sends() -> None:
    post()

    assert run_next() is True
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_a_task_that_was_lost_is_made_up_for() -> None:
    post()
    from django_tasks_db.models import DBTaskResult

    DBTaskResult.objects.all().delete()

    accounts_upkeep()

    assert run_next() is True
    assert len(mail.outbox) == 1
    letters_wake()
    assert run_next() is False


def test_the_task_is_what_the_queue_calls() -> None:
    post()

    assert tasks.deliver_mail.call() == 1


def test_what_was_sent_is_forgotten_after_two_days() -> None:
    post()
    letters_deliver()
    waiting = post()
    Letter.objects.update(created_at=timezone.now() - timedelta(days=3))

    accounts_upkeep()

    assert list(Letter.objects.all()) == [waiting]


@pytest.mark.parametrize(
    ("url", "backend", "options"),
    [
        ("console:", "console", None),
        ("file:///var/mail%20box", "filebased", {"file_path": "/var/mail box"}),
        (
            "smtp://me:p%40ss@mail.example.org",
            "smtp",
            {"host": "mail.example.org", "port": 587, "username": "me", "password": "p@ss", "use_tls": True},
        ),
        ("smtp://localhost:25?starttls=0", "smtp", {"port": 25, "use_tls": False, "use_ssl": False, "timeout": 10}),
        ("smtps://mail.example.org", "smtp", {"port": 465, "use_ssl": True, "use_tls": False}),
    ],
)
def test_how_mail_goes_out(monkeypatch: pytest.MonkeyPatch, url: str, backend: str, options: Any) -> None:
    monkeypatch.setenv("MAIL_URL", url)

    found = env.mailer("MAIL_URL", "console:")

    assert found["BACKEND"] == f"django.core.mail.backends.{backend}.EmailBackend"
    assert (options or {}).items() <= found.get("OPTIONS", {}).items()


@pytest.mark.parametrize("url", ["mail.example.org", "smtp://", "http://mail", "file:"])
def test_a_mail_server_that_is_none_stops_the_start_and_keeps_its_secret(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("MAIL_URL", url)

    with pytest.raises(ImproperlyConfigured, match="MAIL_URL must begin with"):
        env.mailer("MAIL_URL", "console:")


@pytest.mark.parametrize(
    "url", ["example.org", "ftp://example.org", "https://", "https://x@example.org", "https://a?b"]
)
def test_a_site_that_is_none_stops_the_start(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("SITE_URL", url)

    with pytest.raises(ImproperlyConfigured, match="SITE_URL must be"):
        env.site("SITE_URL", "http://127.0.0.1")
