"""The forms with which the page of new codes sends the codes back: to save them as a file, or to confirm."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.methods.forms import ButtonForm
from writeback.envelope.answers import FactorPending


class ShownForm(ButtonForm):
    """The new codes, sent back by the page that showed them, so that the portal need not keep them.

    They are only shown again to the browser that sent them, and used for nothing else.
    """

    factor = forms.RegexField("^[0-9a-f]{32}$", widget=forms.HiddenInput)
    codes = forms.RegexField("^[A-Z2-7 -]{0,400}$", widget=forms.HiddenInput, required=False)
    account = forms.CharField(max_length=1024, widget=forms.HiddenInput, required=False)

    @staticmethod
    def make_initial(pending: FactorPending) -> dict[str, str]:
        """Return the fields that the page will send back."""
        codes = " ".join(code.reveal() for code in pending.secrets)
        return {"factor": pending.factor.hex(), "codes": codes, "account": pending.account}

    def read_codes(self) -> list[str]:
        """Return the codes, to be shown again to the browser that sent them."""
        return self._read_field("codes").split()

    def read_account(self) -> str:
        """Return the account that the codes are for, on one line."""
        return " ".join(self._read_field("account").split())

    def _read_field(self, name: str) -> str:
        return str(self.cleaned_data.get(name, "") if self.is_bound else self.initial.get(name, ""))


class SavedForm(ShownForm):
    """The tick with which new codes become valid; if it was forgotten, the codes are shown again."""

    saved = forms.BooleanField(
        label=_("I've saved these codes"),
        error_messages={"required": _("Save the codes first, then tick this.")},
    )
