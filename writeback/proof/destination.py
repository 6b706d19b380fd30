"""Destinations of codes and notices: an address of one channel, and what differs between channels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from writeback.envelope.secret import Secret
from writeback.ports import Channel
from writeback.proof import mailbox
from writeback.state import StateKeys


class Addresses(Protocol):
    """What can be done with the addresses of one channel; one module of this package fulfils it for each."""

    def read(self, typed: str, /) -> str | None:
        """Return a typed address in the form in which it is kept, or None if nothing can be sent there."""
        ...

    def mask(self, address: str, /) -> str:
        """Return an address with most of it hidden, for people who must not learn it."""
        ...

    def box_of(self, address: str, /) -> str:
        """Return a text that is the same for all spellings of an address."""
        ...

    def make_up(self, seed: bytes, /) -> str:
        """Return the address of a decoy, made from 32 bytes; it reaches nobody."""
        ...


CHANNELS: Mapping[Channel, Addresses] = {Channel.MAIL: mailbox}


@dataclass(frozen=True, kw_only=True)
class Destination:
    """An address that something can be sent to.

    Args:
        channel: the channel to send by.
        address: the address, in the form in which the channel keeps it.
    """

    channel: Channel
    address: str = field(repr=False)

    @property
    def to(self) -> Secret:
        """The address as a note takes it."""
        return Secret(self.address)

    @property
    def hint(self) -> str:
        """The address, masked."""
        return CHANNELS[self.channel].mask(self.address)

    def digest(self, keys: StateKeys) -> bytes:
        """Return a keyed digest that is the same for all spellings of the address, and does not reveal it."""
        return keys.digest("box", CHANNELS[self.channel].box_of(self.address).encode())


def read_destination(channel: Channel, typed: str) -> Destination | None:
    """Return the destination of a typed address, or of the directory's; None if nothing can be sent there."""
    address = CHANNELS[channel].read(typed)
    return Destination(channel=channel, address=address) if address else None


def make_up_destination(channel: Channel, seed: bytes) -> Destination:
    """Return the destination of a decoy, made from 32 bytes."""
    return Destination(channel=channel, address=CHANNELS[channel].make_up(seed))


def hint_of(destination: Destination | None) -> str:
    """Return a destination, masked; empty for None."""
    return destination.hint if destination else ""
