"""A code by mail, to an address that a person can open without the work password."""

from functools import partial

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from portal.methods.page import MethodPage, read_digits
from writeback.envelope.methods import CODE_LENGTH, MethodKind

METHOD = MethodPage(
    kind=MethodKind.EMAIL,
    title=_("Mail"),
    text=_("A code to a mail address that you can open without your work password."),
    icon="email",
    minutes=2,
    numeric=True,
    sends=True,
    help=format_lazy(
        _("Type the {digits} digits from the mail. It can take a minute to arrive."),
        digits=CODE_LENGTH[MethodKind.EMAIL],
    ),
    read=partial(read_digits, kind=MethodKind.EMAIL),
)
