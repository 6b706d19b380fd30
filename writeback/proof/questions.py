"""Questions of administrators through the portal: counted, since a captured portal can ask them too."""

import os

from writeback.proof.desk import Desk
from writeback.state import Count, add, room_for, wait_for


def take_questions(desk: Desk, many: int) -> int:
    """Count so many questions, or none.

    Args:
        desk: the state and its limits.
        many: how many groups or people are asked about.

    Returns:
        0 if they were counted, else the seconds to wait.
    """
    count = Count(subject="question", rates=desk.ceiling.limits.questions)
    now, ticket = desk.now(), os.urandom(16)
    with desk.state.writing() as tx:
        if room_for(tx, count, now=now) < many:
            return wait_for(tx, [count], now=now) or max(rate.seconds for rate in count.rates)
        for _ in range(many):
            add(tx, count.subject, at=now, ticket=ticket)
    return 0
