"""Couriers, which hand texts over to people, and the outbox in which texts wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from writeback.envelope.secret import Secret

NOTICE = "notice-"
"""Prefix of the kinds of texts that are notices; nobody sits and waits for a notice, as for a code."""
NOTICES_WAIT = 30.0
"""Seconds by which a notice may be sent later than a code of the same age."""


class Channel(StrEnum):
    """A means by which texts reach people; each has its own courier and form of address."""

    MAIL = "mail"


@dataclass(frozen=True, kw_only=True)
class Message:
    """A text to be sent.

    Args:
        to: address in the form of the channel (a mail address).
        body: the text; it may hold a code, so `repr` hides it.
        kind: name of the text ("code", "notice-reset", …), for the audit.
    """

    to: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)
    kind: str


class Courier(Protocol):
    """Hands texts of one channel over to its provider."""

    channel: Channel

    def send(self, message: Message) -> None:
        """Hand the message over to the provider, who is then responsible for it.

        Raises:
            CourierAway: the provider can't take it now.
            CourierRefused: the provider will never take it.
        """
        ...

    def rest(self) -> None:
        """Close what this thread keeps open, because nothing is to be sent for now; never raises."""
        ...

    def is_up(self) -> bool:
        """Probe the provider, and tell whether it works; never raises."""
        ...


class CourierAway(Exception):  # noqa: N818  # a state of the world, not a fault of ours
    """The provider can't take the message now; the message is kept and tried again."""


class CourierRefused(Exception):  # noqa: N818
    """The provider will never take this message."""


@dataclass(frozen=True, kw_only=True)
class Note:
    """A text to be sent later, from the outbox; it is rendered when it is sent.

    Args:
        kind: name of the text: "code-reset", "notice-reset", "notice-factor-added", …
        channel: the channel to send by.
        to: address in the form of the channel.
        locale: BCP 47 tag of the text's language.
        parameters: values for the text: code, minutes; or at (Unix time), account, method, hint; reference.
        life: seconds after which it is useless to send it.
    """

    kind: str
    channel: Channel
    to: Secret
    locale: str
    parameters: Mapping[str, str] = field(repr=False)
    life: int = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Queued:
    """A note that was taken from the outbox to be sent.

    Args:
        id: id of the note in the outbox.
        note: the note.
        tries: how often sending it has failed.
        last: True if no note that was due stayed in the outbox when this one was taken.
    """

    id: int
    note: Note
    tries: int
    last: bool = False


class Outbox(Protocol):
    """The notes that wait to be sent.

    They are kept sealed. A note is put there in the transaction that does what the note is about.
    """

    def take(self, *, most: int, lease: int, patience: float = 0) -> Sequence[Queued]:
        """Take notes that are due, oldest first; a notice counts as NOTICES_WAIT seconds younger than it is.

        Args:
            most: how many at most.
            lease: seconds for which nobody else gets them.
            patience: seconds for which a notice that is due stays in the outbox.
        """
        ...

    def forget(self, queued: Queued) -> None:
        """Forget a note that was sent, or that its provider will never take."""
        ...

    def retry(self, queued: Queued, *, wait: int) -> None:
        """Keep a note that could not be sent, and try it again after `wait` seconds."""
        ...

    def count_waiting(self) -> int:
        """Return how many notes wait."""
        ...
