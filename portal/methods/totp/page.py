"""An authenticator app (TOTP, RFC 6238)."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from portal.methods.page import MethodPage, digits
from writeback.envelope.methods import MethodKind

METHOD = MethodPage(
    kind=MethodKind.TOTP,
    title=_("Authenticator app"),
    text=_("A code from an app on your phone. It works without a network."),
    icon="totp",
    minutes=1,
    digits=6,
    numeric=True,
    sends=False,
    help=_("Open the app and type the 6 digits that it shows for your work account."),
    read=partial(digits, count=6),
    wrong=_("That code isn't right, or has been used before. Check the digits, or wait for the next code."),
)
