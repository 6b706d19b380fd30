"""A mailbox as a factor."""

from writeback.envelope.methods import MethodKind
from writeback.ports import Channel
from writeback.proof.sent_codes import SentCode


class Email(SentCode):
    """A mailbox that receives codes."""

    method = MethodKind.EMAIL
    channel: Channel | None = Channel.MAIL
