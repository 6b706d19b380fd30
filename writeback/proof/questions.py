"""Counts the questions of administrators, since a captured portal can ask them too."""

import os

from writeback.proof.context import RegisterContext
from writeback.state import Count, add, room_for, wait_for


def take_questions(context: RegisterContext, many: int) -> int:
    """Count this many questions if the limit allows all of them, else count none.

    Args:
        context: the state and its limits.
        many: how many groups and people are asked about.

    Returns:
        0 if they were counted, else the seconds to wait.
    """
    count = Count(subject="question", rates=context.ceiling.limits.questions)
    now, ticket = context.now(), os.urandom(16)
    with context.state.writing() as tx:
        if room_for(tx, count, now=now) < many:
            return wait_for(tx, [count], now=now) or max(rate.seconds for rate in count.rates)
        for _ in range(many):
            add(tx, count.subject, at=now, ticket=ticket)
    return 0
