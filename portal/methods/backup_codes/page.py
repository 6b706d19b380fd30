"""Codes on paper, each of which works once."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, ngettext

from portal.methods.page import BadCodeError, MethodPage
from writeback.envelope.methods import CODE_LENGTH, MethodKind
from writeback.envelope.secret import Secret
from writeback.envelope.typed_codes import clean, has_right_characters

KIND = MethodKind.BACKUP_CODES


def read(typed: str) -> Secret:
    """Return a typed backup code in the worker's form.

    Raises:
        BadCodeError: there are other characters than those of a code, or too few or too many of them.
    """
    code, count = clean(KIND, typed), CODE_LENGTH[KIND]
    if not has_right_characters(KIND, code):
        raise BadCodeError(_("A backup code has only letters and the digits 2 to 7."))
    if len(code) != count:
        sentence = ngettext(
            "A backup code has %(count)d characters. You typed %(typed)d character.",
            "A backup code has %(count)d characters. You typed %(typed)d characters.",
            len(code),
        )
        raise BadCodeError(sentence % {"count": count, "typed": len(code)})
    return Secret(code)


METHOD = MethodPage(
    kind=KIND,
    title=_("Backup codes"),
    text=_("Codes to print or save. Each of them works once."),
    icon="backup_codes",
    minutes=1,
    numeric=False,
    sends=False,
    help=_("Type one of your codes that you haven't used yet."),
    resume=_("Make new codes"),
    read=read,
    wrong=gettext_noop("That code has been used or isn't right. Check it, or take another one."),
)
