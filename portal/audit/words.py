"""The audit's words for answers that a worker gives alike to everybody.

Before proof a worker answers alike about everybody. Its "wrong password" may be the right password of an
account that is not served, and its "done" may be a code that was never sent. These words claim no more than
the portal knows, so that nobody who helps a caller is misled. The worker's own audit has the truth.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib.admin import AllValuesFieldListFilter

from writeback.envelope.answers import Answer, Outcome

_NEUTRAL: Mapping[str, str] = {
    Outcome.WRONG_PASSWORD: "not-accepted",
    Outcome.WRONG_CODE: "not-accepted",
    Outcome.FACTOR_GONE: "not-accepted",
    Outcome.CODE_EXPIRED: "not-accepted",
}
ASKED = "asked"
"""For a code: the worker was asked to send one. Before proof, it tells nobody whether it did."""


def outcome_word(answer: Answer | None) -> str:
    """Return the word for an answer about somebody who has proven who they are: it is true as it stands."""
    return answer.outcome.value if answer else "no-answer"


def neutral_word(answer: Answer | None, *, done: str = Outcome.DONE.value) -> str:
    """Return the word for an answer that a stranger may have got: it claims nothing about the person.

    Args:
        answer: the worker's answer; None if none came in time.
        done: the word for DONE here.
    """
    return done if answer and answer.outcome is Outcome.DONE else neutralize(outcome_word(answer))


def neutralize(outcome: str) -> str:
    """Return the neutral word for an outcome's value; most stay as they are."""
    return _NEUTRAL.get(outcome, outcome)


class OutcomeFilter(AllValuesFieldListFilter):
    """A list filter by outcome, in these words."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield {**choice, "display": neutralize(str(choice["display"]))}
