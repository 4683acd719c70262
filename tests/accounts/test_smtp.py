"""Letters through a real mail server: they arrive whole, and what it refuses is tried again."""

from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from django.conf import settings as current
from django.utils import timezone

from accounts.models import Letter
from accounts.services import letter_post, letters_deliver
from config import env
from tests.accounts.post_office import CERTIFICATE, Letterbox, PostOffice
from tests.factories import user_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def box() -> Letterbox:
    return Letterbox()


@pytest.fixture
def office(box: Letterbox, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    with PostOffice(box) as office:
        use(settings, monkeypatch, f"smtp://{office.address}?starttls=0")
        yield office


def use(settings: Any, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """As the settings are where the environment says this."""
    monkeypatch.setenv("MAIL_URL", url)
    monkeypatch.setenv("MAIL_TIMEOUT", "20")
    settings.MAILERS = {"default": env.mailer("MAIL_URL", "console:")}


@pytest.fixture(autouse=True)
def _ada() -> None:
    user_make(email="ada@example.com", name="Ada <b>Łovelace</b>")


def post() -> Letter:
    return letter_post(kind="reset", address="ada@example.com")


def due_again() -> None:
    Letter.objects.update(due_at=timezone.now())


@pytest.mark.usefixtures("office")
def test_a_letter_arrives_whole(box: Letterbox) -> None:
    post()

    letters_deliver()

    (envelope,), (mail,) = box.envelopes, box.mails
    assert (envelope.mail_from, envelope.rcpt_tos) == ("no-reply@localhost", ["ada@example.com"])
    assert (mail["From"], mail["To"]) == (current.DEFAULT_FROM_EMAIL, "ada@example.com")
    assert mail["Subject"] == "Choose a new password for SAFAPAC"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@127.0.0.1>")
    assert abs(parsedate_to_datetime(mail["Date"]) - timezone.now()) < timedelta(minutes=1)
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "Hello Ada <b>Łovelace</b>," in text.get_content()
    assert "Hello Ada &lt;b&gt;Łovelace&lt;/b&gt;," in html.get_content()
    link = f"{current.SITE_URL}/password/reset/confirm?token="
    assert link in text.get_content()
    assert link in html.get_content()
    # Lines that a server would cut, and with them a link.
    assert max(map(len, bytes(envelope.content or b"").splitlines())) < 998


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"on_data": "451 greylisted, come back"}, "SMTPDataError: (451, b'greylisted, come back')"),
        ({"on_data": "554 looks like spam"}, "SMTPDataError: (554, b'looks like spam')"),
        ({"hangs_up": True}, "SMTPServerDisconnected: Connection unexpectedly closed"),
    ],
)
def test_what_the_server_refuses_is_tried_again_and_arrives_once(
    box: Letterbox, fault: dict[str, Any], words: str
) -> None:
    letter = post()
    vars(box).update(fault)

    letters_deliver()
    letter.refresh_from_db()
    assert (letter.sent_at, letter.given_up_at, letter.attempts, letter.fault) == (None, None, 1, words)
    assert letter.due_at > timezone.now()
    vars(box).update(on_data="250 OK", hangs_up=False)
    due_again()
    letters_deliver()
    due_again()
    letters_deliver()

    letter.refresh_from_db()
    assert (letter.sent_at is not None, letter.attempts, letter.fault) == (True, 2, "")
    assert len(box.mails) == 1


@pytest.mark.usefixtures("office")
def test_recipient_whom_the_server_does_not_know_is_given_up(box: Letterbox) -> None:
    letter = post()
    box.on_rcpt = "550 no such user"

    letters_deliver()

    letter.refresh_from_db()
    assert letter.given_up_at is not None
    assert "no such user" in letter.fault
    assert box.mails == []


@pytest.mark.usefixtures("office")
def test_recipient_who_is_to_come_back_later_is_not_given_up(box: Letterbox) -> None:
    letter = post()
    box.on_rcpt = "450 greylisted"

    letters_deliver()
    box.on_rcpt = "250 OK"
    due_again()
    letters_deliver()

    letter.refresh_from_db()
    assert (letter.given_up_at, letter.sent_at is not None, len(box.mails)) == (None, True, 1)


def test_letters_wait_for_a_server_that_is_not_there(
    settings: Any, box: Letterbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with PostOffice(box) as office:
        gone = office.address
    use(settings, monkeypatch, f"smtp://{gone}?starttls=0")
    letters = [post() for _ in range(3)]

    assert letters_deliver() == 1

    assert Letter.objects.filter(sent_at=None, given_up_at=None, due_at__gt=timezone.now()).count() == 3
    with PostOffice(box) as office:
        use(settings, monkeypatch, f"smtp://{office.address}?starttls=0")
        due_again()
        letters_deliver()
    assert len(box.mails) == len(letters)


@pytest.mark.parametrize("password", ["right", "wrong"])
def test_password_of_the_server(settings: Any, monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    letter, box = post(), Letterbox(password="right")

    with PostOffice(box) as office:
        use(settings, monkeypatch, f"smtp://me:{password}@{office.address}?starttls=0")
        letters_deliver()

    letter.refresh_from_db()
    assert (letter.sent_at is not None) == (password == "right")
    assert len(box.mails) == int(password == "right")
    assert password not in letter.fault
    assert letter.fault.startswith("SMTPAuthenticationError") == (password == "wrong")


def test_password_is_not_sent_in_the_clear(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """To a server that does not offer STARTTLS, or between whom and us somebody takes the offer out."""
    letter, box = post(), Letterbox(password="right")

    with PostOffice(box) as office:
        use(settings, monkeypatch, f"smtp://me:right@{office.address}")
        letters_deliver()

    letter.refresh_from_db()
    assert letter.fault.startswith("SMTPNotSupportedError")
    assert (letter.sent_at, box.logins, box.mails) == (None, [], [])


@pytest.mark.parametrize("tls", ["smtp", "smtps"])
def test_nothing_is_sent_to_a_server_that_cannot_prove_who_it_is(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tls: str
) -> None:
    """Whoever sits between us and the mail server can show a certificate of their own making, and no other."""
    letter, box = post(), Letterbox(password="right")

    with PostOffice(box, tls=tls) as office:
        use(settings, monkeypatch, f"{tls}://me:right@{office.address}")
        letters_deliver()

    letter.refresh_from_db()
    assert letter.fault.startswith("SSLCertVerificationError")
    assert "self-signed certificate" in letter.fault
    assert (letter.sent_at, letter.given_up_at, box.logins, box.envelopes) == (None, None, [], [])
    assert letter.due_at > timezone.now()


@pytest.mark.parametrize("tls", ["smtp", "smtps"])
def test_certificate_that_the_environment_trusts_is_trusted_for_its_own_name_alone(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tls: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    letter, box = post(), Letterbox(password="right")

    with PostOffice(box, tls=tls) as office:
        use(settings, monkeypatch, f"{tls}://me:right@{office.address}".replace("127.0.0.1", "localhost"))
        letters_deliver()
        letter.refresh_from_db()
        assert "Hostname mismatch" in letter.fault
        assert (letter.sent_at, box.logins, box.envelopes) == (None, [], [])
        use(settings, monkeypatch, f"{tls}://me:right@{office.address}")
        due_again()
        letters_deliver()

    letter.refresh_from_db()
    assert letter.sent_at is not None
    assert (len(box.logins), len(box.mails)) == (1, 1)
