"""Posting letters and sending them: no request waits for a mail server, and no letter is lost.

A letter is a row, written in the transaction of what causes it. A worker leases it, composes, sends and marks it. One
that dies in between lets the lease pass, and the letter is sent by another: at worst twice, never not at all.
"""

import logging
import time
from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from django.core.mail import mailers
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.addresses import lowered
from accounts.letters import Message, as_mail, compose
from accounts.models import Letter

logger = logging.getLogger(__name__)

# Longer than a mail server is waited for, in all its steps.
LEASE = timedelta(minutes=3)
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)
# With the pauses above, for a day and a half.
MOST_ATTEMPTS = 14
KEPT = timedelta(days=2)
# For this long one task goes on sending before calculations have their turn.
SLICE_S = 3.0
# Letters that a stranger can have sent to an address in an hour, of one kind. More are dropped without a word: the
# first ones are there, and their links are good.
MOST_AN_HOUR = 5


@transaction.atomic
def letter_post(*, kind: str, address: str, context: dict[str, str] | None = None) -> Letter:
    """Have a letter sent once this transaction is committed. ``address`` may be whatever was typed."""
    letter = Letter.objects.create(kind=kind, address=lowered(address), context=context or {})
    # Lost with the broker, perhaps: workers look for letters themselves, too.
    transaction.on_commit(_wake, robust=True)
    return letter


def _wake() -> None:
    from accounts.tasks import deliver_mail  # which calls this module

    deliver_mail.enqueue()


def letters_wake() -> None:
    """Send for a worker where letters are due."""
    if Letter.objects.due().exists():
        _wake()


def letters_deliver(*, seconds: float = SLICE_S) -> int:
    """Send what is due, for a while; how many letters were dealt with."""
    count, until = 0, time.monotonic() + seconds
    while (letter := _lease()) is not None:
        count += 1
        _deliver(letter)
        if time.monotonic() > until:
            letters_wake()
            break
    return count


def letters_purge() -> None:
    """Forget letters of the day before yesterday, sent or given up."""
    Letter.objects.filter(created_at__lt=timezone.now() - KEPT).exclude(sent_at=None, given_up_at=None).delete()


def letters_sent_lately(letter: Letter) -> QuerySet[Letter]:
    """Letters of the same kind that went to the same address within the last hour."""
    since = timezone.now() - timedelta(hours=1)
    return Letter.objects.filter(address=letter.address, kind=letter.kind, created_at__gt=since, sent_at__isnull=False)


def is_one_too_many(letter: Letter) -> bool:
    """Whether a stranger has had enough letters of this kind sent to that address for now."""
    return letters_sent_lately(letter).count() >= MOST_AN_HOUR


@transaction.atomic
def _lease() -> Letter | None:
    letter = Letter.objects.due().select_for_update(skip_locked=True).first()
    if letter is not None:
        letter.attempts += 1
        letter.due_at = timezone.now() + LEASE
        letter.save(update_fields=["attempts", "due_at"])
    return letter


def _deliver(letter: Letter) -> None:
    try:
        message = compose(letter)
        if message is not None:
            _send(message)
    except SMTPRecipientsRefused as error:
        # Below 500 the server knows the recipient well enough, and wants to see whether we come back.
        is_final = all(code >= 500 for code, _ in error.recipients.values())
        (_give_up if is_final else _put_back)(letter, error)
    except (SMTPException, OSError) as error:
        _put_back(letter, error)
        if not isinstance(error, SMTPResponseException):
            # It is the server that is away, not this letter that it refused: no other one is tried meanwhile.
            Letter.objects.due().update(due_at=timezone.now() + FIRST_PAUSE)
    except Exception as error:
        logger.exception("letter %s (%s) cannot be composed", letter.pk, letter.kind)
        _put_back(letter, error)
    else:
        letter.sent_at, letter.context, letter.fault = timezone.now(), {}, ""
        letter.save(update_fields=["sent_at", "context", "fault"])


def _send(message: Message) -> None:
    mailer = mailers.default
    try:
        mailer.send_messages([as_mail(message)])
    finally:
        # Also of a connection that could not be secured or signed in on.
        mailer.close()


def _put_back(letter: Letter, error: Exception) -> None:
    if letter.attempts >= MOST_ATTEMPTS:
        _give_up(letter, error)
        return
    logger.warning("letter %s (%s) was not sent, to be tried again: %s", letter.pk, letter.kind, error)
    letter.due_at = timezone.now() + min(FIRST_PAUSE * 2 ** (letter.attempts - 1), LONGEST_PAUSE)
    letter.fault = _words(error)
    letter.save(update_fields=["due_at", "fault"])


def _give_up(letter: Letter, error: Exception) -> None:
    logger.error("letter %s (%s) is given up: %s", letter.pk, letter.kind, error)
    letter.given_up_at, letter.context, letter.fault = timezone.now(), {}, _words(error)
    letter.save(update_fields=["given_up_at", "context", "fault"])


def _words(error: Exception) -> str:
    room = Letter._meta.get_field("fault").max_length
    return f"{type(error).__name__}: {error}"[:room]
