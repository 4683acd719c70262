"""What the product mails to people: each kind of letter has a function that says it, and templates that word it.

The function is called when the letter is sent, not when it is asked for. So a request does the same work whoever asks
and whether or not the address is known, and a token that a mail carries is never at rest anywhere but hashed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import make_msgid
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import Letter

FOLDER = "accounts/mail"


@dataclass(frozen=True, kw_only=True)
class Message:
    """A mail to one address; ``template`` names a text and an HTML file in the folder of mails."""

    to: str
    subject: str
    template: str
    values: dict[str, Any] = field(default_factory=dict)


type Composer = Callable[[Letter], Message | None]

_composers: dict[str, Composer] = {}


def composes(kind: str) -> Callable[[Composer], Composer]:
    """Decorate what says letters of ``kind``. It owns its transaction; None where there is nothing to be said."""

    def register(function: Composer) -> Composer:
        _composers[kind] = function
        return function

    return register


def compose(letter: Letter) -> Message | None:
    """Raises LookupError for a kind that nobody composes."""
    return _composers[letter.kind](letter)


def site_link(route: str, **query: str) -> str:
    """The address of a page as it stands in a mail: under the configured site, whatever host a request named."""
    return settings.SITE_URL + reverse(route) + (f"?{urlencode(query)}" if query else "")


def as_mail(message: Message) -> EmailMultiAlternatives:
    values = {"site": settings.SITE_URL, **message.values}
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=render_to_string(f"{FOLDER}/{message.template}.txt", values),
        to=[message.to],
        headers={
            "Auto-Submitted": "auto-generated",
            "Message-ID": make_msgid(domain=urlsplit(settings.SITE_URL).hostname),
        },
    )
    mail.attach_alternative(render_to_string(f"{FOLDER}/{message.template}.html", values), "text/html")
    return mail
