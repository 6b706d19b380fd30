"""Words of the audit for what the portal knows only as a stranger was told it.

Before proof a worker answers alike about everybody. Its "wrong password" may be the right one of an account
that is not served, and its "done" a code that was never sent. Whoever reads the audit to help a caller must
not be misled: such answers get words that say no more than they mean. The worker's own audit has the truth.
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
"""Of a code: the worker was asked to send one. Whether one was sent, it tells nobody before proof."""


def said(answer: Answer | None) -> str:
    """Return an answer about somebody who has proved who they are: it is true as it stands."""
    return answer.outcome.value if answer else "no-answer"


def as_told(answer: Answer | None, *, done: str = Outcome.DONE.value) -> str:
    """Return an answer that a stranger may have got, in a word that claims nothing about the person.

    Args:
        answer: the worker's; None where none came in time.
        done: what DONE means here.
    """
    return done if answer and answer.outcome is Outcome.DONE else neutral(said(answer))


def neutral(outcome: str) -> str:
    """Return the word for an outcome's value; most mean what they say."""
    return _NEUTRAL.get(outcome, outcome)


class ToldFilter(AllValuesFieldListFilter):
    """A filter of a list by outcome, in these words."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield {**choice, "display": neutral(str(choice["display"]))}
