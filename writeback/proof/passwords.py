"""Wrong AD passwords, counted before the directory is asked: nobody is locked out or sprayed through us."""

import os

from writeback.envelope.answers import Answer, Outcome, Wait
from writeback.proof.desk import Desk
from writeback.state import Count, give_back, take, wait_for


def reserve(desk: Desk, directory: str, guid: bytes) -> bytes | Answer:
    """Count one wrong password of a person (or of a name that nobody has) and of the site."""
    limits, now = desk.ceiling.limits, desk.now()
    site = Count(subject="password", rates=limits.failed_signins, locks=True)
    person = Count(subject=f"password:{directory}:{guid.hex()}", rates=limits.signins_per_user)
    ticket = os.urandom(16)
    with desk.state.writing() as tx:
        wait = wait_for(tx, [site], now=now)
        if wait:
            return Answer(outcome=Outcome.SIGN_IN_CLOSED, facts=Wait(seconds=wait))
        wait = take(tx, [person, site], now=now, ticket=ticket)
    return Answer(outcome=Outcome.TOO_MANY_TRIES, facts=Wait(seconds=wait)) if wait else ticket


def forgive(desk: Desk, ticket: bytes) -> None:
    """Take back what was counted: the password was right, or was never looked at."""
    with desk.state.writing() as tx:
        give_back(tx, ticket)
