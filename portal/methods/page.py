"""What the portal must know of a method: its words, and how its codes look. The worker checks codes."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from writeback.envelope.methods import CODE_LENGTH, MethodKind
from writeback.envelope.secret import Secret
from writeback.envelope.typed_codes import clean, has_right_characters

Words = str | Promise


class BadCodeError(ValueError):
    """The typed text can't be a code of this method; the exception's text is for the person."""


@dataclass(frozen=True, kw_only=True)
class MethodPage:
    """One method.

    Args:
        kind: its name in jobs and answers.
        title: its name on pages.
        text: one sentence that says what it is.
        icon: name of an icon in static/img/icons.
        minutes: about how long it takes.
        numeric: True if its codes are digits.
        sends: True if the worker sends the code somewhere.
        help: one sentence beside the field; it must make sense to somebody who did not set this up.
        sent_again: the same after a new code was asked for; empty for a method that sends none.
        resume: text of the link that leads to confirming a pending one.
        wrong: the message for a wrong code, marked with gettext_noop; empty for the usual one.
        read: turns the typed text into the code, or raises BadCodeError.
    """

    kind: MethodKind
    title: Words
    text: Words
    icon: str
    minutes: int
    numeric: bool
    sends: bool
    help: Words
    resume: Words
    read: Callable[[str], Secret]
    sent_again: Words = ""
    wrong: str = ""

    @property
    def digits(self) -> int:
        """How many characters a code has."""
        return CODE_LENGTH[self.kind]

    @property
    def add_url(self) -> str:
        """Name of the address at which the method is set up."""
        return f"add-{self._slug}"

    def url_to_resume(self, factor_id: str) -> str:
        """Return the address at which a pending factor is confirmed by its code, or set up anew."""
        return reverse(f"confirm-{self._slug}", args=[factor_id]) if self.sends else reverse(self.add_url)

    @property
    def _slug(self) -> str:
        return self.kind.value.replace("_", "-")


def read_digits(typed: str, kind: MethodKind) -> Secret:
    """Return a typed code of digits.

    Raises:
        BadCodeError: there are other characters than the digits 0 to 9, or too few or too many of them.
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
