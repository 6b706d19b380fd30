"""Mail, handed to the organisation's relay."""

import re
import smtplib
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime, make_msgid, parseaddr

from writeback.config import MailConfig
from writeback.ports import CourierAway, CourierRefused, Message

# What a mail address may be made of here: nothing that could end a header or begin a second address.
_ADDRESS = re.compile(r"(?P<local>[^\s@<>(),;:\\\"\[\]]{1,64})@(?P<domain>[^\s@<>(),;:\\\"\[\]]{1,253})")
_PROBE_TIMEOUT = 3
_PROBE_KEPT = 25


class MailCourier:
    """The port Courier over SMTP. Of a failure only the code is told: its text may hold an address."""

    name = "mail"

    def __init__(self, config: MailConfig) -> None:
        self._config = config
        display, address = parseaddr(config.sender)
        self._sender, self._domain = str(_address(address, display)), address.rpartition("@")[2]
        self._tls = ssl.create_default_context(cafile=config.ca_file)
        self._probe_lock = threading.Lock()
        self._probed, self._was_up = -float(_PROBE_KEPT), False

    def send(self, message: Message) -> None:
        """Hand the message over for good.

        Raises:
            CourierAway: not now; it is worth trying again.
            CourierRefused: this message will never be taken.
        """
        mail = self.compose(message)
        with self._connected(self._config.timeout) as relay:
            try:
                relay.send_message(mail)
            except smtplib.SMTPRecipientsRefused as error:
                codes = [code for code, _ in error.recipients.values()]
                raise _failure("recipient", min(codes, default=500)) from None
            except smtplib.SMTPDataError as error:
                raise _failure("message", error.smtp_code) from None
            except smtplib.SMTPNotSupportedError:
                raise CourierRefused("The relay can't write to such an address.") from None

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

    def probe(self) -> None:
        """Connect, encrypt and sign in, and send nothing.

        Raises:
            CourierAway: what stands in the way.
        """
        with self._connected(min(_PROBE_TIMEOUT, self._config.timeout)) as relay:
            relay.noop()

    def compose(self, message: Message) -> EmailMessage:
        """Return the mail with its headers.

        Raises:
            CourierRefused: the address or the subject can't stand in a header.
        """
        mail = EmailMessage(policy=SMTP)
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

    @contextmanager
    def _connected(self, timeout: int) -> Iterator[smtplib.SMTP]:
        """A relay that is who it says, over TLS, signed in; everything that fails is CourierAway."""
        config = self._config
        try:
            with closing(self._dial(timeout)) as relay:
                if config.security == "starttls":
                    relay.starttls(context=self._tls)
                if config.username and config.password is not None:
                    relay.login(config.username, config.password.reveal())
                yield relay
                # What was taken is taken, whatever a relay says to a goodbye.
                with suppress(smtplib.SMTPException):
                    relay.quit()
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            # UnicodeError: smtplib's own, for a relay that answers in no ASCII; its text would quote it.
            raise CourierAway(f"The relay could not be used: {_kind(error)}.") from None

    def _dial(self, timeout: int) -> smtplib.SMTP:
        config, here = self._config, self._domain
        if config.security == "tls":
            return smtplib.SMTP_SSL(config.host, config.port, here, timeout=timeout, context=self._tls)
        return smtplib.SMTP(config.host, config.port, here, timeout=timeout)


def _address(text: str, display: str = "") -> Address:
    match = _ADDRESS.fullmatch(text)
    if match is None or not text.isprintable():
        raise ValueError("not an address")
    domain = match["domain"].encode("idna").decode("ascii")  # UnicodeError is a ValueError
    return Address(display_name=display, username=match["local"], domain=domain)


def _failure(what: str, code: int) -> CourierAway | CourierRefused:
    sentence = f"The relay refused the {what} with {code}."
    return CourierRefused(sentence) if code >= 500 else CourierAway(sentence)


def _kind(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__} {error.smtp_code}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate does not hold, {error.verify_message}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
