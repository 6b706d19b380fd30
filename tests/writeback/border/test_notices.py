"""A live worker sends codes at once, and notices when nobody waits for an answer."""

import time

from deploy.dev.processes import wait_until
from tests.writeback.border.live import LiveWorker
from writeback.assembly import open_context
from writeback.clock import SystemClock
from writeback.config import load
from writeback.envelope.secret import Secret
from writeback.ports import Channel, Note
from writeback.state import put


def queue(worker: LiveWorker, *kinds: str) -> None:
    context = open_context(load(worker.configuration), worker.vault, SystemClock())
    notes = [
        Note(
            kind=kind,
            channel=Channel.MAIL,
            to=Secret("alice@example.com"),
            locale="en",
            parameters=PARAMETERS,
        )
        for kind in kinds
    ]
    with context.state.writing() as tx:
        put(tx, context.keys, notes, now=time.time())
    context.state.close()


PARAMETERS = {"code": "12345678", "minutes": "5", "at": "1700000000", "account": "alice", "reference": "A-B"}


def tried(worker: LiveWorker) -> set[str]:
    """Return the kinds of mail that it has tried to send: its relay is away, and the audit tells of it."""
    return {str(facts["kind"]) for facts in worker.events("mail.away")}


def test_a_notice_waits_while_a_job_is_in_hand_and_a_code_does_not(worker: LiveWorker) -> None:
    slow = worker.home / "slow"
    slow.touch()
    held = worker.seal()
    worker.send(held)
    worker.wait_drained()
    queue(worker, "notice-reset", "code-reset")
    assert wait_until(lambda: tried(worker) == {"code-reset"}, seconds=5)
    time.sleep(1.5)  # longer than the time from look to look
    assert tried(worker) == {"code-reset"}
    slow.unlink()
    assert worker.answer(held) is not None
    assert wait_until(lambda: tried(worker) == {"code-reset", "notice-reset"}, seconds=5)
