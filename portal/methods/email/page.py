"""A code by mail, to an address that a person can open without the work password."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from portal.methods.page import MethodPage, read_digits
from writeback.envelope.methods import MethodKind

METHOD = MethodPage(
    kind=MethodKind.EMAIL,
    title=_("Mail"),
    text=_("A code to a mail address that you can open without your work password."),
    icon="email",
    minutes=2,
    numeric=True,
    sends=True,
    help=_("If you have set up mail here, a code is on its way to your mailbox. It can take a minute."),
    sent_again=_("If you've set up mail, a new one is on its way. Only the newest one works."),
    resume=_("Type its code"),
    read=partial(read_digits, kind=MethodKind.EMAIL),
)
