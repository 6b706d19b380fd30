"""The page's "I've saved these codes"."""

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.methods.forms import ButtonForm
from writeback.envelope.answers import FactorPending


class SavedForm(ButtonForm):
    """Codes count from the moment somebody says that they are saved.

    The page sends back what it showed, so that a forgotten tick doesn't cost the codes; nothing is taken
    from them.
    """

    factor = forms.RegexField("^[0-9a-f]{32}$", widget=forms.HiddenInput)
    codes = forms.RegexField("^[A-Z2-7 -]{0,400}$", widget=forms.HiddenInput, required=False)
    saved = forms.BooleanField(
        label=_("I've saved these codes"),
        error_messages={"required": _("Save the codes first, then tick this.")},
    )

    @staticmethod
    def shown(pending: FactorPending) -> dict[str, str]:
        """Return what the page is to send back."""
        return {"factor": pending.factor.hex(), "codes": " ".join(code.reveal() for code in pending.secrets)}

    def codes_again(self) -> list[str]:
        """Return the codes, for the browser that has just been shown them."""
        kept = self.cleaned_data.get("codes", "") if self.is_bound else self.initial.get("codes", "")
        return str(kept).split()
