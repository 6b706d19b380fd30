"""Mail, handed to the organisation's relay."""

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
from writeback.ports import CourierAway, CourierRefused, Message

# What a mail address may be made of here: nothing that could end a header or begin a second address.
_ADDRESS = re.compile(r"(?P<local>[^\s@<>(),;:\\\"\[\]]{1,64})@(?P<domain>[^\s@<>(),;:\\\"\[\]]{1,253})")
_PROBE_TIMEOUT = 3
_PROBE_KEPT = 25


class _Headers(HeaderRegistry):
    """The library's own headers, whose classes are made once and not anew for each header of each mail."""

    @cache  # noqa: B019  # one registry, and a handful of names
    def __getitem__(self, name: str) -> type:
        return super().__getitem__(name)


_POLICY = SMTP.clone(header_factory=_Headers())


class MailCourier:
    """The port Courier over SMTP. Of a failure only the code is told: its text may hold an address.

    A thread that sends keeps its connection until it rests: what many people wait for at once must not wait
    for a handshake each time.
    """

    name = "mail"

    def __init__(self, config: MailConfig) -> None:
        self._config = config
        display, address = parseaddr(config.sender)
        self._sender, self._domain = str(_address(address, display)), address.rpartition("@")[2]
        self._tls = client_context(config.ca_file)
        self._kept = threading.local()
        self._probe_lock = threading.Lock()
        self._probed, self._was_up = -float(_PROBE_KEPT), False

    def send(self, message: Message) -> None:
        """Hand the message over for good.

        Raises:
            CourierAway: not now; it is worth trying again.
            CourierRefused: this message will never be taken.
        """
        mail = self.compose(message)
        with _told_as_away(undo=self._drop):
            if self._still_stands():
                # Refused before the message itself: a relay that has had enough of this connection, perhaps.
                with suppress(smtplib.SMTPSenderRefused):
                    _hand_over(self._kept.relay, mail)
                    return
            self._drop()
            self._kept.relay = self._connect(self._config.timeout)
            _hand_over(self._kept.relay, mail)

    def rest(self) -> None:
        """Hang up, as far as this thread is concerned; the next message dials anew."""
        relay: smtplib.SMTP | None = getattr(self._kept, "relay", None)
        if relay is not None:
            _say_goodbye(relay)
            self._drop()

    def is_up(self) -> bool:
        """Tell whether the relay answers; asks it at most every 25 seconds, and never raises."""
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
        """Connect, encrypt and sign in, and send nothing; return when the relay's certificate ends.

        That is a Unix time, or None where nothing is encrypted.

        Raises:
            CourierAway: what stands in the way.
        """
        with (
            _told_as_away(),
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
        # RFC 3834 §5: so that no vacation notice answers, and no answer loops.
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
        mail.set_content(message.body, cte="quoted-printable")
        return mail

    def _still_stands(self) -> bool:
        """Tell whether this thread has a connection that can be used again."""
        kept: smtplib.SMTP | None = getattr(self._kept, "relay", None)
        return kept is not None and kept.sock is not None and not _has_spoken(kept.sock)

    def _drop(self) -> None:
        relay: smtplib.SMTP | None = getattr(self._kept, "relay", None)
        self._kept.relay = None
        if relay is not None:
            relay.close()

    def _connect(self, timeout: int) -> smtplib.SMTP:
        """Return a relay that is who it says, over TLS, signed in."""
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
def _told_as_away(undo: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Tell everything that fails on the way as CourierAway, after undoing what it may have left."""
    try:
        yield
    except CourierAway:
        undo()  # some relays take only so many messages in one session
        raise
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        undo()
        # UnicodeError: smtplib's own, for a relay that answers in no ASCII; its text would quote it.
        raise CourierAway(f"The relay could not be used: {_kind(error)}.") from None


def _say_goodbye(relay: smtplib.SMTP) -> None:
    # What was taken is taken, whatever a relay says to it.
    with suppress(smtplib.SMTPException, OSError, UnicodeError):
        relay.quit()


def _has_spoken(connection: socket.socket) -> bool:
    """Tell whether a relay has hung up, or said something unasked such as 421, since the last message."""
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))


def _address(text: str, display: str = "") -> Address:
    match = _ADDRESS.fullmatch(text)
    if match is None or not text.isprintable():
        raise ValueError("not an address")
    # The local part may be of another script here: what a relay can't take is told of the one message.
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
