"""The form for the first code of a new authenticator app; it also holds the seed that the page showed."""

from django import forms

from portal.methods.forms import CodeForm
from portal.methods.totp.qr import label
from writeback.envelope.answers import FactorPending
from writeback.envelope.secret import Secret


class FirstCodeForm(CodeForm):
    """The first code, and the seed sent back by the page: after a mistyped code, the QR code is shown again.

    The seed is only shown again to the browser that sent it, and used for nothing else.
    """

    factor = forms.RegexField("^[0-9a-f]{32}$", widget=forms.HiddenInput)
    secret = forms.RegexField("^[A-Z2-7]{16,64}$", widget=forms.HiddenInput, required=False)
    account = forms.CharField(widget=forms.HiddenInput, required=False)

    @staticmethod
    def make_initial(pending: FactorPending) -> dict[str, str]:
        """Return the fields that the page will send back."""
        seed = pending.secrets[0].reveal()
        return {"factor": pending.factor.hex(), "secret": seed, "account": label(pending.account)}

    def read_secret(self) -> Secret:
        """Return the seed that the page sent back; empty if it is not a seed."""
        return Secret(self.cleaned_data.get("secret", ""))

    def read_account(self) -> str:
        """Return the account name that the page sent back, as short as it was shown."""
        return label(self.cleaned_data.get("account", ""))
