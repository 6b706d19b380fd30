"""Ways to get a text to a person, and the outbox in which texts wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from writeback.envelope.secret import Secret

NOTICE = "notice-"
"""Kinds that begin so tell of what was done; nobody sits and waits for them, as for a code."""
NOTICES_WAIT = 30.0
"""Seconds by which they may be later than what people sit and wait for."""


class Channel(StrEnum):
    """A way by which texts reach people; each has a courier and a form of address of its own."""

    MAIL = "mail"


@dataclass(frozen=True, kw_only=True)
class Message:
    """A text to be sent.

    Args:
        to: address in the form of its channel (a mail address).
        body: may hold a code, and so is not printed.
        kind: name of the text ("code", "notice-reset", …), for the audit.
    """

    to: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)
    kind: str


class Courier(Protocol):
    """A way to get a text to a person: CourierAway means not now, CourierRefused never."""

    channel: Channel

    def send(self, message: Message) -> None:
        """Hand the message over for good."""
        ...

    def rest(self) -> None:
        """Let go of what this thread keeps open: nothing is to be sent for now; never raises."""
        ...

    def is_up(self) -> bool:
        """Probe the provider; never raises."""
        ...


class CourierAway(Exception):  # noqa: N818  # a state of the world, not a fault of ours
    """The provider can't take the message now; it is kept and tried again."""


class CourierRefused(Exception):  # noqa: N818
    """The provider will never take this message."""


@dataclass(frozen=True, kw_only=True)
class Note:
    """A text to be sent later, from the outbox; it is rendered when it is sent.

    Args:
        kind: name of the text: "code-reset", "notice-reset", "notice-factor-added", …
        channel: by which it is sent.
        to: address in the form of the channel.
        locale: BCP 47 tag.
        parameters: what the text needs: code, minutes; or at (Unix time), account, method, hint; reference.
        life: seconds after which sending makes no sense any more.
    """

    kind: str
    channel: Channel
    to: Secret
    locale: str
    parameters: Mapping[str, str] = field(repr=False)
    life: int = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Queued:
    """A note on its way.

    Args:
        id: of the note in the outbox.
        note: what is to be sent.
        tries: how often that has failed.
        last: True if nothing was due besides what was taken with it.
    """

    id: int
    note: Note
    tries: int
    last: bool = False


class Outbox(Protocol):
    """Notes that wait to be sent. They are kept sealed, and were put there with what they tell of."""

    def take(self, *, most: int, lease: int, patience: float = 0) -> Sequence[Queued]:
        """Take notes that are due, in the order of their age; a notice counts as younger by NOTICES_WAIT.

        Args:
            most: how many at most.
            lease: seconds for which nobody else gets them.
            patience: seconds for which notices that are due are left where they are.
        """
        ...

    def forget(self, queued: Queued) -> None:
        """Forget a note that has been sent, or that its provider will never take."""
        ...

    def retry(self, queued: Queued, *, wait: int) -> None:
        """Keep a note that could not be sent, and try it again after `wait` seconds."""
        ...

    def count_waiting(self) -> int:
        """Return how many notes wait."""
        ...
