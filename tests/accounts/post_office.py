"""A real SMTP server in a thread, which takes letters or refuses them as a test has it."""

import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope

TAKEN = "250 OK"
# With its key, which is used for nothing else; it lasts as long as anybody will run this.
CERTIFICATE = Path(__file__).parent / "mail_server.pem"


@dataclass
class Letterbox:
    """What came in: envelopes and mails; and what the server says to the sender, the recipient and the content."""

    on_rcpt: str = TAKEN
    on_data: str = TAKEN
    # Breaks the connection after the content, without a word.
    hangs_up: bool = False
    password: str | None = None
    logins: list[Any] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)

    @property
    def mails(self) -> list[EmailMessage]:
        found = [message_from_bytes(bytes(one.content or b""), policy=policy.default) for one in self.envelopes]
        return [one for one in found if isinstance(one, EmailMessage)]

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]) -> str:
        if self.on_rcpt == TAKEN:
            envelope.rcpt_tos.append(address)
        return self.on_rcpt

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        if self.hangs_up:
            server.transport.abort()
            return ""
        if self.on_data == TAKEN:
            self.envelopes.append(envelope)
        return self.on_data

    def authenticate(self, server: Any, session: Any, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        self.logins.append(given)
        is_right = self.password is not None and given.password == self.password.encode()
        # What is not handled here is refused by the library, in words.
        return AuthResult(success=is_right, handled=is_right)


class PostOffice(Controller):
    """On a free port of this machine.

    ``tls``: without any (None), after STARTTLS ("smtp") or from the start ("smtps"), by a certificate that nobody but
    itself has signed, and that names 127.0.0.1 alone.
    """

    def __init__(self, box: Letterbox, *, tls: str | None = None) -> None:
        context = None
        if tls is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(CERTIFICATE)
        super().__init__(
            box,
            hostname="127.0.0.1",
            port=0,
            authenticator=box.authenticate,
            auth_require_tls=False,
            ready_timeout=60.0,
            ssl_context=context if tls == "smtps" else None,
            tls_context=context if tls == "smtp" else None,
        )
        self.box = box

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def _trigger_server(self) -> None:
        # The library knocks at the port it was given, which is 0: nobody's.
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    def __enter__(self) -> "PostOffice":
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        with suppress(AssertionError):
            self.stop()
