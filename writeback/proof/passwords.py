"""Tries at AD passwords, reserved before the directory is asked: nobody is locked out or sprayed."""

import os

from writeback.envelope.answers import Answer, Outcome, Wait
from writeback.ports import Owner, PasswordTry
from writeback.proof.context import RegisterContext
from writeback.state import Count, add, count_since, give_back, take, wait_for

OPEN_FOR = 60
"""Seconds for which a try that nobody has ended counts as open.

A bind and a change take at most the directory's own deadline (`LONGEST_CALL`). The worker of a try that is
older has died, and what it sent has reached AD by then.
"""


def reserve(context: RegisterContext, owner: Owner, *, typed: str) -> PasswordTry | Answer:
    """Reserve one try at the password of a person (or of a name that nobody has).

    Everything happens in one writing transaction, and all workers of the site take turns at those. So of two
    tries at the same time the later one finds the earlier one open, and AD's count of wrong passwords, which
    is read after this, shows every try that has ended before it.

    What is told is counted by the typed name alone, as two names of one person must share no more than those
    of nobody. A person who has had enough by other names has no try left, and nobody is told.
    """
    limits, now, ticket = context.ceiling.limits, context.now(), os.urandom(16)
    site = Count(subject="password", rates=limits.failed_signins)
    name = Count(subject=f"password-name:{owner.directory}:{typed}", rates=limits.signins_per_user)
    person = Count(subject=f"password:{owner.key}", rates=limits.signins_per_user)
    with context.state.writing() as tx:
        wait = wait_for(tx, [site], now=now)
        if wait:
            return Answer(outcome=Outcome.SIGN_IN_CLOSED, facts=Wait(seconds=wait))
        wait = take(tx, [name, site], now=now, ticket=ticket)
        if wait:
            return Answer(outcome=Outcome.TOO_MANY_TRIES, facts=Wait(seconds=wait))
        is_spent = take(tx, [person], now=now, ticket=ticket) > 0
        subject = _subject(owner)
        others = count_since(tx, subject, now - OPEN_FOR)
        add(tx, subject, at=now, ticket=ticket)
    return PasswordTry(
        owner=owner,
        typed=typed,
        ticket=ticket,
        open_before=others,
        life=OPEN_FOR,
        is_spent=is_spent,
    )


def settle(context: RegisterContext, tried: PasswordTry, *, wrong: bool, ended: bool) -> None:
    """Keep what came of a try.

    Args:
        context: the state.
        tried: what `reserve` returned.
        wrong: False takes back what was counted: the password was right, or was never looked at.
        ended: False leaves the try open until its time is over: AD may still count it.
    """
    subject = _subject(tried.owner)
    with context.state.writing() as tx:
        if ended:
            give_back(tx, tried.ticket, subject=subject)
        if not wrong:
            for counted in _list_subjects(tried):
                give_back(tx, tried.ticket, subject=counted)


def _subject(owner: Owner) -> str:
    return f"password-open:{owner.key}"


def _list_subjects(tried: PasswordTry) -> tuple[str, ...]:
    owner = tried.owner
    return "password", f"password-name:{owner.directory}:{tried.typed}", f"password:{owner.key}"
