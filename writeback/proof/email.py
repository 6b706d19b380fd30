"""A mailbox as a way to prove it."""

from writeback.envelope.methods import MethodKind
from writeback.ports import Channel
from writeback.proof.sent_codes import SentCode


class Email(SentCode):
    """A mailbox."""

    method = MethodKind.EMAIL
    channel: Channel | None = Channel.MAIL
