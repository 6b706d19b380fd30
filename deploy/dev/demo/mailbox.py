"""A mail server on loopback that keeps its mails, for the demo to show and for tests to read."""

import email.policy
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from threading import Condition
from typing import Any

from aiosmtpd.controller import Controller

from deploy.dev.processes import SetupError, free_port, port_is_free, wait_until


@dataclass(frozen=True)
class Mail:
    """One received mail."""

    sender: str
    to: tuple[str, ...]
    at: datetime
    message: EmailMessage

    @property
    def subject(self) -> str:
        """The subject line, decoded."""
        return str(self.message["subject"] or "")

    @property
    def text(self) -> str:
        """The plain text of the mail, decoded."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """The HTML of the mail, decoded; empty if there is none."""
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()).replace("\r\n", "\n") if part else ""


class Mailbox:
    """An SMTP server without TLS and accounts, on a fixed loopback port.

    `outbox` is a folder for one `.eml` file per mail. `arrived` is called for each mail, from the server's
    thread. While `refusal` is set, such as `451 Try again later`, mails are refused with it.
    """

    def __init__(
        self,
        *,
        address: str = "127.0.0.1",
        port: int | None = None,
        outbox: Path | None = None,
        arrived: Callable[[Mail], None] | None = None,
    ) -> None:
        """Describe the server; `start` starts to listen."""
        self.address = address
        self.port = port or free_port(address)
        self.refusal: str | None = None
        self.messages: list[Mail] = []
        self._outbox = outbox
        self._arrived = arrived
        self._changed = Condition()
        self._server: Any = None

    def start(self) -> None:
        """Listen; mails from before a stop are still there."""
        if not wait_until(lambda: port_is_free(self.address, self.port), seconds=3):
            raise SetupError(f"The mail server needs port {self.port} of {self.address}, which is taken.")
        if self._outbox:
            self._outbox.mkdir(parents=True, exist_ok=True)
        self._server = Controller(self, hostname=self.address, port=self.port)
        self._server.start()

    def stop(self) -> None:
        """Stop listening; do nothing if it does not listen."""
        if self._server:
            self._server.stop()
            self._server = None

    def alive(self) -> bool:
        """Tell whether the server listens."""
        return self._server is not None

    @property
    def count(self) -> int:
        """How many mails there are, for the argument `after` of `wait_for`."""
        return len(self.messages)

    def wait_for(self, *, to: str | None = None, after: int = 0, seconds: float = 10.0) -> Mail:
        """Wait for a mail to this address, not counting the first `after` mails, and return it."""
        with self._changed:
            found = self._changed.wait_for(lambda: self._first(to, after), seconds)
        if not found:
            raise TimeoutError(f"no mail{f' to {to}' if to else ''} came within {seconds:g} s")
        return found

    def _first(self, to: str | None, after: int) -> Mail | None:
        wanted = (mail for mail in self.messages[after:] if to is None or to in mail.to)
        return next(wanted, None)

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802
        """Receive a mail, as aiosmtpd requires of its handlers."""
        if self.refusal:
            return self.refusal
        message = message_from_bytes(envelope.content, policy=email.policy.default)
        mail = Mail(envelope.mail_from, tuple(envelope.rcpt_tos), datetime.now(UTC), message)
        with self._changed:
            self.messages.append(mail)
            number = len(self.messages)
            self._changed.notify_all()
        if self._outbox:
            name = f"{number:04d}-{mail.to[0].replace('/', '_')}.eml"
            (self._outbox / name).write_bytes(envelope.content)
        if self._arrived:
            self._arrived(mail)
        return "250 OK"
