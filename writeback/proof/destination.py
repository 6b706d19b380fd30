"""Where codes and notices go: an address of one channel, and what differs between channels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from writeback.envelope.secret import Secret
from writeback.ports import Channel
from writeback.proof import mailbox
from writeback.state import StateKeys


class Addresses(Protocol):
    """What a channel knows of its addresses; a module of this package for each."""

    def read(self, typed: str, /) -> str | None:
        """Return a typed address in the form in which it is kept, or None if it can't be sent to."""
        ...

    def mask(self, address: str, /) -> str:
        """Return an address as it is shown to somebody who may not know it."""
        ...

    def box_of(self, address: str, /) -> str:
        """Return what all spellings of one address have in common."""
        ...

    def make_up(self, seed: bytes, /) -> str:
        """Return the address of a decoy, from 32 bytes; nothing that is sent there arrives."""
        ...


CHANNELS: Mapping[Channel, Addresses] = {Channel.MAIL: mailbox}


@dataclass(frozen=True, kw_only=True)
class Destination:
    """An address that can be sent to.

    Args:
        channel: by which it is sent.
        address: in the form in which the channel keeps it.
    """

    channel: Channel
    address: str = field(repr=False)

    @property
    def to(self) -> Secret:
        """The address, for a note."""
        return Secret(self.address)

    @property
    def hint(self) -> str:
        """The address, masked."""
        return CHANNELS[self.channel].mask(self.address)

    def digest(self, keys: StateKeys) -> bytes:
        """Return what says that two addresses are one and the same, without saying which."""
        return keys.digest("box", CHANNELS[self.channel].box_of(self.address).encode())


def read_destination(channel: Channel, typed: str) -> Destination | None:
    """Return the destination that somebody typed or the directory holds; None if it can't be sent to."""
    address = CHANNELS[channel].read(typed)
    return Destination(channel=channel, address=address) if address else None


def make_up_destination(channel: Channel, seed: bytes) -> Destination:
    """Return the destination of a decoy, from 32 bytes."""
    return Destination(channel=channel, address=CHANNELS[channel].make_up(seed))


def hint_of(destination: Destination | None) -> str:
    """Return a destination, masked; empty where there is none."""
    return destination.hint if destination else ""
