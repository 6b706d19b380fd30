"""The contract of a method: its words, and how its codes look. Checking a code is the worker's."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from writeback.envelope.methods import CODE_LENGTH, MethodKind
from writeback.envelope.secret import Secret
from writeback.envelope.typed_codes import clean, has_right_characters

Words = str | Promise


class BadCodeError(ValueError):
    """What was typed can't be a code of this method; the text is the sentence for the person."""


@dataclass(frozen=True, kw_only=True)
class MethodPage:
    """One kind of proof.

    Args:
        kind: its name in jobs and answers.
        title, text: what it is called, and one sentence that says what it is.
        icon: name of an icon in static/img/icons.
        minutes: about how long it takes.
        numeric: True if codes are digits.
        sends: True if the worker sends a code somewhere.
        help: one sentence beside the field.
        wrong: the message, marked with gettext_noop, of a wrong code, where that is more than the usual one.
        read: turns what was typed into the code, or raises BadCodeError.
    """

    kind: MethodKind
    title: Words
    text: Words
    icon: str
    minutes: int
    numeric: bool
    sends: bool
    help: Words
    read: Callable[[str], Secret]
    wrong: str = ""

    @property
    def digits(self) -> int:
        """How many characters a code has."""
        return CODE_LENGTH[self.kind]

    @property
    def add_url(self) -> str:
        """Name of the address where it is set up."""
        return f"add-{self.kind.value.replace('_', '-')}"


def read_digits(typed: str, kind: MethodKind) -> Secret:
    """Return a code that is made of digits.

    Raises:
        BadCodeError: it is not made of the digits 0 to 9, or there are too few or too many.
    """
    code, count = clean(kind, typed), CODE_LENGTH[kind]
    if not code or not has_right_characters(kind, code):
        raise BadCodeError(_("A code has only the digits 0 to 9."))
    if len(code) != count:
        sentence = ngettext(
            "The code has %(count)d digits. You typed %(typed)d digit.",
            "The code has %(count)d digits. You typed %(typed)d digits.",
            len(code),
        )
        raise BadCodeError(sentence % {"count": count, "typed": len(code)})
    return Secret(code)
