"""An authenticator app (TOTP, RFC 6238)."""

from functools import partial

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from portal.methods.page import MethodPage, read_digits
from writeback.envelope.methods import CODE_LENGTH, MethodKind

METHOD = MethodPage(
    kind=MethodKind.TOTP,
    title=_("Authenticator app"),
    text=_("A code from an app on your phone. It works without a network."),
    icon="totp",
    minutes=1,
    numeric=True,
    sends=False,
    help=format_lazy(
        _("Open the app and type the {digits} digits that it shows for your work account."),
        digits=CODE_LENGTH[MethodKind.TOTP],
    ),
    resume=_("Set it up again"),
    read=partial(read_digits, kind=MethodKind.TOTP),
    wrong=gettext_noop(
        "That code isn't right, or has been used before. Check the digits, or wait for the next code."
    ),
)
