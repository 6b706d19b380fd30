"""Sends mail through the organisation's relay."""

import re
import select
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime, make_msgid, parseaddr
from functools import cache

from writeback.config import MailConfig
from writeback.envelope.addresses import ascii_domain
from writeback.envelope.tls import certificate_fault, client_context
from writeback.ports import Channel, CourierAway, CourierRefused, Message

# The characters allowed in an address: none that could end a header or begin a second address.
_ADDRESS = re.compile(r"(?P<local>[^\s@<>(),;:\\\"\[\]]{1,64})@(?P<domain>[^\s@<>(),;:\\\"\[\]]{1,253})")
_PROBE_TIMEOUT = 3
_PROBE_KEPT = 25


class _Headers(HeaderRegistry):
    """The library's headers, with their classes made once instead of for each header of each mail."""

    @cache  # noqa: B019  # one registry, and a handful of names
    def __getitem__(self, name: str) -> type:
        return super().__getitem__(name)


_POLICY = SMTP.clone(header_factory=_Headers())


class MailCourier:
    """The port Courier over SMTP; errors show only the relay's code, since its text may hold an address.

    Each sending thread keeps its connection until `rest`, so that not every mail waits for a handshake.
    """

    channel = Channel.MAIL

    def __init__(self, config: MailConfig) -> None:
        self._config = config
        display, address = parseaddr(config.sender)
        self._sender, self._domain = str(_address(address, display)), address.rpartition("@")[2]
        self._tls = client_context(config.ca_file)
        self._kept = threading.local()
        self._probe_lock = threading.Lock()
        self._probed, self._was_up = -float(_PROBE_KEPT), False

    def send(self, message: Message) -> None:
        """Hand the message over to the relay.

        Raises:
            CourierAway: it failed for now; a retry may succeed.
            CourierRefused: the relay will never take this message.
        """
        mail = self.compose(message)
        with _raise_as_away(undo=self._drop):
            if self._still_stands():
                # The relay may only refuse to go on with this connection, so a new one gets a try.
                with suppress(smtplib.SMTPSenderRefused):
                    _hand_over(self._kept.relay, mail)
                    return
            self._drop()
            self._kept.relay = self._connect(self._config.timeout)
            _hand_over(self._kept.relay, mail)

    def rest(self) -> None:
        """Close this thread's connection; the next message opens a new one."""
        relay: smtplib.SMTP | None = getattr(self._kept, "relay", None)
        if relay is not None:
            _say_goodbye(relay)
            self._drop()

    def is_up(self) -> bool:
        """Tell whether the relay answers; probes it at most every 25 seconds and never raises."""
        with self._probe_lock:
            if time.monotonic() - self._probed >= _PROBE_KEPT:
                try:
                    self.probe()
                    self._was_up = True
                except CourierAway:
                    self._was_up = False
                self._probed = time.monotonic()
            return self._was_up

    def probe(self) -> float | None:
        """Connect, encrypt and sign in without sending; return the Unix time when the certificate expires.

        Returns None if the connection is not encrypted.

        Raises:
            CourierAway: a step failed; the text says why.
        """
        with (
            _raise_as_away(),
            closing(self._connect(min(_PROBE_TIMEOUT, self._config.timeout))) as relay,
        ):
            relay.noop()
            given = relay.sock.getpeercert() if isinstance(relay.sock, ssl.SSLSocket) else None
            _say_goodbye(relay)
        return ssl.cert_time_to_seconds(str(given["notAfter"])) if given else None

    def compose(self, message: Message) -> EmailMessage:
        """Return the mail with its headers.

        Raises:
            CourierRefused: the address or the subject can't stand in a header.
        """
        mail = EmailMessage(policy=_POLICY)
        try:
            mail["From"] = self._sender
            mail["To"] = str(_address(message.to))
            mail["Subject"] = message.subject
            mail["Date"] = format_datetime(localtime())
            mail["Message-ID"] = make_msgid(domain=self._domain)
        except ValueError:
            raise CourierRefused("The address or the subject can't stand in a header.") from None
        # RFC 3834 §5: prevents vacation notices and mail loops.
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
        mail.set_content(message.body, cte="quoted-printable")
        return mail

    def _still_stands(self) -> bool:
        """Tell whether this thread has a connection that it can use again."""
        kept: smtplib.SMTP | None = getattr(self._kept, "relay", None)
        return kept is not None and kept.sock is not None and not _has_spoken(kept.sock)

    def _drop(self) -> None:
        relay: smtplib.SMTP | None = getattr(self._kept, "relay", None)
        self._kept.relay = None
        if relay is not None:
            relay.close()

    def _connect(self, timeout: int) -> smtplib.SMTP:
        """Return a signed-in connection to the relay, with a verified certificate if TLS is used."""
        config = self._config
        relay = self._dial(timeout)
        with ExitStack() as undo:
            undo.callback(relay.close)
            if config.security == "starttls":
                relay.starttls(context=self._tls)
            if config.username and config.password is not None:
                relay.login(config.username, config.password.reveal())
            undo.pop_all()
        return relay

    def _dial(self, timeout: int) -> smtplib.SMTP:
        config, here = self._config, self._domain
        if config.security == "tls":
            return smtplib.SMTP_SSL(config.host, config.port, here, timeout=timeout, context=self._tls)
        return smtplib.SMTP(config.host, config.port, here, timeout=timeout)


def _hand_over(relay: smtplib.SMTP, mail: EmailMessage) -> None:
    try:
        relay.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise _failure("recipient", min(codes, default=500)) from None
    except smtplib.SMTPDataError as error:
        raise _failure("message", error.smtp_code) from None
    except smtplib.SMTPNotSupportedError:
        raise CourierRefused("The relay can't write to such an address.") from None


@contextmanager
def _raise_as_away(undo: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Raise every failure as CourierAway, after `undo` has cleaned up."""
    try:
        yield
    except CourierAway:
        undo()  # some relays take only so many messages in one session
        raise
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        undo()
        # smtplib raises UnicodeError for an answer that is not ASCII; its text would quote the answer.
        raise CourierAway(f"The relay could not be used: {_kind(error)}.") from None


def _say_goodbye(relay: smtplib.SMTP) -> None:
    # The relay has the message already, so an error at the goodbye doesn't matter.
    with suppress(smtplib.SMTPException, OSError, UnicodeError):
        relay.quit()


def _has_spoken(connection: socket.socket) -> bool:
    """Tell whether the relay has hung up or sent an unasked line, such as 421, since the last message."""
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))


def _address(text: str, display: str = "") -> Address:
    match = _ADDRESS.fullmatch(text)
    if match is None or not text.isprintable():
        raise ValueError("not an address")
    # The local part may be in any script: a relay that can't take it refuses just this message.
    return Address(display_name=display, username=match["local"], domain=ascii_domain(match["domain"]))


def _failure(what: str, code: int) -> CourierAway | CourierRefused:
    sentence = f"The relay refused the {what} with {code}."
    return CourierRefused(sentence) if code >= 500 else CourierAway(sentence)


def _kind(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__} {error.smtp_code}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "; ".join(certificate_fault(error, whose="the relay", setting="[mail] ca_file"))
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
