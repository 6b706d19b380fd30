"""Codes on paper, each good once."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portal.methods.page import BadCodeError, MethodPage, without_gaps
from writeback.envelope.methods import CODE_LENGTH, MethodKind
from writeback.envelope.secret import Secret

ALPHABET = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
LENGTH = CODE_LENGTH[MethodKind.BACKUP_CODES]
# Digits that base32 doesn't have are the letters that look like them.
LOOKS = str.maketrans("018", "OIB")


def read(typed: str) -> Secret:
    """Return a backup code in the form that the worker knows.

    Raises:
        BadCodeError: it holds other characters, or too few or too many.
    """
    code = without_gaps(typed).upper().translate(LOOKS)
    if not set(code) <= ALPHABET:
        raise BadCodeError(_("A backup code has only letters and the digits 2 to 7."))
    if len(code) != LENGTH:
        sentence = ngettext(
            "A backup code has %(count)d characters. You typed %(typed)d character.",
            "A backup code has %(count)d characters. You typed %(typed)d characters.",
            len(code),
        )
        raise BadCodeError(sentence % {"count": LENGTH, "typed": len(code)})
    return Secret(code)


METHOD = MethodPage(
    kind=MethodKind.BACKUP_CODES,
    title=_("Backup codes"),
    text=_("Codes to print or save. Each of them works once."),
    icon="backup_codes",
    minutes=1,
    numeric=False,
    sends=False,
    help=_("Type one of your codes that you haven't used yet."),
    read=read,
    wrong=_("That code has been used or isn't right. Check it, or take another one."),
)
