"""Letters as their readers get them."""

import re
from urllib.parse import parse_qs, urlsplit

from django.core import mail
from django.core.mail import EmailMultiAlternatives

from accounts.services import letters_deliver

LINK = re.compile(r"https?://\S+")


def delivered() -> list[EmailMultiAlternatives]:
    """What the worker sends now."""
    before = len(mail.outbox)
    letters_deliver()
    return mail.outbox[before:]


def html_of(message: EmailMultiAlternatives) -> str:
    return str(message.alternatives[0].content)


def links_in(message: EmailMultiAlternatives) -> list[str]:
    return LINK.findall(str(message.body))


def token_in(message: EmailMultiAlternatives) -> str:
    (token,) = [value for link in links_in(message) for value in parse_qs(urlsplit(link).query).get("token", [])]
    return token
