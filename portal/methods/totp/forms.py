"""The first code of a new authenticator app, with the seed that the page showed."""

from django import forms

from portal.methods.forms import CodeForm
from portal.methods.totp.qr import label
from writeback.envelope.answers import FactorPending
from writeback.envelope.secret import Secret


class FirstCodeForm(CodeForm):
    """The page sends back what it showed, so that a mistyped code doesn't cost the QR code.

    The seed is only shown again to the browser that sent it; nothing is ever taken from it.
    """

    factor = forms.RegexField("^[0-9a-f]{32}$", widget=forms.HiddenInput)
    secret = forms.RegexField("^[A-Z2-7]{16,64}$", widget=forms.HiddenInput, required=False)
    account = forms.CharField(widget=forms.HiddenInput, required=False)

    @staticmethod
    def shown(pending: FactorPending) -> dict[str, str]:
        """Return what the page is to send back."""
        seed = pending.secrets[0].reveal()
        return {"factor": pending.factor.hex(), "secret": seed, "account": label(pending.account)}

    def shown_secret(self) -> Secret:
        """Return the seed as the page sent it back; empty if that is not one."""
        return Secret(self.cleaned_data.get("secret", ""))

    def shown_account(self) -> str:
        """Return the name beside it, as short as the page showed it."""
        return label(self.cleaned_data.get("account", ""))
