"""A code by mail to an address outside the locked mailbox."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from portal.methods.page import MethodPage, digits
from writeback.envelope.methods import MethodKind

METHOD = MethodPage(
    kind=MethodKind.EMAIL,
    title=_("Mail"),
    text=_("A code to a mail address that you can open without your work password."),
    icon="email",
    minutes=2,
    digits=8,
    numeric=True,
    sends=True,
    help=_("Type the 8 digits from the mail. It can take a minute to arrive."),
    read=partial(digits, count=8),
)
