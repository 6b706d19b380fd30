"""Reserves tries at AD passwords before the directory is asked, so that nobody is locked out or sprayed."""

import os

from writeback.envelope.answers import Answer, Outcome, Wait
from writeback.ports import Owner, PasswordTry
from writeback.proof.context import RegisterContext
from writeback.state import Count, add, count_since, give_back, take, wait_for

OPEN_FOR = 60
"""Seconds for which a try counts as open if nobody ends it.

A bind or a change takes at most the directory's deadline (`LONGEST_CALL`). If a try stays open for longer,
its worker has died, and whatever it sent has reached AD by then.
"""


def reserve(context: RegisterContext, owner: Owner, *, typed: str) -> PasswordTry | Answer:
    """Reserve one try at the password of a person, or of a name that nobody has.

    All of this is one writing transaction, and the workers of a site run those one after another. So of two
    simultaneous tries the later one finds the earlier one open. AD's count of wrong passwords, which is read
    afterwards, contains every try that ended before.

    A wait that the browser sees depends on the typed name alone: two names of one person must not share a
    count that two made-up names don't share. A person who used up their tries under other names has none
    left, but the browser is not told (`is_spent`).
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
    """Record the result of a try.

    Args:
        context: the state.
        tried: the try that `reserve` returned.
        wrong: False takes back what was counted: the password was right, or AD never looked at it.
        ended: False leaves the try open until its time is over, since AD may still count it.
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
