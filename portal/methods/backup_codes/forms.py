"""The page's "I've saved these codes", and the codes as a file."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.methods.forms import ButtonForm
from writeback.envelope.answers import FactorPending


class ShownForm(ButtonForm):
    """What the page was shown once, sent back by it, so that the portal need not keep it.

    It is only shown again to the browser that sent it; nothing is ever taken from it.
    """

    factor = forms.RegexField("^[0-9a-f]{32}$", widget=forms.HiddenInput)
    codes = forms.RegexField("^[A-Z2-7 -]{0,400}$", widget=forms.HiddenInput, required=False)
    account = forms.CharField(max_length=1024, widget=forms.HiddenInput, required=False)

    @staticmethod
    def shown(pending: FactorPending) -> dict[str, str]:
        """Return what the page is to send back."""
        codes = " ".join(code.reveal() for code in pending.secrets)
        return {"factor": pending.factor.hex(), "codes": codes, "account": pending.account}

    def codes_again(self) -> list[str]:
        """Return the codes, for the browser that has just been shown them."""
        return self._read_field("codes").split()

    def account_again(self) -> str:
        """Return whose they are, on one line."""
        return " ".join(self._read_field("account").split())

    def _read_field(self, name: str) -> str:
        return str(self.cleaned_data.get(name, "") if self.is_bound else self.initial.get(name, ""))


class SavedForm(ShownForm):
    """Codes count from the moment somebody says that they are saved; a forgotten tick doesn't cost them."""

    saved = forms.BooleanField(
        label=_("I've saved these codes"),
        error_messages={"required": _("Save the codes first, then tick this.")},
    )
